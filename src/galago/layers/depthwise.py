"""Convolutions that take each channel by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Unpack

from galago import initializers
from galago.activations import ActivationLike
from galago.checks import whole
from galago.graph import GraphBuilder
from galago.initializers import Initializer
from galago.layers.base import WeightOptions, WeightSpec
from galago.layers.convolution import SlidingKernelLayer
from galago.layers.kernel import POINTWISE
from galago.shapes import Pair, Shape


class DepthwiseConv2D(SlidingKernelLayer):
    """Slides `depth_multiplier` kernels over each channel; channels are not summed.

    The kernel has the shape (height, width, channels, depth_multiplier); output channel
    c * depth_multiplier + m comes from input channel c.

    Arguments:
        kernel_size, strides, padding, dilation_rate: those of a Conv2D
        depth_multiplier: how many channels come out for each that goes in
        activation, use_bias, bias_initializer: those of a KernelLayer
        depthwise_initializer: how the kernel starts, such as "he_normal"
    Raises ArgumentError and, at the input, ShapeError.

    >>> DepthwiseConv2D(3, padding="same").compute_output_shape((None, 28, 28, 32))
    (None, 28, 28, 32)
    """

    regulated: ClassVar[Mapping[str, str]] = {"kernel": "depthwise", "bias": "bias"}

    def __init__(
        self,
        kernel_size: int | Pair,
        strides: int | Pair = (1, 1),
        padding: str = "valid",
        depth_multiplier: int = 1,
        *,
        dilation_rate: int | Pair = (1, 1),
        activation: ActivationLike = None,
        use_bias: bool = True,
        depthwise_initializer: str | Initializer = "glorot_uniform",
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
            depthwise_initializer,
            bias_initializer,
            **options,
        )
        self.depth_multiplier = whole(depth_multiplier, "depth_multiplier", self.label)
        self.depthwise_initializer = self.kernel_initializer

    def infer(self, shape: Shape) -> Shape:
        """Return (height, width, channels * depth_multiplier)."""
        return (*self.slide(shape).size, shape[2] * self.depth_multiplier)

    def kernel_shape(self, shape: Shape) -> Shape:
        """Return (height, width, channels, depth_multiplier)."""
        return (*self.kernel_size, shape[2], self.depth_multiplier)

    def weight_specs(self, shape: Shape) -> Iterable[WeightSpec]:
        """Return the kernel and, unless use_bias is False, the bias."""
        yield WeightSpec("kernel", self.kernel_shape(shape), self.depthwise_initializer)
        if self.use_bias:
            yield WeightSpec("bias", (shape[2] * self.depth_multiplier,), self.bias_initializer)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append a convolution with a group for each channel, and its activation."""
        out = self.infer(shape)
        conv = self.convolve(builder, source, shape, out[2], shape[2], self.weights)
        return self.activate(builder, conv, out)


class SeparableConv2D(SlidingKernelLayer):
    """A depthwise convolution, then a 1x1 convolution that mixes its channels.

    The bias and the activation come behind both.

    Arguments:
        filters: how many channels come out of the second
        kernel_size, strides, padding, dilation_rate: those of a Conv2D, for the first
        depth_multiplier: how many channels the first makes of each
        activation, use_bias, bias_initializer: those of a KernelLayer
        depthwise_initializer, pointwise_initializer: how the kernels start
    Raises ArgumentError and, at the input, ShapeError.

    Source: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", CVPR 2017.

    >>> SeparableConv2D(64, 3, padding="same").compute_output_shape((None, 28, 28, 32))
    (None, 28, 28, 64)
    """

    regulated: ClassVar[Mapping[str, str]] = {
        "depthwise_kernel": "depthwise",
        "pointwise_kernel": "pointwise",
        "bias": "bias",
    }

    def __init__(
        self,
        filters: int,
        kernel_size: int | Pair,
        strides: int | Pair = (1, 1),
        padding: str = "valid",
        *,
        dilation_rate: int | Pair = (1, 1),
        depth_multiplier: int = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        depthwise_initializer: str | Initializer = "glorot_uniform",
        pointwise_initializer: str | Initializer = "glorot_uniform",
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
            depthwise_initializer,
            bias_initializer,
            **options,
        )
        self.filters = whole(filters, "filters", self.label)
        self.depth_multiplier = whole(depth_multiplier, "depth_multiplier", self.label)
        self.depthwise_initializer = self.kernel_initializer
        self.pointwise_initializer = initializers.get(pointwise_initializer, owner=self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return (height, width, filters)."""
        return (*self.slide(shape).size, self.filters)

    def kernel_shape(self, shape: Shape) -> Shape:
        """Return the shape of the depthwise kernel: (height, width, channels, multiplier)."""
        return (*self.kernel_size, shape[2], self.depth_multiplier)

    def weight_specs(self, shape: Shape) -> Iterable[WeightSpec]:
        """Return both kernels and, unless use_bias is False, the bias."""
        between = shape[2] * self.depth_multiplier
        yield WeightSpec("depthwise_kernel", self.kernel_shape(shape), self.depthwise_initializer)
        pointwise = (1, 1, between, self.filters)
        yield WeightSpec("pointwise_kernel", pointwise, self.pointwise_initializer)
        if self.use_bias:
            yield WeightSpec("bias", (self.filters,), self.bias_initializer)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append both convolutions and the activation."""
        out, (depthwise, *pointwise) = self.infer(shape), self.weights
        between = shape[2] * self.depth_multiplier
        first = self.convolve(builder, source, shape, between, shape[2], [depthwise])
        second = builder.add("conv", self.name, (first,), out, POINTWISE, pointwise)
        return self.activate(builder, second, out)
