"""What convolutions and Dense share: a kernel, a bias, and an activation behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Unpack

from galago import initializers
from galago.activations import ACTIVATIONS, ActivationLike, name_of
from galago.checks import flag
from galago.errors import NotBuiltError
from galago.graph import Attribute, GraphBuilder
from galago.initializers import Initializer
from galago.layers.activations import lower_activation
from galago.layers.base import Layer, WeightOptions, WeightSpec
from galago.shapes import Shape
from galago.variables import Variable

#: A 1x1 convolution, which is a matrix product at every pixel.
POINTWISE: Mapping[str, Attribute] = {
    "kernel": (1, 1),
    "strides": (1, 1),
    "dilation": (1, 1),
    "padding": (0, 0, 0, 0),
    "groups": 1,
}


class KernelLayer(Layer):
    """Base of layers that multiply their input with a kernel and add a bias.

    Arguments:
        activation: applied to the outputs: a name or function of galago.activations; None is none
        use_bias: whether a number is added to each output channel
        kernel_initializer, bias_initializer: how the weights start, such as "he_normal"
    Raises ArgumentError.
    """

    regulated: ClassVar[Mapping[str, str]] = {"kernel": "kernel", "bias": "bias"}

    def __init__(
        self,
        activation: ActivationLike,
        use_bias: bool,
        kernel_initializer: str | Initializer,
        bias_initializer: str | Initializer,
        **options: Unpack[WeightOptions],
    ) -> None:
        super().__init__(**options)
        self.activation = name_of(activation, self.label)
        self.use_bias = flag(use_bias, "use_bias", self.label)
        self.kernel_initializer = initializers.get(kernel_initializer, owner=self.label)
        self.bias_initializer = initializers.get(bias_initializer, owner=self.label)

    def kernel_shape(self, shape: Shape) -> Shape:
        """Return the kernel's shape for an input shape; its last axis counts the outputs."""
        raise NotImplementedError

    def weight_specs(self, shape: Shape) -> Iterable[WeightSpec]:
        """Return the kernel and, unless use_bias is False, the bias."""
        kernel = self.kernel_shape(shape)
        yield WeightSpec("kernel", kernel, self.kernel_initializer)
        if self.use_bias:
            yield WeightSpec("bias", self.bias_shape(kernel), self.bias_initializer)

    def bias_shape(self, kernel: Shape) -> Shape:
        """Return the bias's shape for that of the kernel."""
        return kernel[-1:]

    def activate(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the layer's activation to a graph, for `lower`.

        Arguments:
            builder: the graph that is being made
            source: the place of the node whose output is to be activated
            shape: what that output is, of one example
        """
        return lower_activation(builder, self.name, source, shape, *ACTIVATIONS[self.activation])

    @property
    def kernel(self) -> Variable:
        """The kernel. Raises NotBuiltError before the layer is built."""
        if not self.built:
            raise NotBuiltError(
                f"{self.label}: expected a built layer, but its input shape is not known yet, so "
                "it has no kernel. Add it to a model with an input shape or call layer.build()."
            )
        return self.weights[0]

    @property
    def bias(self) -> Variable | None:
        """The bias, or None without one."""
        return self.weights[-1] if self.built and self.use_bias else None
