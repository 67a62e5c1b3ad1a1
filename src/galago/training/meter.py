"""Running means over an epoch, each batch weighted by its size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy.typing as npt

from galago.metrics import Metric
from galago.training.events import Logs


class Meter:
    """Sums loss and metrics; the first accuracy comes from the engine, the rest from NumPy."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self.from_engine = next((metric for metric in metrics if metric.engine), None)
        self.extras = [metric for metric in metrics if metric is not self.from_engine]
        #: "loss" and the metrics, in the order of compile().
        self.names = ["loss", *(metric.name for metric in metrics)]
        names = ["loss"]
        names += [self.from_engine.name] if self.from_engine else []
        names += [metric.name for metric in self.extras]
        self._places = sorted((name, place) for place, name in enumerate(names))
        self.start()

    def start(self) -> None:
        """Forget the epoch before."""
        self._sums = [0.0] * len(self._places)
        self._rows = 0

    def add(
        self,
        rows: int,
        result: Sequence[float],
        labels: npt.NDArray[Any],
        outputs: Callable[[], npt.NDArray[Any]],
    ) -> None:
        """Add a batch: its size, the engine's (loss, accuracy), its labels and its outputs."""
        sums = self._sums
        self._rows += rows
        sums[0] += result[0] * rows
        if self.from_engine is not None:
            sums[1] += result[1] * rows
        if self.extras:
            first = len(sums) - len(self.extras)
            values = outputs()
            for place, metric in enumerate(self.extras, first):
                sums[place] += metric.mean(labels, values) * rows

    def get_state(self) -> dict[str, Any]:
        """Return the sums so far, for a checkpoint."""
        return {"rows": self._rows, "sums": list(self._sums)}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take over what get_state() returned. Raises ValueError for that of other metrics."""
        sums = [float(value) for value in state["sums"]]
        if len(sums) != len(self._places):
            raise ValueError(f"expected {len(self._places)} sums, received {len(sums)}")
        self._rows, self._sums = int(state["rows"]), sums

    def logs(self) -> Logs:
        """Return the means so far, sorted by name as in Keras."""
        rows = self._rows
        return {name: self._sums[place] / rows for name, place in self._places}
