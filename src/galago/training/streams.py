"""Sources that give one batch after the other: generators, loaders, pipelines, PyDatasets."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from galago import random
from galago.data import INFINITE_CARDINALITY, Dataset
from galago.data.ahead import call_ahead
from galago.errors import ArgumentError, DataError
from galago.training.adapters import Examples
from galago.training.format import Given
from galago.training.sources import Pass, Portion, nothing

#: Makes examples of a batch, whose number it gets for messages.
Reader = Callable[[Any, int], Examples]


class Stream:
    """Base: a subclass says how a pass is gone through."""

    kind: str
    #: Whether it never ends.
    endless = False
    #: Makes examples of its batches; set when it is known what the model takes.
    read: Reader
    #: Whether to go through its batches in random order, where it can.
    shuffle = False

    def __init__(self, given: Any) -> None:
        self.given = given

    def iterate(self, draw: int) -> Iterator[Any]:
        """Yield the batches as the user gives them."""
        raise NotImplementedError

    def peek(self, owner: str) -> Any:
        """Return a first batch without using it up. Raises DataError."""
        for batch in () if self.batches() == 0 else self.iterate(0):
            return batch
        raise nothing(self.kind, owner)

    def batches(self) -> int | None:
        """Return the number of batches in a pass, if it has a length."""
        try:
            return len(self.given)
        except (TypeError, AttributeError, NotImplementedError):
            return None

    def open(self, draw: int) -> Pass:
        """Start a pass."""
        return _StreamPass(self.iterate(draw), self.read, self.kind)

    def spent(self) -> bool:
        """Most can be read again."""
        return False

    def require_alone(self, given: Given, owner: str) -> None:
        """Raise ArgumentError if labels or weights were given next to it."""
        name = "y" if given.y is not None else "sample_weight"
        if given.y is not None or given.weights is not None:
            raise ArgumentError(
                f"{owner}: expected x alone, as the {self.kind} gives whole batches, received "
                f"{name} too. Let it give (x, y) or (x, y, sample_weight)."
            )

    def begin_epoch(self) -> None:
        """Most do not care."""

    def end_epoch(self) -> None:
        """Most do not care."""


class IteratorStream(Stream):
    """A generator or another iterator: it can be gone through once, over several epochs."""

    kind = "generator"

    def __init__(self, given: Any) -> None:
        super().__init__(given)
        self._held: list[Any] = []

    def iterate(self, draw: int) -> Iterator[Any]:
        """Yield what is left."""
        while not self.spent():
            yield self._held.pop()

    def peek(self, owner: str) -> Any:
        """Return the next batch, which stays the next. Raises DataError."""
        if self.spent():
            raise nothing(self.kind, owner)
        return self._held[0]

    def spent(self) -> bool:
        """Whether it has ended; a batch that was fetched to know it is kept."""
        if not self._held:
            with suppress(StopIteration):
                self._held.append(next(self.given))
        return not self._held


class IterableStream(Stream):
    """What can be iterated again and again, such as PyTorch's DataLoader."""

    def __init__(self, given: Any) -> None:
        super().__init__(given)
        self.kind = type(given).__name__

    def iterate(self, draw: int) -> Iterator[Any]:
        """Yield its elements."""
        yield from self.given


class DatasetStream(Stream):
    """A pipeline of galago.data."""

    kind = "Dataset"

    def __init__(self, given: Dataset) -> None:
        super().__init__(given)
        self.endless = given.cardinality() == INFINITE_CARDINALITY

    def iterate(self, draw: int) -> Iterator[Any]:
        """Yield its elements, in the order of the draw."""
        given: Dataset = self.given
        return given.iterate(draw)


class PyDatasetStream(Stream):
    """Batches by number: a PyDataset of galago.data, or of Keras."""

    kind = "PyDataset"

    def batches(self) -> int | None:
        """Return its length, or what Keras's `num_batches` says."""
        found = getattr(self.given, "num_batches", None)
        return super().batches() if found is None else int(found)

    def iterate(self, draw: int) -> Iterator[Any]:
        """Yield the batches, shuffled as wholes; its workers make them ahead, in order."""
        count, workers = self.batches(), getattr(self.given, "workers", 1)
        places: Iterable[int]
        if count is None:
            places = itertools.count()
        elif self.shuffle:
            places = random.permutation(count, random.SHUFFLE, draw).tolist()
        else:
            places = range(count)
        if workers < 2:
            return (self.given[place] for place in places)
        calls = (partial(self.given.__getitem__, place) for place in places)
        return call_ahead(calls, workers, self.given.max_queue_size)

    def begin_epoch(self) -> None:
        """Tell it."""
        getattr(self.given, "on_epoch_begin", _nothing)()

    def end_epoch(self) -> None:
        """Tell it."""
        self.given.on_epoch_end()


class _StreamPass:
    def __init__(self, batches: Iterator[Any], read: Reader, kind: str) -> None:
        self._batches, self._read, self._kind = batches, read, kind
        self._count = 0

    def take(self, most: int) -> Portion | None:
        try:
            batch = next(self._batches)
        except StopIteration:
            return None
        except Exception as error:
            error.add_note(f"The {self._kind} raised this instead of batch {self._count}.")
            raise
        examples = self._read(batch, self._count)
        self._count += 1
        return Portion(examples, 0, examples.rows, examples.rows)

    def close(self) -> None:
        getattr(self._batches, "close", _nothing)()


def recognized(x: Any, owner: str) -> Any:
    """Return the stream for what gives batches; arrays, lists and the rest as they are.

    Raises DataError for data that gives single examples by number, as PyTorch's data sets do.
    """
    if isinstance(x, Dataset):
        return DatasetStream(x)
    if isinstance(x, (str, bytes, dict, Sequence)) or _is_array(x):
        return x
    by_number = hasattr(x, "__getitem__")
    if by_number and hasattr(x, "on_epoch_end"):
        return PyDatasetStream(x)
    if hasattr(x, "__next__"):
        return IteratorStream(x)
    if hasattr(x, "__iter__"):
        return IterableStream(x)
    if by_number:
        raise DataError(
            f"{owner}: expected arrays or something that gives batches, received "
            f"{type(x).__name__}, which gives single examples. Wrap it: DataLoader(data, "
            "batch_size=32)."
        )
    return x


def _is_array(x: Any) -> bool:
    if any(hasattr(x, way) for way in ("__array__", "__array_interface__", "__dlpack__")):
        return True
    try:
        memoryview(x)
    except TypeError:
        return False
    return True


def _nothing() -> None: ...
