"""Pooling: one number for each window and channel."""

from __future__ import annotations

from typing import ClassVar, Unpack

from galago.checks import flag, pair
from galago.graph import GraphBuilder
from galago.layers.base import Layer, LayerOptions, image_sizes
from galago.registry import look_up
from galago.shapes import PADDINGS, Pair, Shape, Sliding, slide


class _Pooling2D(Layer):
    """Base of the poolings by windows."""

    needs_build = False
    op: ClassVar[str]

    def __init__(
        self,
        pool_size: int | Pair = (2, 2),
        strides: int | Pair | None = None,
        padding: str = "valid",
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.pool_size = pair(pool_size, "pool_size", self.label)
        self.strides = self.pool_size if strides is None else pair(strides, "strides", self.label)
        look_up(PADDINGS, padding, kind="padding", owner=self.label)
        self.padding = padding

    def infer(self, shape: Shape) -> Shape:
        """Return (height, width, channels); rows and columns that fill no window are dropped."""
        channels = image_sizes(self, shape)[2]
        return (*self._slide(shape).size, channels)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the pooling."""
        attributes = {
            "pool": self.pool_size,
            "strides": self.strides,
            "padding": self._slide(shape).padding,
        }
        return builder.add(self.op, self.name, (source,), self.infer(shape), attributes)

    def _slide(self, shape: Shape) -> Sliding:
        what = f"{self.label}: pool_size {self.pool_size}"
        return slide((shape[0], shape[1]), self.pool_size, self.strides, self.padding, what=what)


class MaxPooling2D(_Pooling2D):
    """The largest value of each window.

    Arguments:
        pool_size: height and width of a window, one int for both
        strides: how far apart windows are, pool_size if None
        padding: "valid" for whole windows only, "same" for ceil(size / stride) outputs
    Raises ArgumentError and, at the input, ShapeError.

    >>> MaxPooling2D(2, 2).compute_output_shape((None, 11, 11, 64))
    (None, 5, 5, 64)
    """

    op = "max_pool"


class AveragePooling2D(_Pooling2D):
    """The mean of each window; padding does not count in it.

    Arguments:
        pool_size: height and width of a window, one int for both
        strides: how far apart windows are, pool_size if None
        padding: "valid" for whole windows only, "same" for ceil(size / stride) outputs
    Raises ArgumentError and, at the input, ShapeError.

    >>> AveragePooling2D(2, padding="same").compute_output_shape((None, 5, 5, 8))
    (None, 3, 3, 8)
    """

    op = "average_pool"


class _GlobalPooling2D(Layer):
    """Base of the poolings over a whole map."""

    needs_build = False
    op: ClassVar[str]

    def __init__(self, keepdims: bool = False, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.keepdims = flag(keepdims, "keepdims", self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return (channels,), or (1, 1, channels) with keepdims."""
        channels = image_sizes(self, shape)[2]
        return (1, 1, channels) if self.keepdims else (channels,)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append a pooling with a window as large as the map, and what makes its result flat."""
        size, channels = (shape[0], shape[1]), shape[2]
        attributes = {"pool": size, "strides": size, "padding": (0, 0, 0, 0)}
        pool = builder.add(self.op, self.name, (source,), (1, 1, channels), attributes)
        if self.keepdims:
            return pool
        return builder.add("flatten", self.name, (pool,), (channels,))


class GlobalMaxPooling2D(_GlobalPooling2D):
    """The largest value of each channel: (height, width, channels) to (channels,).

    Arguments:
        keepdims: whether the result is (1, 1, channels)
    Raises ArgumentError and, at the input, ShapeError.

    >>> GlobalMaxPooling2D().compute_output_shape((None, 8, 8, 64))
    (None, 64)
    """

    op = "max_pool"


class GlobalAveragePooling2D(_GlobalPooling2D):
    """The mean of each channel: (height, width, channels) to (channels,).

    Arguments:
        keepdims: whether the result is (1, 1, channels)
    Raises ArgumentError and, at the input, ShapeError.

    >>> GlobalAveragePooling2D(keepdims=True).compute_output_shape((None, 8, 8, 64))
    (None, 1, 1, 64)
    """

    op = "average_pool"
