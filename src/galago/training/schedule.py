"""Which epochs a fit() runs, and which of them it validates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from galago.checks import whole


@dataclass(frozen=True, slots=True)
class Schedule:
    """Epochs first_epoch to epochs - 1, and the way through them."""

    first_epoch: int
    epochs: int
    #: Validate after each so many epochs, or after these, which count from 1 here.
    validation_freq: int | Collection[int]
    #: Whether somebody may steer between two steps. If not, the engine gets several at a time.
    live: bool

    def validates(self, epoch: int) -> bool:
        """Whether an epoch, which counts from 0, is validated."""
        if isinstance(self.validation_freq, int):
            return (epoch + 1) % self.validation_freq == 0
        return epoch + 1 in self.validation_freq


def schedule(epochs: Any, initial_epoch: Any, validation_freq: Any, *, live: bool) -> Schedule:
    """Check the arguments of fit(). Raises ArgumentError.

    >>> planned = schedule(10, 0, [1, 10], live=False)
    >>> [epoch for epoch in range(10) if planned.validates(epoch)]
    [0, 9]
    """
    last = whole(epochs, "epochs", "fit()")
    first = whole(initial_epoch, "initial_epoch", "fit()", minimum=0)
    several = isinstance(validation_freq, (list, tuple, set, frozenset, range))
    listed = validation_freq if several else [validation_freq]
    numbers = [whole(number, "validation_freq", "fit()") for number in listed]
    return Schedule(first, last, frozenset(numbers) if several else numbers[0], live)
