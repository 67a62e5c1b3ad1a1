"""Normalization over the batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Unpack

from galago import initializers
from galago.checks import flag, real
from galago.errors import ArgumentError, ShapeError
from galago.graph import Attribute, GraphBuilder
from galago.initializers import Initializer
from galago.layers.base import Layer, WeightOptions, WeightSpec
from galago.shapes import Shape


class BatchNormalization(Layer):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, for each channel.

    In training, mean and variance are those of the batch (and of all pixels), and

        moving = moving * momentum + batch * (1 - momentum)

    follows them; evaluate and predict use the moving ones. With `trainable=False` the layer uses
    them in fit() too and leaves them as they are. Arguments: the axis of the channels, which must
    be the last one; `center` and `scale` say whether there is a beta and a gamma. Raises
    ArgumentError and, at the input, ShapeError.

    Source: Ioffe and Szegedy, ICML 2015. The moving variance is that of the batch without
    Bessel's correction, as in Keras.

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
        self.epsilon = real(epsilon, "epsilon", self.label, low=0.0)
        if self.epsilon == 0.0:
            raise ArgumentError(
                f"{self.label}: epsilon must be greater than 0, since a variance may be 0, "
                f"received {epsilon!r}. Pass for example epsilon=0.001."
            )
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
        if len(shape) not in (1, 3):
            raise ShapeError(
                f"{self.label}: expected features (n,) or images (height, width, channels), "
                f"received {shape}. Put Flatten() before it, or give the images a channel axis."
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
        """Append the normalization; a frozen layer only applies what it knows."""
        attributes: dict[str, Attribute] = {
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "scale": int(self.scale),
            "center": int(self.center),
            "inference": int(self in builder.frozen),
        }
        return builder.add("batch_norm", self.name, (source,), shape, attributes, self.weights)


def require_last_axis(layer: Layer, axis: object, rank: int) -> None:
    """Raise ArgumentError unless an axis, counted with the batch axis, is that of the channels."""
    if isinstance(axis, bool) or axis not in (-1, rank):
        raise ArgumentError(
            f"{layer.label}: expected axis -1 or {rank}, the axis of the channels, received "
            f"{axis!r}. Leave axis out."
        )
