"""Where batches come from. Arrays are the fast way: many batches are handed over at a time."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from galago import random
from galago.errors import DataError
from galago.training.adapters import Examples


class Portion(NamedTuple):
    """The rows that are next: a batch, or several in a row.

    They are rows start to stop - 1 of the examples, or of their `order` if there is one; each
    step takes `batch` of them, the last one what is left.
    """

    examples: Examples
    start: int
    stop: int
    batch: int
    order: npt.NDArray[np.int64] | None = None

    @property
    def steps(self) -> int:
        """How many batches they are."""
        return -(-(self.stop - self.start) // self.batch)

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """The numbers of the rows among the examples."""
        if self.order is None:
            return np.arange(self.start, self.stop, dtype=np.int64)
        return self.order[self.start : self.stop]


class Pass(Protocol):
    """One way through a source."""

    def take(self, most: int) -> Portion | None:
        """Return the next batches, 1 to `most` of them; None at the end."""

    def close(self) -> None:
        """Give up what is left."""


class Source(Protocol):
    """Data for fit(), evaluate() and predict()."""

    #: How messages call it: "generator".
    kind: str

    def batches(self) -> int | None:
        """Return the number of batches in a pass, None if only its end shows it."""

    def open(self, draw: int) -> Pass:
        """Start a pass; `draw`, the steps trained so far, decides its random order."""

    def spent(self) -> bool:
        """Whether there is nothing left for another pass; looking costs no batch."""

    def begin_epoch(self) -> None:
        """An epoch of training, or an evaluation, starts."""

    def end_epoch(self) -> None:
        """Its last batch has been used."""


def nothing(kind: str, owner: str) -> DataError:
    """Return the error of a source without a batch."""
    return DataError(
        f"{owner}: expected at least one batch, received a {kind} that gives none. Check what it "
        "is made of; an iterator can be used once only."
    )


class ArraySource:
    """Examples in memory."""

    kind = "array"

    def __init__(self, examples: Examples, batch: int, shuffle: bool) -> None:
        self.examples, self.batch, self.shuffle = examples, batch, shuffle

    def batches(self) -> int:
        """Return the number of batches."""
        return -(-self.examples.rows // self.batch)

    def open(self, draw: int) -> Pass:
        """Start a pass, in an order that depends on the seed and the draw only."""
        order = None
        if self.shuffle:
            order = random.permutation(self.examples.rows, random.SHUFFLE, draw)
        return _ArrayPass(self.examples, self.batch, order)

    def spent(self) -> bool:
        """Arrays can be read again."""
        return False

    def begin_epoch(self) -> None:
        """Nothing to do."""

    def end_epoch(self) -> None:
        """Nothing to do."""


class _ArrayPass:
    def __init__(self, examples: Examples, batch: int, order: npt.NDArray[np.int64] | None) -> None:
        self._examples, self._batch, self._order = examples, batch, order
        self._next, self._rows = 0, examples.rows

    def take(self, most: int) -> Portion | None:
        start = self._next
        if start >= self._rows:
            return None
        self._next = stop = min(start + most * self._batch, self._rows)
        return Portion(self._examples, start, stop, self._batch, self._order)

    def close(self) -> None: ...
