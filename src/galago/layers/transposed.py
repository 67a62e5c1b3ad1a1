"""The convolution that runs backwards: it makes larger images."""

from __future__ import annotations

from typing import Any, Unpack

from galago.activations import ActivationLike
from galago.checks import whole
from galago.errors import ArgumentError
from galago.graph import Attribute, GraphBuilder
from galago.initializers import Initializer
from galago.layers.base import WeightOptions, image_sizes
from galago.layers.convolution import SlidingKernelLayer
from galago.shapes import PADDINGS, Pair, Shape


class Conv2DTranspose(SlidingKernelLayer):
    """Puts `filters` kernels, times each value of (height, width, channels), onto a larger image.

    It takes shapes the other way than Conv2D with the same arguments. The kernel has the shape
    (height, width, filters, channels).

    Arguments:
        filters: how many channels come out
        kernel_size: height and width of what is put down, one int for both
        strides: how far apart these are; it and dilation_rate cannot both exceed 1
        padding: "same" gives (height, width) times the strides, "valid" the whole image
        output_padding: less than the strides, how much larger than the smallest image the result
            is; with "same" 0 only, since Keras's backends do not agree on others
        dilation_rate: how far apart the pixels of a kernel are put down
        activation, use_bias, kernel_initializer, bias_initializer: those of a KernelLayer
    Raises ArgumentError and, at the input, ShapeError.

    >>> Conv2DTranspose(16, 3, 2, padding="same").compute_output_shape((None, 7, 7, 64))
    (None, 14, 14, 16)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Pair,
        strides: int | Pair = (1, 1),
        padding: str = "valid",
        output_padding: int | Pair | None = None,
        *,
        dilation_rate: int | Pair = (1, 1),
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: str | Initializer = "glorot_uniform",
        bias_initializer: str | Initializer = "zeros",
        **options: Unpack[WeightOptions],
    ) -> None:
        super().__init__(
            kernel_size,
            strides,
            padding,
            dilation_rate,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            **options,
        )
        self.filters = whole(filters, "filters", self.label)
        self.output_padding = self._output_padding(output_padding)

    def infer(self, shape: Shape) -> Shape:
        """Return (height, width, filters)."""
        image_sizes(self, shape)
        return (self._size(shape, 0), self._size(shape, 1), self.filters)

    def kernel_shape(self, shape: Shape) -> Shape:
        """Return (height, width, filters, channels)."""
        return (*self.kernel_size, self.filters, shape[2])

    def bias_shape(self, kernel: Shape) -> Shape:
        """Return (filters,)."""
        return (self.filters,)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the convolution over the enlarged input and its activation."""
        out, wide = self.infer(shape), shape
        if self.strides != (1, 1):
            rows, cols = ((shape[axis] - 1) * self.strides[axis] + 1 for axis in (0, 1))
            wide = (rows, cols, shape[2])
            strides = {"strides": self.strides}
            source = builder.add("dilate", self.name, (source,), wide, strides)
        padding: list[int] = []
        for axis in (0, 1):
            reach = self._reach(axis)
            before = reach - self._cut(axis)
            padding += [before, out[axis] - wide[axis] - before + reach]
        attributes: dict[str, Attribute] = {
            "kernel": self.kernel_size,
            "strides": (1, 1),
            "dilation": self.dilation_rate,
            "padding": tuple(padding),
            "groups": 1,
            "transposed": 1,
        }
        conv = builder.add("conv", self.name, (source,), out, attributes, self.weights)
        return self.activate(builder, conv, out)

    def _reach(self, axis: int) -> int:
        """From the first to the last value that a kernel touches."""
        return (self.kernel_size[axis] - 1) * self.dilation_rate[axis]

    def _cut(self, axis: int) -> int:
        """How much of the whole image is left out in front."""
        if not PADDINGS[self.padding]:
            return 0
        if self.output_padding is not None:
            return (self._reach(axis) + 1) // 2
        return max(self._reach(axis) + 1 - self.strides[axis], 0) // 2

    def _size(self, shape: Shape, axis: int) -> int:
        """Height or width of the result."""
        size, stride, span = shape[axis], self.strides[axis], self._reach(axis) + 1
        same = PADDINGS[self.padding]
        if self.output_padding is None:
            return size * stride + (0 if same else max(span - stride, 0))
        cut = 2 * (span // 2) if same else 0
        return (size - 1) * stride + span - cut + self.output_padding[axis]

    def _output_padding(self, given: Any) -> Pair | None:
        if given is None:
            return None
        two = list(given) if isinstance(given, (tuple, list)) else [given, given]
        sizes = [whole(size, "output_padding", self.label, minimum=0) for size in two]
        if len(sizes) != 2 or sizes[0] >= self.strides[0] or sizes[1] >= self.strides[1]:
            raise ArgumentError(
                f"{self.label}: output_padding must be less than the strides {self.strides}, "
                f"received {given!r}. Pass None for the usual size."
            )
        if PADDINGS[self.padding] and any(sizes):
            raise ArgumentError(
                f"{self.label}: expected output_padding None or 0 with padding='same', on which "
                f"Keras's backends agree, received {given!r}. Use padding='valid' and Cropping2D()."
            )
        return sizes[0], sizes[1]
