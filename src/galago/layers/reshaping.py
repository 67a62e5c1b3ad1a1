"""Layers that put the same values in other places."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any, TypeAlias, Unpack

from galago.checks import pair
from galago.errors import ArgumentError, ShapeError
from galago.graph import GraphBuilder
from galago.layers.base import Layer, LayerOptions, image_sizes
from galago.layers.resizing import INTERPOLATIONS, resize
from galago.registry import look_up
from galago.shapes import Pair, Shape

#: One number for all sides, (height, width), or ((top, bottom), (left, right)).
Sides: TypeAlias = int | Pair | tuple[Pair, Pair]

#: Axes of an example, at most: (height, width, channels).
_MOST_AXES = 3


class Identity(Layer):
    """Passes everything on as it is.

    >>> Identity().compute_output_shape((None, 8, 8, 3))
    (None, 8, 8, 3)
    """

    needs_build = False

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        return shape

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append nothing."""
        return source


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
        return reshape(builder, self.name, source, shape, self.infer(shape))


class Reshape(Layer):
    """The same values in the same order under another shape.

    Arguments:
        target_shape: the sizes of an example without the batch, one to three of them; one may be
            -1, which is what is left for it
    Raises ArgumentError and, at the input, ShapeError.

    >>> Reshape((7, 7, -1)).compute_output_shape((None, 784))
    (None, 7, 7, 16)
    """

    def __init__(self, target_shape: Sequence[int], **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.target_shape = self._sizes(target_shape)

    def infer(self, shape: Shape) -> Shape:
        """Return the target shape, all of its sizes known."""
        count, known = math.prod(shape), math.prod(n for n in self.target_shape if n > 0)
        fits = count % known == 0 if -1 in self.target_shape else count == known
        if not fits:
            raise ShapeError(
                f"{self.label}: expected an input of as many values as target_shape "
                f"{self.target_shape} has, received {shape} with {count}. Change target_shape; "
                "one of its sizes may be -1."
            )
        return tuple(count // known if n < 0 else n for n in self.target_shape)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation; the same shape needs none."""
        return reshape(builder, self.name, source, shape, self.infer(shape))

    def _sizes(self, target: Any) -> Shape:
        try:
            if isinstance(target, str) or any(isinstance(size, bool) for size in target):
                raise TypeError
            sizes = tuple(operator.index(size) for size in target)
        except TypeError:
            sizes = ()
        wrong = any(size < 1 and size != -1 for size in sizes) or sizes.count(-1) > 1
        if wrong or not 1 <= len(sizes) <= _MOST_AXES:
            raise ArgumentError(
                f"{self.label}: target_shape must be one to three whole numbers from 1, one of "
                f"which may be -1, received {target!r}. Leave the batch axis out and write for "
                "example target_shape=(7, 7, -1)."
            )
        return sizes


class Permute(Layer):
    """The axes of an example in another order.

    Arguments:
        dims: for each axis of the output the axis of the input that it is; they count from 1,
            since the batch is axis 0
    Raises ArgumentError and, at the input, ShapeError.

    >>> Permute((3, 1, 2)).compute_output_shape((None, 28, 20, 4))
    (None, 4, 28, 20)
    """

    def __init__(self, dims: Sequence[int], **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        listed = list(dims) if isinstance(dims, (tuple, list)) else []
        whole = [axis for axis in listed if isinstance(axis, int) and not isinstance(axis, bool)]
        if not 1 <= len(listed) <= _MOST_AXES or sorted(whole) != list(range(1, len(listed) + 1)):
            raise ArgumentError(
                f"{self.label}: dims must name each axis from 1 on once, at most three of them, "
                f"received {dims!r}. Write for example dims=(2, 1, 3)."
            )
        self.dims = tuple(whole)

    def infer(self, shape: Shape) -> Shape:
        """Return the sizes in the new order."""
        if len(shape) != len(self.dims):
            raise ShapeError(
                f"{self.label}: expected an input of {len(self.dims)} axes without the batch, as "
                f"dims {self.dims} has, received {shape}. Change dims."
            )
        return tuple(shape[axis - 1] for axis in self.dims)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation; the order as it is needs none."""
        if list(self.dims) == sorted(self.dims):
            return source
        missing = _MOST_AXES - len(shape)  # axes of size 1 in front
        order = (*range(missing), *(axis - 1 + missing for axis in self.dims))
        return builder.add("permute", self.name, (source,), self.infer(shape), {"order": order})


class ZeroPadding2D(Layer):
    """A border of zeros around images.

    Arguments:
        padding: how many rows and columns: one int for every side, (height, width) for above and
            below and for left and right, or ((top, bottom), (left, right))
    Raises ArgumentError and, at the input, ShapeError.

    >>> ZeroPadding2D(((0, 1), (2, 3))).compute_output_shape((None, 28, 28, 1))
    (None, 29, 33, 1)
    """

    def __init__(self, padding: Sides = (1, 1), **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.padding = _sides(padding, "padding", self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return (height, width, channels) with the border."""
        height, width, channels = image_sizes(self, shape)
        (top, bottom), (left, right) = self.padding
        return (top + height + bottom, left + width + right, channels)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the border; none needs nothing."""
        border = (*self.padding[0], *self.padding[1])
        if not any(border):
            return source
        return builder.add("pad", self.name, (source,), self.infer(shape), {"padding": border})


class Cropping2D(Layer):
    """Images without some of their border.

    Arguments:
        cropping: how many rows and columns to take away: one int for every side, (height, width)
            for above and below and for left and right, or ((top, bottom), (left, right))
    Raises ArgumentError and, at the input, ShapeError.

    >>> Cropping2D(((2, 2), (4, 4))).compute_output_shape((None, 28, 28, 3))
    (None, 24, 20, 3)
    """

    def __init__(self, cropping: Sides = ((0, 0), (0, 0)), **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.cropping = _sides(cropping, "cropping", self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return (height, width, channels) without the border."""
        height, width, channels = image_sizes(self, shape)
        (top, bottom), (left, right) = self.cropping
        if top + bottom >= height or left + right >= width:
            raise ShapeError(
                f"{self.label}: expected images of more than {top + bottom} rows and "
                f"{left + right} columns, which cropping {self.cropping} takes away, received "
                f"{shape}. Crop less."
            )
        return (height - top - bottom, width - left - right, channels)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the cropping; none needs nothing."""
        border = (*self.cropping[0], *self.cropping[1])
        if not any(border):
            return source
        return builder.add("crop", self.name, (source,), self.infer(shape), {"padding": border})


class UpSampling2D(Layer):
    """Larger images: each row and column is repeated, or others are put between them.

    Arguments:
        size: how many times as large, down and across, one int for both
        interpolation: "nearest" to repeat, or "bilinear", "bicubic", "lanczos3" or "lanczos5"
    Raises ArgumentError and, at the input, ShapeError.

    >>> UpSampling2D((2, 3)).compute_output_shape((None, 7, 7, 64))
    (None, 14, 21, 64)
    """

    needs_build = False

    def __init__(
        self,
        size: int | Pair = (2, 2),
        interpolation: str = "nearest",
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.size = pair(size, "size", self.label)
        self.interpolation = look_up(
            INTERPOLATIONS, interpolation, kind="interpolation", owner=self.label
        )

    def infer(self, shape: Shape) -> Shape:
        """Return (height, width, channels) times the size."""
        height, width, channels = image_sizes(self, shape)
        return (height * self.size[0], width * self.size[1], channels)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation; once needs none."""
        if self.size == (1, 1):
            return source
        height, width, channels = self.infer(shape)
        if self.interpolation != "nearest":
            size, how = (height, width), self.interpolation
            return resize(builder, self.name, source, shape, size, interpolation=how)
        larger = (height, width, channels)
        return builder.add("upsample", self.name, (source,), larger, {"size": self.size})


def reshape(builder: GraphBuilder, name: str, source: int, shape: Shape, target: Shape) -> int:
    """Append what gives a node another shape of as many values; the same shape needs nothing."""
    if shape == target:
        return source
    return builder.add("flatten" if len(target) == 1 else "reshape", name, (source,), target)


def _sides(given: Any, name: str, owner: str) -> tuple[Pair, Pair]:
    """Return ((top, bottom), (left, right)), or raise ArgumentError."""
    two = list(given) if isinstance(given, (tuple, list)) else [given, given]
    ends = [list(side) if isinstance(side, (tuple, list)) else [side, side] for side in two]
    numbers = [number for side in ends for number in side]
    try:
        values = [operator.index(number) for number in numbers]
    except TypeError:
        values = [-1]
    wrong = min(values, default=-1) < 0 or any(isinstance(number, bool) for number in numbers)
    if wrong or [len(side) for side in ends] != [2, 2]:
        raise ArgumentError(
            f"{owner}: {name} must be a whole number from 0, a pair (height, width) or "
            f"((top, bottom), (left, right)), received {given!r}. Pass for example {name}=1."
        )
    return (values[0], values[1]), (values[2], values[3])
