"""A small pipeline of examples under tf.data's names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeAlias

from galago import random
from galago.checks import MOST_SEED, flag, whole
from galago.data import steps
from galago.data.ahead import prefetch
from galago.data.elements import rows, slices
from galago.errors import ArgumentError

#: What cardinality() says of a pipeline without an end, and of one whose length only shows.
INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = -1, -2

#: Starts a pass: all elements once. A pass is numbered by a draw, which decides its random order.
Pass: TypeAlias = Callable[[int], Iterator[Any]]


class Dataset:
    """A pipeline of elements: arrays, or tuples of arrays such as (x, y).

    It is made by `from_tensor_slices` or `from_generator`; each method returns a new pipeline
    that does one thing more, and nothing is computed before somebody iterates. It can be read
    any number of times. What is shuffled has another order in each pass, and the same orders
    in each run with the same seed.

    Arguments, which these methods know:
        start: a function of a number that decides random orders; it returns an iterator
        cardinality: the number of elements, or one of the two below 0
    Raises ArgumentError where an argument of a method has a wrong type or value.

    >>> import numpy as np
    >>> data = Dataset.from_tensor_slices((np.arange(6), np.arange(6) ** 2))
    >>> [y.tolist() for x, y in data.skip(1).batch(2)]
    [[1, 4], [9, 16], [25]]
    """

    def __init__(self, start: Pass, cardinality: int) -> None:
        self._start, self._cardinality = start, cardinality
        self._passes = 0

    @classmethod
    def from_tensor_slices(cls, tensors: Any) -> Dataset:
        """Return the rows of an array, or of a tuple of arrays with equally many rows.

        Arguments:
            tensors: the array or the tuple
        Raises DataError.

        >>> [(float(x), int(y)) for x, y in Dataset.from_tensor_slices(([0.5, 1.5], [0, 1]))]
        [(0.5, 0), (1.5, 1)]
        """
        arrays = rows(tensors, "from_tensor_slices()")
        count = len(arrays[0] if isinstance(arrays, tuple) else arrays)
        return cls(lambda draw: slices(arrays), count)

    @classmethod
    def from_generator(cls, generator: Callable[[], Iterable[Any]]) -> Dataset:
        """Return the elements of what `generator()` returns, called anew for each pass.

        >>> [int(x) for x in Dataset.from_generator(lambda: range(3)).repeat(2)]
        [0, 1, 2, 0, 1, 2]
        """
        if not callable(generator):
            raise ArgumentError(
                "from_generator(): expected a function that returns an iterator, received "
                f"{type(generator).__name__}. Pass the generator function itself, not its call."
            )
        return cls(lambda draw: iter(generator()), UNKNOWN_CARDINALITY)

    def map(self, map_func: Callable[..., Any]) -> Dataset:
        """Return what a function makes of each element.

        Arguments:
            map_func: the function; of elements (x, y) it is called with x and y
        Raises ArgumentError.

        >>> [int(x) for x in Dataset.from_tensor_slices([1, 2]).map(lambda x: 10 * x)]
        [10, 20]
        """
        if not callable(map_func):
            raise ArgumentError(
                f"map(): expected a function of an element, received {map_func!r}. Pass a function."
            )
        return Dataset(lambda draw: steps.mapped(self.iterate(draw), map_func), self._cardinality)

    def batch(self, batch_size: int, drop_remainder: bool = False) -> Dataset:
        """Return batches: `batch_size` elements after another, stacked on a new first axis.

        The last one is shorter, or left out with `drop_remainder`. Elements of different shapes
        raise DataError.
        """
        size = whole(batch_size, "batch_size", "batch()")
        full = flag(drop_remainder, "drop_remainder", "batch()")
        known = self._cardinality
        count = known if known < 0 else known // size if full else -(-known // size)
        return Dataset(lambda draw: steps.batched(self.iterate(draw), size, full), count)

    def shuffle(
        self, buffer_size: int, seed: int | None = None, reshuffle_each_iteration: bool = True
    ) -> Dataset:
        """Return the elements in random order.

        Arguments:
            buffer_size: each is drawn from the next so many elements; as many as there are in the
                data set make every order equally likely
            seed: a whole number; None takes one from that of `galago.set_seed`
            reshuffle_each_iteration: whether each pass has an order of its own
        Raises ArgumentError.

        >>> data = Dataset.from_tensor_slices(range(5)).shuffle(5, seed=3)
        >>> [sorted(map(int, data)), list(map(int, data)) == list(map(int, data))]
        [[0, 1, 2, 3, 4], False]
        """
        size = whole(buffer_size, "buffer_size", "shuffle()")
        again = flag(reshuffle_each_iteration, "reshuffle_each_iteration", "shuffle()")
        if seed is None:
            number = random.next_draw(random.DATA)
            seed = int(random.bits(1, random.DATA, number)[0])
        key = whole(seed, "seed", "shuffle()", minimum=0, maximum=MOST_SEED)

        def start(draw: int) -> Iterator[Any]:
            return steps.shuffled(self.iterate(draw), size, key, draw if again else 0)

        return Dataset(start, self._cardinality)

    def repeat(self, count: int | None = None) -> Dataset:
        """Return the elements `count` times over, each time as a pass of its own; None: for ever.

        >>> len(Dataset.from_tensor_slices([1, 2]).repeat(3))
        6
        """
        times = None if count is None else whole(count, "count", "repeat()", minimum=0)
        known = self._cardinality
        if times is None:
            known = INFINITE_CARDINALITY if known else 0
        elif known >= 0 or times == 0:
            known *= times
        return Dataset(lambda draw: steps.repeated(self.iterate, times, draw), known)

    def take(self, count: int) -> Dataset:
        """Return the first `count` elements, or all if there are fewer."""
        wanted = whole(count, "count", "take()", minimum=0)
        known = self._cardinality
        if known == INFINITE_CARDINALITY or wanted == 0:
            known = wanted
        elif known != UNKNOWN_CARDINALITY:
            known = min(known, wanted)
        return Dataset(lambda draw: islice(self.iterate(draw), wanted), known)

    def skip(self, count: int) -> Dataset:
        """Return the elements behind the first `count`."""
        unwanted = whole(count, "count", "skip()", minimum=0)
        known = self._cardinality
        left = known if known < 0 else max(0, known - unwanted)
        return Dataset(lambda draw: islice(self.iterate(draw), unwanted, None), left)

    def prefetch(self, buffer_size: int) -> Dataset:
        """Return the same elements, which a thread makes up to `buffer_size` ahead.

        Their order stays, and an error comes where the element would have. Put it last.
        """
        depth = whole(buffer_size, "buffer_size", "prefetch()")
        return Dataset(lambda draw: prefetch(self.iterate(draw), depth), self._cardinality)

    def cache(self) -> Dataset:
        """Return the same elements, kept in memory once a pass has gone through all of them.

        What stands before it runs once, so shuffle behind it.
        """
        cached = steps.Cache(lambda: self.iterate(0))
        return Dataset(lambda draw: cached.elements(), self._cardinality)

    def cardinality(self) -> int:
        """Return the number of elements, INFINITE_CARDINALITY or UNKNOWN_CARDINALITY.

        >>> data = Dataset.from_tensor_slices([1, 2])
        >>> data.cardinality(), data.repeat().cardinality() == INFINITE_CARDINALITY
        (2, True)
        """
        return self._cardinality

    def iterate(self, draw: int) -> Iterator[Any]:
        """Return a pass over the elements whose random order is a function of `draw`.

        fit() passes the number of steps trained so far, so that a run that continues from a
        checkpoint goes on as the uninterrupted one would have.
        """
        return self._start(draw)

    def __iter__(self) -> Iterator[Any]:
        """Pass 0, 1, 2, ... of this object."""
        self._passes += 1
        return self.iterate(self._passes - 1)

    def __len__(self) -> int:
        if self._cardinality < 0:
            known = "is infinite" if self._cardinality == INFINITE_CARDINALITY else "is unknown"
            raise TypeError(f"Dataset: its length {known}. Ask cardinality(), or use take(count).")
        return self._cardinality

    def __repr__(self) -> str:
        names = {INFINITE_CARDINALITY: "infinite", UNKNOWN_CARDINALITY: "unknown"}
        return f"<Dataset of {names.get(self._cardinality, self._cardinality)} elements>"
