"""The activation that learns its slope."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Unpack

from galago import initializers
from galago.errors import ArgumentError, ShapeError
from galago.graph import GraphBuilder
from galago.initializers import Initializer
from galago.layers.activations import clipped_relu, lower_activation
from galago.layers.base import Layer, WeightOptions, WeightSpec
from galago.layers.kernel import POINTWISE
from galago.layers.reshaping import reshape
from galago.shapes import Shape


class PReLU(Layer):
    """x where it is positive, alpha * x elsewhere, with an alpha that is learned.

    Each value of an example has an alpha of its own, unless they share it.

    Arguments:
        alpha_initializer: how alpha starts
        shared_axes: axes, counted from 1, along which there is one alpha for all: (1, 2) leaves
            one for each channel; the first ones, (1,), (1, 2) or (1, 2, 3)
    Raises ArgumentError and, at the input, ShapeError.

    Source: He et al., ICCV 2015.

    >>> layer = PReLU(shared_axes=(1, 2))
    >>> layer.build((None, 28, 28, 16))
    >>> layer.weights
    [<Variable p_re_lu/alpha, shape=(1, 1, 16), dtype=float32>]
    """

    regulated: ClassVar[Mapping[str, str]] = {"alpha": "alpha"}

    def __init__(
        self,
        alpha_initializer: str | Initializer = "zeros",
        shared_axes: int | Sequence[int] | None = None,
        **options: Unpack[WeightOptions],
    ) -> None:
        super().__init__(**options)
        self.alpha_initializer = initializers.get(alpha_initializer, owner=self.label)
        self.shared_axes = self._axes(shared_axes)

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        if self.shared_axes and len(self.shared_axes) > len(shape):
            raise ShapeError(
                f"{self.label}: expected an input with the axes {self.shared_axes} of "
                f"shared_axes, received {shape}. Share fewer axes."
            )
        return shape

    def weight_specs(self, shape: Shape) -> Iterable[WeightSpec]:
        """Return alpha, whose shared axes have the size 1."""
        shared = len(self.shared_axes or ())
        yield WeightSpec("alpha", (*[1] * shared, *shape[shared:]), self.alpha_initializer)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append max(x, 0) + alpha * min(x, 0).

        The product is a depthwise 1x1 convolution whose channels are all values of one alpha each.
        """
        shared = len(self.shared_axes or ())
        each = math.prod(shape[shared:])
        positions = (1, math.prod(shape[:shared]), each)
        above = lower_activation(builder, self.name, source, shape, "relu")
        below = clipped_relu(builder, self.name, source, shape, 1.0, 0.0, 0.0)
        below = reshape(builder, self.name, below, shape, positions)
        sloped = builder.add(
            "conv", self.name, (below,), positions, {**POINTWISE, "groups": each}, self.weights
        )
        sloped = reshape(builder, self.name, sloped, positions, shape)
        return builder.add("add", self.name, (above, sloped), shape)

    def _axes(self, given: Any) -> tuple[int, ...] | None:
        if given is None:
            return None
        listed = list(given) if isinstance(given, (tuple, list)) else [given]
        try:
            axes = sorted(operator.index(axis) for axis in listed)
        except TypeError:
            axes = [0]
        if axes != list(range(1, len(axes) + 1)):
            raise ArgumentError(
                f"{self.label}: shared_axes must be None or the first axes of an example, "
                f"received {given!r}. Pass (1, 2) for one alpha a channel."
            )
        return tuple(axes)
