"""The record of a training run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from galago.training.events import EpochEnd, Event, Handler, TrainBegin


class History:
    """What fit() returns.

    `history` maps each name ("loss", "val_accuracy") to its value after each epoch, `epoch` lists
    the epochs' numbers from 0, `params` holds the run's settings.
    """

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        self.params = dict(params or {})
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}

    def handlers(self) -> Mapping[type[Event], Handler]:
        """Record at the end of each epoch."""
        return {TrainBegin: self._begin, EpochEnd: self._record}

    def _begin(self, event: TrainBegin) -> None:
        self.params["steps"] = event.steps

    def _record(self, event: EpochEnd) -> None:
        self.epoch.append(event.epoch)
        for name, value in event.logs.items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = {name: round(values[-1], 4) for name, values in self.history.items()}
        return f"<History of {len(self.epoch)} epochs, last: {last}>"
