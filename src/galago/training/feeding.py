"""The one way from what fit(), evaluate() and predict() are given to a feed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from galago.checks import whole
from galago.errors import ArgumentError, DataError
from galago.training.adapters import Examples
from galago.training.feed import Feed
from galago.training.format import Format, Given, unpacked
from galago.training.sources import ArraySource
from galago.training.streams import Stream, recognized

_DEFAULT_BATCH = 32


@dataclass(frozen=True, slots=True)
class Batching:
    """Examples in a batch of arrays, and batches in an epoch: None where it is not said."""

    size: int | None
    steps: int | None
    #: What the user calls the steps, "steps_per_epoch".
    argument: str

    def size_for(self, rows: int) -> int:
        """Return the batch size for arrays: without one the steps share the rows, as in Keras."""
        if self.size is not None:
            return self.size
        return _DEFAULT_BATCH if self.steps is None else math.ceil(rows / self.steps)


def batching(size: Any, steps: Any, owner: str, argument: str = "steps") -> Batching:
    """Check the arguments. Raises ArgumentError."""
    return Batching(
        None if size is None else whole(size, "batch_size", owner),
        None if steps is None else whole(steps, argument, owner),
        argument,
    )


def feed(
    given: Given, takes: Format, cut: Batching, owner: str, *, shuffle: bool = False, kind: str = ""
) -> Feed:
    """Return the feed of arrays, or of the stream that stands in the place of x.

    `kind` ("validation ") is for messages. Raises ArgumentError and DataError.
    """
    if not isinstance(given.x, Stream):
        return array_feed(takes.examples(given, owner, kind), cut, owner, shuffle=shuffle)
    source = given.x
    source.require_alone(given, owner)
    if source.endless and cut.steps is None:
        raise ArgumentError(
            f"{owner}: expected {cut.argument} for a {source.kind} that repeats for ever, received "
            f"None. Pass {cut.argument}, or repeat(count)."
        )

    def read(batch: Any, number: int) -> Examples:
        where = f"{owner}, {kind}batch {number}"
        parts = unpacked(batch, where)
        try:
            return takes.examples(parts, where)
        except DataError:
            shape, *others = takes.shapes.values()
            if others or np.shape(parts.x) != shape:
                raise
            raise DataError(
                f"{where}: expected x of several examples, received a single one of shape {shape}. "
                f"Let the {source.kind} give batches, a Dataset with batch(32)."
            ) from None

    source.read, source.shuffle = read, shuffle
    return Feed(source, cut.steps, owner, cut.argument)


def array_feed(examples: Examples, cut: Batching, owner: str, *, shuffle: bool = False) -> Feed:
    """Return the feed of checked examples."""
    source = ArraySource(examples, cut.size_for(examples.rows), shuffle)
    return Feed(source, cut.steps, owner, cut.argument)


def validation_parts(data: Any) -> Given:
    """Return what validation_data holds. Raises DataError."""
    if isinstance(data, (tuple, list)) and 2 <= len(data) <= 3:
        return Given(*data)
    source = None if isinstance(data, (tuple, list)) else recognized(data, "fit()")
    if isinstance(source, Stream):
        return Given(source)
    received = f"{len(data)} values" if isinstance(data, (tuple, list)) else repr(type(data))
    raise DataError(
        f"fit(): expected validation_data as (x, y) or (x, y, sample_weight), or data that gives "
        f"such batches, received {received}. Pass validation_data=(x_test, y_test)."
    )
