"""Symbolic tensors: what layers are called with to describe a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from galago.errors import ArgumentError
from galago.naming import auto_name
from galago.shapes import BatchShape, Shape, checked, with_batch

if TYPE_CHECKING:
    from galago.layers.base import Layer


class KerasTensor:
    """A place in a model: the shape that stands there, and the layer call that it comes from.

    It holds no numbers. `Input` makes the first one, calling a layer on it the next one. Two
    tensors are equal only if they are the same object.

    Arguments:
        sizes: the shape of one example
        dtype: the type of its numbers, "float32" or "float64"
        layer: the layer whose call gives it
        inputs: what that layer was called with

    >>> from galago.layers import Dense, Input
    >>> Dense(10)(Input(shape=(784,))).shape
    (None, 10)
    """

    __slots__ = ("call", "dtype", "inputs", "layer", "name", "place", "siblings", "sizes")

    def __init__(
        self, sizes: Shape, dtype: str, layer: Layer, inputs: tuple[KerasTensor, ...] = ()
    ) -> None:
        """Take the shape of one example, the number type, and the layer with its inputs.

        Raises ShapeError for a shape that is too large for anybody.
        """
        self.sizes = checked(sizes, layer.label)
        self.dtype = dtype
        self.layer = layer
        self.inputs = inputs
        #: Which of the layer's calls this is, once it has taken place.
        self.call = 0
        #: All that the call gave, this one too, and where it stands among them.
        self.siblings: tuple[KerasTensor, ...] = (self,)
        self.place = 0
        self.name = auto_name("KerasTensor")

    @property
    def first(self) -> KerasTensor:
        """The first of what the call gave: it stands for the call."""
        return self.siblings[0]

    @property
    def shape(self) -> BatchShape:
        """Sizes with the open batch axis in front."""
        return with_batch(self.sizes)

    def path(self) -> list[KerasTensor]:
        """Return the tensors from the input to this one, as far back as there is one way only."""
        tensors = [self]
        while len(tensors[0].inputs) == 1:
            tensors.insert(0, tensors[0].inputs[0])
        return tensors

    def __array__(self, dtype: object = None, copy: bool | None = None) -> NoReturn:
        raise ArgumentError(
            f"{self!r}: expected an array, received a symbolic tensor, which holds no numbers. "
            "Use Galago's layers on it, make a Model of it, and pass arrays to predict()."
        )

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"


def called(
    layer: Layer, shapes: Sequence[Shape], dtype: str, inputs: tuple[KerasTensor, ...]
) -> KerasTensor:
    """Return the first of the tensors that one call of a layer gives, one for each shape."""
    tensors = tuple(KerasTensor(sizes, dtype, layer, inputs) for sizes in shapes)
    for place, tensor in enumerate(tensors):
        tensor.siblings, tensor.place = tensors, place
    return tensors[0]


def called_with(inputs: Any) -> str:
    """Say in words what a layer was called with."""
    if isinstance(inputs, (list, tuple)):
        return f"a {type(inputs).__name__} of {len(inputs)}"
    if isinstance(inputs, np.ndarray):
        return f"an array of shape {inputs.shape}"
    return repr(inputs)
