"""Convolution over images."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from galago.activations import ActivationLike
from galago.checks import pair, whole
from galago.errors import ArgumentError, ShapeError
from galago.graph import Attribute, GraphBuilder, Weight
from galago.initializers import Initializer
from galago.layers.base import WeightOptions, image_sizes
from galago.layers.kernel import KernelLayer
from galago.registry import look_up
from galago.shapes import PADDINGS, Pair, Shape, Sliding, slide


class SlidingKernelLayer(KernelLayer):
    """Base of layers whose kernel slides over an image.

    Arguments:
        kernel_size: height and width of a window, one int for both
        strides: how far apart windows are, down and across
        padding: "valid" for whole windows only, "same" for ceil(size / stride) outputs
        dilation_rate: how far apart the pixels of a window are; it and strides cannot both exceed 1
        activation, use_bias, kernel_initializer, bias_initializer: those of a KernelLayer
    Raises ArgumentError.
    """

    def __init__(
        self,
        kernel_size: int | Pair,
        strides: int | Pair,
        padding: str,
        dilation_rate: int | Pair,
        activation: ActivationLike,
        use_bias: bool,
        kernel_initializer: str | Initializer,
        bias_initializer: str | Initializer,
        **options: Unpack[WeightOptions],
    ) -> None:
        super().__init__(activation, use_bias, kernel_initializer, bias_initializer, **options)
        self.kernel_size = pair(kernel_size, "kernel_size", self.label)
        self.strides = pair(strides, "strides", self.label)
        look_up(PADDINGS, padding, kind="padding", owner=self.label)
        self.padding = padding
        self.dilation_rate = pair(dilation_rate, "dilation_rate", self.label)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError(
                f"{self.label}: expected strides or dilation_rate of 1, received strides="
                f"{self.strides} and dilation_rate={self.dilation_rate}. Set one of them to 1."
            )

    def slide(self, shape: Shape) -> Sliding:
        """Return what the kernel's windows leave of a shape (height, width, channels).

        Raises ShapeError.
        """
        image_sizes(self, shape)
        what = f"{self.label}: kernel_size {self.kernel_size}"
        if max(self.dilation_rate) > 1:
            what += f" with dilation_rate {self.dilation_rate}"
        return slide(
            (shape[0], shape[1]),
            self.kernel_size,
            self.strides,
            self.padding,
            dilation=self.dilation_rate,
            what=what,
        )

    def convolve(
        self,
        builder: GraphBuilder,
        source: int,
        shape: Shape,
        filters: int,
        groups: int,
        weights: Iterable[Weight],
    ) -> int:
        """Append the convolution to a graph, without its activation.

        Arguments:
            builder: the graph that is being made
            source: the place of the node whose output the layer reads
            shape: what that output is, (height, width, channels)
            filters: how many channels come out
            groups: in how many groups the channels are apart
            weights: kernel and bias
        """
        windows = self.slide(shape)
        attributes: dict[str, Attribute] = {
            "kernel": self.kernel_size,
            "strides": self.strides,
            "dilation": self.dilation_rate,
            "padding": windows.padding,
            "groups": groups,
        }
        out = (*windows.size, filters)
        return builder.add("conv", self.name, (source,), out, attributes, weights)


class Conv2D(SlidingKernelLayer):
    """Slides `filters` kernels over (height, width, channels): a cross-correlation, as in Keras.

    Arguments:
        filters: how many kernels, and so how many channels come out
        kernel_size: height and width of a window, one int for both
        strides: how far apart windows are, down and across
        padding: "valid" for whole windows only, "same" for ceil(size / stride) outputs
        dilation_rate: how far apart the pixels of a window are; it and strides cannot both exceed 1
        groups: the channels are split into so many, each with its share of the filters; the
            kernel has the shape (height, width, channels / groups, filters)
        activation, use_bias, kernel_initializer, bias_initializer: those of a KernelLayer
    Raises ArgumentError and, at the input, ShapeError.

    >>> Conv2D(64, (3, 3), activation="relu").compute_output_shape((None, 28, 28, 1))
    (None, 26, 26, 64)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Pair,
        strides: int | Pair = (1, 1),
        padding: str = "valid",
        *,
        dilation_rate: int | Pair = (1, 1),
        groups: int = 1,
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
        self.groups = whole(groups, "groups", self.label)
        if self.filters % self.groups:
            raise ArgumentError(
                f"{self.label}: expected filters to be a multiple of groups, received filters="
                f"{self.filters} and groups={self.groups}. Change one of them."
            )

    def infer(self, shape: Shape) -> Shape:
        """Return (height, width, filters)."""
        channels = image_sizes(self, shape)[2]
        if channels % self.groups:
            raise ShapeError(
                f"{self.label}: expected input channels to be a multiple of groups, received "
                f"{channels} channels and groups={self.groups}. Change groups."
            )
        return (*self.slide(shape).size, self.filters)

    def kernel_shape(self, shape: Shape) -> Shape:
        """Return (height, width, channels / groups, filters)."""
        return (*self.kernel_size, shape[2] // self.groups, self.filters)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the convolution and its activation."""
        conv = self.convolve(builder, source, shape, self.filters, self.groups, self.weights)
        return self.activate(builder, conv, self.infer(shape))
