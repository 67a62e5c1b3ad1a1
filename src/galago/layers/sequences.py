"""Convolution and pooling over the steps of a sequence: over images of one row."""

from __future__ import annotations

from typing import ClassVar, Unpack

from galago.activations import ActivationLike
from galago.checks import flag, single, whole
from galago.errors import ArgumentError, ShapeError
from galago.graph import Attribute, GraphBuilder
from galago.initializers import Initializer
from galago.layers.base import Layer, LayerOptions, WeightOptions
from galago.layers.kernel import KernelLayer
from galago.layers.reshaping import reshape
from galago.registry import look_up
from galago.shapes import PADDINGS, Shape, Sliding, slide

_CAUSAL = "causal"
_PADDINGS = {**PADDINGS, _CAUSAL: True}


class Conv1D(KernelLayer):
    """Slides `filters` kernels over (steps, channels): a cross-correlation, as in Keras.

    Arguments:
        filters: how many kernels, and so how many channels come out
        kernel_size: steps in a window
        strides: how many steps windows are apart
        padding: "valid" for whole windows only, "same" for ceil(steps / strides) outputs, or
            "causal", which pads in front only, so that no output depends on a later step
        dilation_rate: how far apart the steps of a window are; it and strides cannot both exceed 1
        groups: the channels are split into so many, each with its share of the filters; the
            kernel has the shape (kernel_size, channels / groups, filters)
        activation, use_bias, kernel_initializer, bias_initializer: those of a KernelLayer
    Raises ArgumentError and, at the input, ShapeError.

    >>> Conv1D(16, 3, padding="causal").compute_output_shape((None, 100, 4))
    (None, 100, 16)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int],
        strides: int | tuple[int] = 1,
        padding: str = "valid",
        *,
        dilation_rate: int | tuple[int] = 1,
        groups: int = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: str | Initializer = "glorot_uniform",
        bias_initializer: str | Initializer = "zeros",
        **options: Unpack[WeightOptions],
    ) -> None:
        super().__init__(activation, use_bias, kernel_initializer, bias_initializer, **options)
        self.filters = whole(filters, "filters", self.label)
        self.kernel_size = single(kernel_size, "kernel_size", self.label)
        self.strides = single(strides, "strides", self.label)
        look_up(_PADDINGS, padding, kind="padding", owner=self.label)
        self.padding = padding
        self.dilation_rate = single(dilation_rate, "dilation_rate", self.label)
        self.groups = whole(groups, "groups", self.label)
        if self.strides[0] > 1 and self.dilation_rate[0] > 1:
            raise ArgumentError(
                f"{self.label}: expected strides or dilation_rate of 1, received strides="
                f"{self.strides} and dilation_rate={self.dilation_rate}. Set one of them to 1."
            )
        if self.filters % self.groups:
            raise ArgumentError(
                f"{self.label}: expected filters to be a multiple of groups, received filters="
                f"{self.filters} and groups={self.groups}. Change one of them."
            )

    def infer(self, shape: Shape) -> Shape:
        """Return (steps, filters)."""
        channels = sequence_sizes(self, shape)[1]
        if channels % self.groups:
            raise ShapeError(
                f"{self.label}: expected input channels to be a multiple of groups, received "
                f"{channels} channels and groups={self.groups}. Change groups."
            )
        return (self._slide(shape).size[1], self.filters)

    def kernel_shape(self, shape: Shape) -> Shape:
        """Return (size, channels / groups, filters)."""
        return (*self.kernel_size, shape[1] // self.groups, self.filters)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the convolution of an image of one row, and its activation."""
        windows, out = self._slide(shape), self.infer(shape)
        attributes: dict[str, Attribute] = {
            "kernel": (1, *self.kernel_size),
            "strides": (1, *self.strides),
            "dilation": (1, *self.dilation_rate),
            "padding": windows.padding,
            "groups": self.groups,
        }
        image = reshape(builder, self.name, source, shape, (1, *shape))
        conv = builder.add("conv", self.name, (image,), (1, *out), attributes, self.weights)
        activated = self.activate(builder, conv, (1, *out))
        return reshape(builder, self.name, activated, (1, *out), out)

    def _slide(self, shape: Shape) -> Sliding:
        """What the kernel's windows leave, and the padding of an image of one row."""
        reach = self.dilation_rate[0] * (self.kernel_size[0] - 1)
        before = reach if self.padding == _CAUSAL else 0
        what = f"{self.label}: kernel_size {self.kernel_size}"
        if self.dilation_rate[0] > 1:
            what += f" with dilation_rate {self.dilation_rate}"
        found = slide(
            (1, shape[0] + before),
            (1, *self.kernel_size),
            (1, *self.strides),
            "valid" if self.padding == _CAUSAL else self.padding,
            dilation=(1, *self.dilation_rate),
            what=what,
        )
        top, bottom, left, right = found.padding
        return Sliding(found.size, (top, bottom, left + before, right))


class OneRow(Layer):
    """Base of what one operation does to a sequence, as an image of one row."""

    op: ClassVar[str]

    def _row_attributes(self, shape: Shape) -> dict[str, Attribute]:
        """Return those of the operation; none where it would change nothing."""
        raise NotImplementedError

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation; what changes nothing needs none."""
        attributes = self._row_attributes(shape)
        if not attributes:
            return source
        out = self.infer(shape)
        image = reshape(builder, self.name, source, shape, (1, *shape))
        place = builder.add(self.op, self.name, (image,), (1, *out), attributes)
        return reshape(builder, self.name, place, (1, *out), out)


class _Pooling1D(OneRow):
    """Base of the poolings by windows."""

    needs_build = False

    def __init__(
        self,
        pool_size: int | tuple[int] = 2,
        strides: int | tuple[int] | None = None,
        padding: str = "valid",
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.pool_size = single(pool_size, "pool_size", self.label)
        self.strides = self.pool_size if strides is None else single(strides, "strides", self.label)
        look_up(PADDINGS, padding, kind="padding", owner=self.label)
        self.padding = padding

    def infer(self, shape: Shape) -> Shape:
        """Return (steps, channels); steps that fill no window are dropped."""
        channels = sequence_sizes(self, shape)[1]
        return (self._slide(shape).size[1], channels)

    def _row_attributes(self, shape: Shape) -> dict[str, Attribute]:
        """Return the windows."""
        return {
            "pool": (1, *self.pool_size),
            "strides": (1, *self.strides),
            "padding": self._slide(shape).padding,
        }

    def _slide(self, shape: Shape) -> Sliding:
        what = f"{self.label}: pool_size {self.pool_size}"
        size, strides = (1, *self.pool_size), (1, *self.strides)
        return slide((1, shape[0]), size, strides, self.padding, what=what)


class MaxPooling1D(_Pooling1D):
    """The largest value of each window of steps.

    Arguments:
        pool_size: steps in a window
        strides: how many steps windows are apart, pool_size if None
        padding: "valid" for whole windows only, "same" for ceil(steps / strides) outputs
    Raises ArgumentError and, at the input, ShapeError.

    >>> MaxPooling1D(2).compute_output_shape((None, 11, 64))
    (None, 5, 64)
    """

    op = "max_pool"


class AveragePooling1D(_Pooling1D):
    """The mean of each window of steps; padding does not count in it.

    Arguments:
        pool_size: steps in a window
        strides: how many steps windows are apart, pool_size if None
        padding: "valid" for whole windows only, "same" for ceil(steps / strides) outputs
    Raises ArgumentError and, at the input, ShapeError.

    >>> AveragePooling1D(2, padding="same").compute_output_shape((None, 5, 8))
    (None, 3, 8)
    """

    op = "average_pool"


class _GlobalPooling1D(Layer):
    """Base of the poolings over all steps."""

    needs_build = False
    op: ClassVar[str]

    def __init__(self, keepdims: bool = False, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.keepdims = flag(keepdims, "keepdims", self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return (channels,), or (1, channels) with keepdims."""
        channels = sequence_sizes(self, shape)[1]
        return (1, channels) if self.keepdims else (channels,)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append a pooling with a window of all steps."""
        size, out = (1, shape[0]), (1, 1, shape[1])
        attributes = {"pool": size, "strides": size, "padding": (0, 0, 0, 0)}
        image = reshape(builder, self.name, source, shape, (1, *shape))
        pool = builder.add(self.op, self.name, (image,), out, attributes)
        return reshape(builder, self.name, pool, out, self.infer(shape))


class GlobalMaxPooling1D(_GlobalPooling1D):
    """The largest value of each channel: (steps, channels) to (channels,).

    Arguments:
        keepdims: whether the result is (1, channels)
    Raises ArgumentError and, at the input, ShapeError.

    >>> GlobalMaxPooling1D().compute_output_shape((None, 8, 64))
    (None, 64)
    """

    op = "max_pool"


class GlobalAveragePooling1D(_GlobalPooling1D):
    """The mean of each channel: (steps, channels) to (channels,).

    Arguments:
        keepdims: whether the result is (1, channels)
    Raises ArgumentError and, at the input, ShapeError.

    >>> GlobalAveragePooling1D(keepdims=True).compute_output_shape((None, 8, 64))
    (None, 1, 64)
    """

    op = "average_pool"


def sequence_sizes(layer: Layer, shape: Shape) -> tuple[int, int]:
    """Return (steps, channels), or raise ShapeError."""
    if len(shape) != 2:
        raise ShapeError(
            f"{layer.label}: expected sequences of shape (steps, channels), received {shape}. "
            "Put for example Reshape((steps, channels)) before it."
        )
    return shape[0], shape[1]
