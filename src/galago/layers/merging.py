"""Layers that join several inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Unpack

from galago.checks import sizes
from galago.errors import ArgumentError, ShapeError
from galago.graph import Attribute, GraphBuilder
from galago.layers.base import Layer, LayerOptions
from galago.layers.normalization import require_last_axis
from galago.layers.symbolic import KerasTensor
from galago.shapes import Shape


class MergingLayer(Layer):
    """Base of layers that are called with a list of tensors; one alone stays as it is."""

    op: ClassVar[str]

    @property
    def takes_list(self) -> bool:
        """Whether calls take a list of tensors: they do."""
        return True

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is: the only input's."""
        return shape

    def inputs_of_call(self, inputs: Any) -> tuple[KerasTensor, ...]:
        """Return the tensors that the layer was called with. Raises ArgumentError."""
        listed = isinstance(inputs, (list, tuple)) and bool(inputs)
        if not listed or not all(isinstance(tensor, KerasTensor) for tensor in inputs):
            raise ArgumentError(
                f"{self.label}: expected to be called with a list of symbolic tensors, received "
                f"{inputs!r}. Write {type(self).__name__}()([a, b]) in a functional model."
            )
        return tuple(inputs)

    def input_shapes(self, input_shape: Any) -> list[Shape]:
        """Return the shapes of all inputs without the batch axis. Raises ArgumentError."""
        shapes = list(input_shape) if isinstance(input_shape, (list, tuple)) else []
        if not shapes or not all(isinstance(shape, (list, tuple)) for shape in shapes):
            raise ArgumentError(
                f"{self.label}: expected a list of input shapes, received {input_shape!r}. Write "
                "for example [(None, 8, 8, 16), (None, 8, 8, 16)]."
            )
        return [sizes(tuple(shape)[1:], "input_shape", self.label) for shape in shapes]

    def lower_all(
        self, builder: GraphBuilder, sources: Sequence[int], shapes: Sequence[Shape]
    ) -> int:
        """Append the operation; a single input needs none."""
        if len(sources) == 1:
            return sources[0]
        return builder.add(self.op, self.name, tuple(sources), self.infer_all(shapes))


class ElementwiseMerge(MergingLayer):
    """Base of layers that join inputs of one shape, element by element.

    An input of one position, such as (1, 1, channels), goes with all positions of the others.
    """

    def infer_all(self, shapes: Sequence[Shape]) -> Shape:
        """Return the shape of all inputs that have more than one position."""
        whole = max(shapes, key=math.prod)
        for shape in shapes:
            if shape not in (whole, (*(1 for _ in whole[:-1]), whole[-1])):
                first = next(other for other in (*shapes, whole) if other != shape)
                raise ShapeError(
                    f"{self.label}: expected inputs of one shape, received {first} and {shape}. "
                    "Bring them to one shape first, for example with Conv2D(filters, 1, strides)."
                )
        return whole

    def lower_all(
        self, builder: GraphBuilder, sources: Sequence[int], shapes: Sequence[Shape]
    ) -> int:
        """Append the operation for one input after the other."""
        place = sources[0]
        for last in range(1, len(sources)):
            out = self.infer_all(shapes[: last + 1])
            place = builder.add(self.op, self.name, (place, sources[last]), out)
        return place


class Add(ElementwiseMerge):
    """The sum of inputs of one shape, element by element.

    It is called with a list of tensors; one of (1, 1, channels) is added at every pixel. Raises
    ArgumentError and, at the inputs, ShapeError.

    >>> from galago.layers import Input
    >>> Add()([Input((8, 8, 16)), Input((8, 8, 16))]).shape
    (None, 8, 8, 16)
    """

    op = "add"

    def lower_all(
        self, builder: GraphBuilder, sources: Sequence[int], shapes: Sequence[Shape]
    ) -> int:
        """Append one sum of all."""
        return MergingLayer.lower_all(self, builder, sources, shapes)


class Average(Add):
    """The mean of inputs of one shape, element by element.

    It is called as Add.

    >>> from galago.layers import Input
    >>> Average()([Input((8, 8, 16)), Input((8, 8, 16))]).shape
    (None, 8, 8, 16)
    """

    def lower_all(
        self, builder: GraphBuilder, sources: Sequence[int], shapes: Sequence[Shape]
    ) -> int:
        """Append the sum and its division."""
        total = super().lower_all(builder, sources, shapes)
        if len(sources) == 1:
            return total
        share: dict[str, Attribute] = {"kind": "rescale", "alpha": 1 / len(sources), "beta": 0.0}
        return builder.add("activation", self.name, (total,), self.infer_all(shapes), share)


class Subtract(ElementwiseMerge):
    """The first of two inputs minus the second, element by element.

    It is called as Add, with two tensors.

    >>> from galago.layers import Input
    >>> Subtract()([Input((8, 8, 16)), Input((8, 8, 16))]).shape
    (None, 8, 8, 16)
    """

    op = "subtract"

    def infer_all(self, shapes: Sequence[Shape]) -> Shape:
        """Return the shape of both inputs."""
        if len(shapes) != 2:
            raise ArgumentError(
                f"{self.label}: expected two inputs, received {len(shapes)}. Write "
                "Subtract()([a, b])."
            )
        return super().infer_all(shapes)


class Multiply(ElementwiseMerge):
    """The product of inputs of one shape, element by element.

    It is called as Add. An input of (1, 1, channels) weighs the channels of the others, as in
    squeeze-and-excitation (Hu et al., CVPR 2018).

    >>> from galago.layers import Input
    >>> Multiply()([Input((8, 8, 16)), Input((1, 1, 16))]).shape
    (None, 8, 8, 16)
    """

    op = "multiply"


class Maximum(ElementwiseMerge):
    """The largest of inputs of one shape, element by element.

    It is called as Add. Of equal values the first gets the gradient.

    >>> from galago.layers import Input
    >>> Maximum()([Input((8, 8, 16)), Input((8, 8, 16))]).shape
    (None, 8, 8, 16)
    """

    op = "maximum"


class Minimum(ElementwiseMerge):
    """The smallest of inputs of one shape, element by element.

    It is called as Add. Of equal values the first gets the gradient.

    >>> from galago.layers import Input
    >>> Minimum()([Input((8, 8, 16)), Input((8, 8, 16))]).shape
    (None, 8, 8, 16)
    """

    op = "minimum"


class Concatenate(MergingLayer):
    """The channels of all inputs, one behind the other.

    It is called with a list of tensors.

    Arguments:
        axis: that of the channels, -1 or the last
    Raises ArgumentError and, at the inputs, ShapeError.

    >>> from galago.layers import Input
    >>> Concatenate()([Input((8, 8, 16)), Input((8, 8, 4))]).shape
    (None, 8, 8, 20)
    """

    op = "concatenate"

    def __init__(self, axis: int = -1, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.axis = axis

    def infer_all(self, shapes: Sequence[Shape]) -> Shape:
        """Return the common height and width with the sum of the channels."""
        first = shapes[0]
        require_last_axis(self, self.axis, len(first))
        other = next((s for s in shapes if len(s) != len(first) or s[:-1] != first[:-1]), None)
        if other is not None:
            raise ShapeError(
                f"{self.label}: expected inputs that differ in their channels only, received "
                f"{first} and {other}. Bring them to one height and width first."
            )
        return (*first[:-1], sum(shape[-1] for shape in shapes))


def add(inputs: Sequence[KerasTensor], *, name: str | None = None) -> KerasTensor:
    """Return Add(name=name)(inputs).

    >>> from galago.layers import Input
    >>> add([Input((4,)), Input((4,))]).shape
    (None, 4)
    """
    return Add(name=name)(inputs)


def subtract(inputs: Sequence[KerasTensor], *, name: str | None = None) -> KerasTensor:
    """Return Subtract(name=name)(inputs).

    >>> from galago.layers import Input
    >>> subtract([Input((4,)), Input((4,))]).shape
    (None, 4)
    """
    return Subtract(name=name)(inputs)


def multiply(inputs: Sequence[KerasTensor], *, name: str | None = None) -> KerasTensor:
    """Return Multiply(name=name)(inputs).

    >>> from galago.layers import Input
    >>> multiply([Input((4,)), Input((4,))]).shape
    (None, 4)
    """
    return Multiply(name=name)(inputs)


def average(inputs: Sequence[KerasTensor], *, name: str | None = None) -> KerasTensor:
    """Return Average(name=name)(inputs).

    >>> from galago.layers import Input
    >>> average([Input((4,)), Input((4,))]).shape
    (None, 4)
    """
    return Average(name=name)(inputs)


def maximum(inputs: Sequence[KerasTensor], *, name: str | None = None) -> KerasTensor:
    """Return Maximum(name=name)(inputs).

    >>> from galago.layers import Input
    >>> maximum([Input((4,)), Input((4,))]).shape
    (None, 4)
    """
    return Maximum(name=name)(inputs)


def minimum(inputs: Sequence[KerasTensor], *, name: str | None = None) -> KerasTensor:
    """Return Minimum(name=name)(inputs).

    >>> from galago.layers import Input
    >>> minimum([Input((4,)), Input((4,))]).shape
    (None, 4)
    """
    return Minimum(name=name)(inputs)


def concatenate(
    inputs: Sequence[KerasTensor], axis: int = -1, *, name: str | None = None
) -> KerasTensor:
    """Return Concatenate(axis, name=name)(inputs).

    >>> from galago.layers import Input
    >>> concatenate([Input((4,)), Input((3,))]).shape
    (None, 7)
    """
    return Concatenate(axis, name=name)(inputs)
