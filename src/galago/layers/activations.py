"""Activations as layers of their own; how every layer's `activation=` lowers."""

from __future__ import annotations

from typing import Unpack

from galago.activations import ACTIVATIONS, ActivationLike, name_of
from galago.checks import real
from galago.graph import Attribute, GraphBuilder
from galago.layers.base import Layer, LayerOptions
from galago.shapes import Shape


def lower_activation(
    builder: GraphBuilder, name: str, source: int, shape: Shape, kind: str, alpha: float = 0.0
) -> int:
    """Append an activation behind node `source`; "linear" needs none."""
    if kind == "linear":
        return source
    return builder.add("activation", name, (source,), shape, {"kind": kind, "alpha": alpha})


def clipped_relu(
    builder: GraphBuilder,
    name: str,
    source: int,
    shape: Shape,
    slope: float,
    threshold: float,
    limit: float | None,
) -> int:
    """Append slope * (x - threshold) up to the threshold, then x, but at most the limit."""
    attributes: dict[str, Attribute] = {
        "kind": "clipped_relu",
        "alpha": slope,
        "beta": threshold,
        **({} if limit is None else {"limit": limit}),
    }
    return builder.add("activation", name, (source,), shape, attributes)


class ActivationLayer(Layer):
    """Base of activations as layers: the shape stays, the graph gets one operation."""

    needs_build = False

    def kind(self) -> tuple[str, float]:
        """Return the engine's kind of activation and its alpha."""
        raise NotImplementedError

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        return shape

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the activation."""
        return lower_activation(builder, self.name, source, shape, *self.kind())


class Activation(ActivationLayer):
    """An activation by its name or function, applied to every value.

    Arguments:
        activation: a name such as "relu", or a function of galago.activations
    Raises ArgumentError.

    >>> Activation("relu").compute_output_shape((None, 10))
    (None, 10)
    """

    def __init__(self, activation: ActivationLike, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.activation = name_of(activation, self.label)

    def kind(self) -> tuple[str, float]:
        """Return the engine's kind of activation and its alpha."""
        return ACTIVATIONS[self.activation]


class ReLU(ActivationLayer):
    """x where it is above a threshold, 0 elsewhere.

    Arguments:
        max_value: the most that comes out, None for no limit
        negative_slope: below the threshold comes negative_slope * (x - threshold) instead of 0
        threshold: where x begins to count
    Raises ArgumentError if one is negative.

    >>> ReLU(max_value=6).compute_output_shape((None, 10))
    (None, 10)
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.max_value = (
            None if max_value is None else real(max_value, "max_value", self.label, low=0.0)
        )
        self.negative_slope = real(negative_slope, "negative_slope", self.label, low=0.0)
        self.threshold = real(threshold, "threshold", self.label, low=0.0)

    def kind(self) -> tuple[str, float]:
        """Return the engine's kind of activation and its alpha."""
        match self.max_value, self.negative_slope, self.threshold:
            case None, 0.0, 0.0:
                return "relu", 0.0
            case 6.0, 0.0, 0.0:
                return "relu6", 0.0
            case None, slope, 0.0:
                return "leaky_relu", slope
        return "clipped_relu", self.negative_slope

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the activation."""
        kind, alpha = self.kind()
        if kind != "clipped_relu":
            return super().lower(builder, source, shape)
        return clipped_relu(
            builder, self.name, source, shape, alpha, self.threshold, self.max_value
        )


class LeakyReLU(ActivationLayer):
    """x where it is positive, negative_slope * x elsewhere.

    Arguments:
        negative_slope: what is left of negative values, 0 or more
    Raises ArgumentError.

    >>> LeakyReLU(0.1).compute_output_shape((None, 10))
    (None, 10)
    """

    def __init__(self, negative_slope: float = 0.3, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.negative_slope = real(negative_slope, "negative_slope", self.label, low=0.0)

    def kind(self) -> tuple[str, float]:
        """Return the engine's kind of activation and its alpha."""
        return "leaky_relu", self.negative_slope


class ELU(ActivationLayer):
    """x where it is positive, alpha * (exp(x) - 1) elsewhere.

    Arguments:
        alpha: minus the value that very negative x come to, 0 or more
    Raises ArgumentError.

    Source: Clevert et al., "Fast and Accurate Deep Network Learning by ELUs", ICLR 2016.

    >>> ELU(0.5).compute_output_shape((None, 10))
    (None, 10)
    """

    def __init__(self, alpha: float = 1.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.alpha = real(alpha, "alpha", self.label, low=0.0)

    def kind(self) -> tuple[str, float]:
        """Return the engine's kind of activation and its alpha."""
        return "elu", self.alpha


class Softmax(ActivationLayer):
    """exp(x) / sum(exp(x)) over the last axis: probabilities of classes.

    >>> Softmax().compute_output_shape((None, 10))
    (None, 10)
    """

    def kind(self) -> tuple[str, float]:
        """Return the engine's kind of activation and its alpha."""
        return "softmax", 0.0
