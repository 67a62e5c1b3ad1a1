"""Layers that only change the shape."""

from __future__ import annotations

import math
import operator
from typing import Any, TypeAlias, Unpack

from galago.errors import ArgumentError
from galago.graph import GraphBuilder
from galago.layers.base import Layer, LayerOptions, image_sizes
from galago.shapes import Pair, Shape

#: One number for all sides, (height, width), or ((top, bottom), (left, right)).
Sides: TypeAlias = int | Pair | tuple[Pair, Pair]


class Flatten(Layer):
    """All values of an example in one row, in the order (height, width, channels).

    >>> Flatten().compute_output_shape((None, 5, 5, 64))
    (None, 1600)
    """

    def infer(self, shape: Shape) -> Shape:
        """Return (height * width * channels,)."""
        return (math.prod(shape),)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the flattening; one row stays as it is."""
        if len(shape) == 1:
            return source
        return builder.add("flatten", self.name, (source,), self.infer(shape))


class ZeroPadding2D(Layer):
    """A border of zeros around images.

    Arguments: how many rows and columns: one int for every side, (height, width) for above and
    below and for left and right, or ((top, bottom), (left, right)). Raises ArgumentError and, at
    the input, ShapeError.

    >>> ZeroPadding2D(((0, 1), (2, 3))).compute_output_shape((None, 28, 28, 1))
    (None, 29, 33, 1)
    """

    def __init__(self, padding: Sides = (1, 1), **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.padding = _sides(padding, self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return (height, width, channels) with the border."""
        height, width, channels = image_sizes(self, shape)
        (top, bottom), (left, right) = self.padding
        return (top + height + bottom, left + width + right, channels)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the border; none needs nothing."""
        (top, bottom), (left, right) = self.padding
        border = (top, bottom, left, right)
        if not any(border):
            return source
        return builder.add("pad", self.name, (source,), self.infer(shape), {"padding": border})


def _sides(padding: Any, owner: str) -> tuple[Pair, Pair]:
    """Return ((top, bottom), (left, right)), or raise ArgumentError."""
    two = list(padding) if isinstance(padding, (tuple, list)) else [padding, padding]
    ends = [list(side) if isinstance(side, (tuple, list)) else [side, side] for side in two]
    numbers = [number for side in ends for number in side]
    try:
        values = [operator.index(number) for number in numbers]
    except TypeError:
        values = [-1]
    wrong = min(values, default=-1) < 0 or any(isinstance(number, bool) for number in numbers)
    if wrong or [len(side) for side in ends] != [2, 2]:
        raise ArgumentError(
            f"{owner}: padding must be a whole number from 0, a pair (height, width) or "
            f"((top, bottom), (left, right)), received {padding!r}. Pass for example padding=1."
        )
    return (values[0], values[1]), (values[2], values[3])
