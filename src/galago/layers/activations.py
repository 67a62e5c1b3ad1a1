"""Activations as layers of their own, and how every layer's `activation=` lowers."""

from __future__ import annotations

from typing import Unpack

from galago.checks import real
from galago.errors import ArgumentError
from galago.graph import GraphBuilder
from galago.layers.base import Layer, LayerOptions
from galago.registry import ACTIVATIONS, look_up
from galago.shapes import Shape


def activation_name(activation: str | None, owner: str) -> str:
    """Return the name of a known activation ("linear" for None), or raise UnknownNameError."""
    name = "linear" if activation is None else activation
    look_up(ACTIVATIONS, name, kind="activation", owner=owner)
    return name


def lower_activation(
    builder: GraphBuilder, name: str, source: int, shape: Shape, kind: str, alpha: float = 0.0
) -> int:
    """Append an activation behind node `source`; "linear" needs none."""
    if kind == "linear":
        return source
    return builder.add("activation", name, (source,), shape, {"kind": kind, "alpha": alpha})


class ActivationLayer(Layer):
    """Base: keeps the shape, lowers to one activation."""

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
    """An activation by its name, applied to every value.

    >>> Activation("relu").compute_output_shape((None, 10))
    (None, 10)
    """

    def __init__(self, activation: str, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.activation = activation_name(activation, self.label)

    def kind(self) -> tuple[str, float]:
        """Return the engine's kind of activation and its alpha."""
        return ACTIVATIONS[self.activation]


class ReLU(ActivationLayer):
    """max(x, 0); `max_value=6` gives relu6, `negative_slope` a leaky one (not both)."""

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.max_value = max_value
        self.negative_slope = real(negative_slope, "negative_slope", self.label, low=0.0)
        if max_value not in (None, 6) or (max_value and negative_slope):
            raise ArgumentError(
                f"{self.label}: expected max_value None, or 6 without negative_slope, received "
                f"max_value={max_value!r}, negative_slope={negative_slope!r}. Choose one of them."
            )

    def kind(self) -> tuple[str, float]:
        """Return the engine's kind of activation and its alpha."""
        if self.max_value is not None:
            return "relu6", 0.0
        return ("leaky_relu", self.negative_slope) if self.negative_slope else ("relu", 0.0)


class LeakyReLU(ActivationLayer):
    """x where it is positive, negative_slope * x elsewhere."""

    def __init__(self, negative_slope: float = 0.3, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.negative_slope = real(negative_slope, "negative_slope", self.label, low=0.0)

    def kind(self) -> tuple[str, float]:
        """Return the engine's kind of activation and its alpha."""
        return "leaky_relu", self.negative_slope


class ELU(ActivationLayer):
    """x where it is positive, alpha * (exp(x) - 1) elsewhere."""

    def __init__(self, alpha: float = 1.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.alpha = real(alpha, "alpha", self.label, low=0.0)

    def kind(self) -> tuple[str, float]:
        """Return the engine's kind of activation and its alpha."""
        return "elu", self.alpha


class Softmax(ActivationLayer):
    """exp(x) / sum(exp(x)) over the last axis."""

    def kind(self) -> tuple[str, float]:
        """Return the engine's kind of activation and its alpha."""
        return "softmax", 0.0
