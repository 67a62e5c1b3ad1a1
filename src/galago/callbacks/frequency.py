"""How often a callback saves: after each epoch, or every so many batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from galago.checks import whole
from galago.errors import ArgumentError


def save_frequency(value: Any, owner: str) -> str | int:
    """Return "epoch" or a number of batches, or raise ArgumentError.

    >>> save_frequency("epoch", "ModelCheckpoint"), save_frequency(100, "ModelCheckpoint")
    ('epoch', 100)
    """
    if value == "epoch":
        return "epoch"
    if isinstance(value, str):
        raise ArgumentError(
            f"{owner}: save_freq must be 'epoch' or a number of batches, received {value!r}. Pass "
            "one of them."
        )
    return whole(value, "save_freq", owner)


class BatchCount:
    """Counts batches over the ends of epochs, as Keras does, and says when it is time."""

    def __init__(self, frequency: str | int) -> None:
        self._frequency = frequency
        self._seen = 0
        self._last: int | None = None

    def due(self, batch: int) -> bool:
        """Count up to this batch of the epoch; tell whether it is time, and start again then."""
        if self._frequency == "epoch":
            return False
        new_epoch = self._last is None or batch <= self._last
        self._seen += batch + 1 if new_epoch or self._last is None else batch - self._last
        self._last = batch
        if self._seen < int(self._frequency):
            return False
        self._seen = 0
        return True

    def get_state(self) -> dict[str, Any]:
        """Return what was counted."""
        return {"seen": self._seen, "last": self._last}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take over what get_state() returned."""
        self._seen, self._last = state["seen"], state["last"]
