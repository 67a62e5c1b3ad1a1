"""What every layer is: a name, a configuration, shape arithmetic, weights and a way to lower."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NamedTuple, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from galago import config
from galago.checks import flag, sizes
from galago.configurable import Configurable
from galago.errors import ArgumentError, NotBuiltError, ShapeError
from galago.graph import GraphBuilder
from galago.initializers import Initializer
from galago.naming import auto_name
from galago.registry import nearest
from galago.shapes import BatchShape, Shape, with_batch
from galago.variables import Variable, count


class LayerOptions(TypedDict, total=False):
    """Arguments that every layer takes besides its own."""

    name: str | None  # made up from the class when None: "conv2d", "conv2d_1"
    trainable: bool  # False keeps the weights as they are; counts from the next compile()
    input_shape: Sequence[int] | None  # of one example; read from the first layer of a model


class WeightSpec(NamedTuple):
    """A weight that a layer needs for some input: its name, shape and starting values."""

    name: str
    shape: Shape
    initializer: Initializer


class Layer(Configurable):
    """Base of all layers. A subclass says `infer` and `lower`, and `weight_specs` if it has any.

    A layer only describes; the engine computes. Shapes inside leave the batch axis out, the
    public `build` and `compute_output_shape` have it in front, as Keras does.
    """

    #: False for layers that count as built from the start, because no input changes them.
    needs_build: ClassVar[bool] = True

    def __init__(self, **options: Unpack[LayerOptions]) -> None:
        known = LayerOptions.__annotations__
        unknown = next((name for name in options if name not in known), None)
        if unknown is not None:
            names = [*self.argument_names(), "input_shape"]
            raise ArgumentError(
                f"{type(self).__name__}: expected its known arguments, received {unknown!r}."
                f"{nearest(unknown, names)} Known: {', '.join(names)}."
            )
        name = options.get("name")
        self.name: str = auto_name(type(self).__name__) if name is None else name
        if not isinstance(self.name, str) or not self.name or "/" in self.name:
            raise ArgumentError(
                f"{type(self).__name__}: name must be text without '/', received {name!r}. "
                "Give another name or leave it out."
            )
        self.trainable = flag(options.get("trainable", True), "trainable", self.label)
        shape = options.get("input_shape")
        self.input_shape_argument = (
            None if shape is None else sizes(shape, "input_shape", self.label)
        )
        self.dtype = config.floatx()
        self._weights: list[Variable] | None = None

    @classmethod
    def argument_names(cls) -> tuple[str, ...]:
        """Return the names of the constructor's arguments, shared ones last."""
        return (*super().argument_names(), "name", "trainable")

    @property
    def label(self) -> str:
        """How messages call the layer: "Conv2D 'conv2d_1'"."""
        return f"{type(self).__name__} {self.name!r}"

    def infer(self, shape: Shape) -> Shape:
        """Return the output shape for an input shape. Raises ShapeError if there is none."""
        raise NotImplementedError

    def weight_specs(self, shape: Shape) -> Iterable[WeightSpec]:
        """Return the weights needed for an input shape."""
        return ()

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the layer's operations behind node `source` and return the last one's place."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: BatchShape) -> BatchShape:
        """Return the output shape, batch axis in front: (None, 28, 28, 1) to (None, 26, 26, 64)."""
        return with_batch(self.infer(sizes(input_shape[1:], "input_shape", self.label)))

    def build(self, input_shape: BatchShape) -> None:
        """Make the weights for an input shape with the batch axis in front."""
        self.make_weights(sizes(input_shape[1:], "input_shape", self.label))

    def make_weights(self, shape: Shape) -> None:
        """Make the weights, or check that those there fit. Raises ShapeError."""
        self.infer(shape)
        specs = list(self.weight_specs(shape))
        if self._weights is None:
            self._weights = [
                Variable(f"{self.name}/{spec.name}", spec.initializer(spec.shape, self.dtype))
                for spec in specs
            ]
            return
        for variable, spec in zip(self._weights, specs, strict=True):
            if variable.shape != spec.shape:
                raise ShapeError(
                    f"{self.label}: an input of shape {shape} needs a {spec.name} of shape "
                    f"{spec.shape}, but the layer was built with {variable.shape}. "
                    "Make a new layer for the new input."
                )

    @property
    def built(self) -> bool:
        """Whether the layer has met its input shape."""
        return self._weights is not None or not self.needs_build

    @property
    def weights(self) -> list[Variable]:
        """All variables, empty before the layer is built."""
        return list(self._weights or ())

    @property
    def trainable_weights(self) -> list[Variable]:
        """The variables, unless the layer is frozen."""
        return self.weights if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The variables of a frozen layer."""
        return [] if self.trainable else self.weights

    def get_weights(self) -> list[npt.NDArray[Any]]:
        """Return copies of all weights, in Keras's layouts."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Sequence[npt.ArrayLike]) -> None:
        """Replace all weights. Raises ShapeError when count or shapes differ."""
        assign_all(self.weights, weights, self.label)

    def count_params(self) -> int:
        """Return how many numbers the weights hold. Raises NotBuiltError."""
        if not self.built:
            raise NotBuiltError(
                f"{self.label}: expected a built layer, but its input shape is not known yet. "
                "Call layer.build(input_shape) or add the layer to a model with an input shape."
            )
        return count(self.weights)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def assign_all(variables: Sequence[Variable], values: Sequence[npt.ArrayLike], owner: str) -> None:
    """Assign one value to each variable, all or none. Raises ShapeError."""
    wanted = [variable.shape for variable in variables]
    received = [np.shape(value) for value in values]
    if wanted != received:
        raise ShapeError(
            f"{owner}: expected weights of shapes {wanted}, received {received}. "
            "Pass what get_weights() of an equal model returns."
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def image_sizes(layer: Layer, shape: Shape) -> tuple[int, int, int]:
    """Return (height, width, channels), or raise a ShapeError that says how to get there."""
    if len(shape) == 3:
        return shape[0], shape[1], shape[2]
    advice = (
        f"The channel axis is missing: use input_shape=({shape[0]}, {shape[1]}, 1) and pass "
        "x[..., None]."
        if len(shape) == 2
        else "Put it before Flatten and Dense."
        if len(shape) == 1
        else "Leave the batch axis out of input_shape."
    )
    raise ShapeError(
        f"{layer.label}: expected images of shape (height, width, channels), received {shape}. "
        f"{advice}"
    )
