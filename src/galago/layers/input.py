"""The start of a model: the shape of one example."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from galago.checks import sizes
from galago.errors import ShapeError
from galago.graph import GraphBuilder
from galago.layers.base import Layer, LayerOptions
from galago.layers.symbolic import KerasTensor
from galago.shapes import Shape


class InputLayer(Layer):
    """Says what one example looks like: (features,), (height, width) or (height, width, channels).

    Arguments:
        shape: the shape of one example; input_shape is another name of it
    Raises ArgumentError and ShapeError.

    >>> InputLayer((28, 28, 1)).shape
    (28, 28, 1)
    """

    needs_build = False
    takes_activity_regularizer = False

    def __init__(self, shape: Sequence[int] | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        given = options.get("input_shape") if shape is None else shape
        self.shape = sizes(given, "shape", self.label)
        if not 1 <= len(self.shape) <= 3:
            raise ShapeError(
                f"{self.label}: expected a shape (features,), (height, width) or (height, width, "
                f"channels), received {self.shape}. Leave the batch axis out."
            )
        self._calls = [KerasTensor(self.shape, self.dtype, self)]

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        return shape

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the graph's input; it has no node before it."""
        return builder.add("input", self.name, (), shape)


def Input(shape: Sequence[int], *, name: str | None = None) -> KerasTensor:
    """Return the start of a model: the symbolic output of an InputLayer.

    Arguments:
        shape: the shape of one example, without the batch axis
        name: that of the layer, made up if None
    Raises ArgumentError and ShapeError.

    >>> Input(shape=(28, 28, 1)).shape
    (None, 28, 28, 1)
    """
    return InputLayer(shape, name=name).output
