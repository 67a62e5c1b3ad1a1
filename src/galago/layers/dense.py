"""The fully connected layer."""

from __future__ import annotations

from typing import Unpack

from galago.activations import ActivationLike
from galago.checks import whole
from galago.errors import ShapeError
from galago.graph import GraphBuilder
from galago.initializers import Initializer
from galago.layers.base import WeightOptions
from galago.layers.kernel import POINTWISE, KernelLayer
from galago.shapes import Shape


class Dense(KernelLayer):
    """activation(input @ kernel + bias), with a kernel of shape (features, units).

    On images it works on the last axis: the same kernel at every pixel.

    Arguments:
        units: how many numbers come out
        activation: applied to them: a name or function of galago.activations; None is none
        use_bias: whether a number is added to each
        kernel_initializer, bias_initializer: how the weights start, such as "he_normal"
    Raises ArgumentError and, at the input, ShapeError.

    >>> Dense(128, activation="relu").compute_output_shape((None, 784))
    (None, 128)
    """

    def __init__(
        self,
        units: int,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: str | Initializer = "glorot_uniform",
        bias_initializer: str | Initializer = "zeros",
        **options: Unpack[WeightOptions],
    ) -> None:
        super().__init__(activation, use_bias, kernel_initializer, bias_initializer, **options)
        self.units = whole(units, "units", self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return the input shape with `units` in the last place."""
        if len(shape) not in (1, 3):
            raise ShapeError(
                f"{self.label}: expected features (n,) or images (height, width, channels), "
                f"received {shape}. Put Flatten() before it."
            )
        return (*shape[:-1], self.units)

    def kernel_shape(self, shape: Shape) -> Shape:
        """Return (features, units)."""
        return (shape[-1], self.units)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the product and its activation; on images it is a 1x1 convolution."""
        out = self.infer(shape)
        if len(shape) == 1:
            dense = builder.add("dense", self.name, (source,), out, {}, self.weights)
            return self.activate(builder, dense, out)
        conv = builder.add("conv", self.name, (source,), out, POINTWISE, self.weights)
        return self.activate(builder, conv, out)
