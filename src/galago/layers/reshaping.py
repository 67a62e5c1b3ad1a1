"""Layers that only change the shape."""

from __future__ import annotations

import math

from galago.graph import GraphBuilder
from galago.layers.base import Layer
from galago.shapes import Shape


class Flatten(Layer):
    """All values of an example in one row, in the order (height, width, channels).

    >>> Flatten().compute_output_shape((None, 5, 5, 64))
    (None, 1600)
    """

    def infer(self, shape: Shape) -> Shape:
        """Return (height * width * channels,)."""
        return (math.prod(shape),)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the flattening; one row stays as it is."""
        if len(shape) == 1:
            return source
        return builder.add("flatten", self.name, (source,), self.infer(shape))
