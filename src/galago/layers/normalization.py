"""Normalization over the batch, and over the channels of each example."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Unpack

from galago import initializers
from galago.checks import flag, real
from galago.errors import ArgumentError, ShapeError
from galago.graph import Attribute, GraphBuilder
from galago.initializers import Initializer
from galago.layers.base import Layer, WeightOptions, WeightSpec
from galago.layers.reshaping import reshape
from galago.shapes import Shape


class BatchNormalization(Layer):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, for each channel.

    In training, mean and variance are those of the batch (and of all pixels or steps), and

        moving = moving * momentum + batch * (1 - momentum)

    follows them, without Bessel's correction; evaluate and predict use the moving ones. With
    trainable=False the layer uses them in fit() too and leaves them as they are.

    Arguments:
        axis: that of the channels, which must be the last one
        momentum: from 0 to 1, how much of the moving statistics stays in a step
        epsilon: a little more than 0, so that nothing is divided by 0
        center, scale: whether there is a beta, and a gamma
        beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer:
            how these start
    Raises ArgumentError and, at the input, ShapeError.

    Source: Ioffe and Szegedy, ICML 2015.

    >>> BatchNormalization().compute_output_shape((None, 28, 28, 64))
    (None, 28, 28, 64)
    """

    regulated: ClassVar[Mapping[str, str]] = {"gamma": "gamma", "beta": "beta"}

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: str | Initializer = "zeros",
        gamma_initializer: str | Initializer = "ones",
        moving_mean_initializer: str | Initializer = "zeros",
        moving_variance_initializer: str | Initializer = "ones",
        **options: Unpack[WeightOptions],
    ) -> None:
        super().__init__(**options)
        self.axis = axis
        self.momentum = real(momentum, "momentum", self.label, low=0.0, high=1.0)
        self.epsilon = _epsilon(epsilon, self.label)
        self.center = flag(center, "center", self.label)
        self.scale = flag(scale, "scale", self.label)
        self.beta_initializer = initializers.get(beta_initializer, owner=self.label)
        self.gamma_initializer = initializers.get(gamma_initializer, owner=self.label)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer, owner=self.label)
        self.moving_variance_initializer = initializers.get(
            moving_variance_initializer, owner=self.label
        )

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        if len(shape) not in (1, 2, 3):
            raise ShapeError(
                f"{self.label}: expected features (n,), sequences (steps, channels) or images "
                f"(height, width, channels), received {shape}. Leave the batch axis out of "
                "input_shape."
            )
        require_last_axis(self, self.axis, len(shape))
        return shape

    def weight_specs(self, shape: Shape) -> Iterable[WeightSpec]:
        """Return gamma, beta and the moving statistics, one number a channel each."""
        channels = shape[-1:]
        if self.scale:
            yield WeightSpec("gamma", channels, self.gamma_initializer)
        if self.center:
            yield WeightSpec("beta", channels, self.beta_initializer)
        yield WeightSpec("moving_mean", channels, self.moving_mean_initializer, trainable=False)
        yield WeightSpec(
            "moving_variance", channels, self.moving_variance_initializer, trainable=False
        )

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the normalization of an image; a frozen layer only applies what it knows."""
        image = (1, *shape) if len(shape) == 2 else shape
        source = reshape(builder, self.name, source, shape, image)
        attributes: dict[str, Attribute] = {
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "scale": int(self.scale),
            "center": int(self.center),
            "inference": int(self in builder.frozen),
        }
        norm = builder.add("batch_norm", self.name, (source,), image, attributes, self.weights)
        return reshape(builder, self.name, norm, image, shape)


class LayerNormalization(Layer):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, at each place of an example.

    Mean and variance are those of the channels there.

    Arguments:
        axis: that of the channels, which must be the last one
        epsilon: a little more than 0, so that nothing is divided by 0
        center, scale: whether there is a beta, and a gamma
        beta_initializer, gamma_initializer: how these start
    Raises ArgumentError and, at the input, ShapeError.

    Source: Ba et al., arXiv:1607.06450, 2016.

    >>> LayerNormalization().compute_output_shape((None, 28, 28, 64))
    (None, 28, 28, 64)
    """

    regulated: ClassVar[Mapping[str, str]] = {"gamma": "gamma", "beta": "beta"}

    def __init__(
        self,
        axis: int = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: str | Initializer = "zeros",
        gamma_initializer: str | Initializer = "ones",
        **options: Unpack[WeightOptions],
    ) -> None:
        super().__init__(**options)
        self.axis = axis[0] if isinstance(axis, (list, tuple)) and len(axis) == 1 else axis
        self.epsilon = _epsilon(epsilon, self.label)
        self.center = flag(center, "center", self.label)
        self.scale = flag(scale, "scale", self.label)
        self.beta_initializer = initializers.get(beta_initializer, owner=self.label)
        self.gamma_initializer = initializers.get(gamma_initializer, owner=self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        require_last_axis(self, self.axis, len(shape))
        return shape

    def weight_specs(self, shape: Shape) -> Iterable[WeightSpec]:
        """Return gamma and beta, one number a channel each."""
        if self.scale:
            yield WeightSpec("gamma", shape[-1:], self.gamma_initializer)
        if self.center:
            yield WeightSpec("beta", shape[-1:], self.beta_initializer)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the normalization."""
        attributes: dict[str, Attribute] = {
            "epsilon": self.epsilon,
            "scale": int(self.scale),
            "center": int(self.center),
        }
        return builder.add("layer_norm", self.name, (source,), shape, attributes, self.weights)


def _epsilon(epsilon: float, owner: str) -> float:
    """Return a number above 0, or raise ArgumentError."""
    number = real(epsilon, "epsilon", owner, low=0.0)
    if number == 0.0:
        raise ArgumentError(
            f"{owner}: epsilon must be greater than 0, since a variance may be 0, received "
            f"{epsilon!r}. Pass for example epsilon=0.001."
        )
    return number


def require_last_axis(layer: Layer, axis: object, rank: int) -> None:
    """Raise ArgumentError unless an axis, counted with the batch axis, is that of the channels."""
    if isinstance(axis, bool) or axis not in (-1, rank):
        raise ArgumentError(
            f"{layer.label}: expected axis -1 or {rank}, the axis of the channels, received "
            f"{axis!r}. Leave axis out."
        )
