"""Layers with code of their own, in NumPy: what a subclass of Layer with a call() becomes."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, Self, Unpack

import numpy as np
import numpy.typing as npt

from galago import constraints, initializers, regularizers
from galago.checks import flag, sizes, text
from galago.configurable import plain
from galago.errors import ArgumentError, ShapeError
from galago.graph import GraphBuilder
from galago.layers.base import Layer, LayerOptions
from galago.layers.custom_arguments import SHARED, bound, named, noted, takes
from galago.layers.custom_results import (
    checked_gradients,
    checked_output,
    checked_shape,
    require_small,
)
from galago.layers.symbolic import KerasTensor, called_with
from galago.shapes import BatchShape, Shape, with_batch
from galago.variables import Variable

Array = npt.NDArray[Any]

_ROWS = 2  # examples in the batch that a layer is tried on


class CustomLayer(Layer):
    """Base of layers whose numbers are made by call() and gradient(), on arrays of a whole batch.

    Nobody names it: a subclass of Layer that has a call() gets it as its base.
    """

    #: Whether call() and gradient() ask for `training`.
    _call_says_training = _gradient_says_training = False

    call: Callable[..., Any]  # of the subclass

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Look at what the class has of its own."""
        super().__init_subclass__(**kwargs)
        cls._look()

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Remember the constructor's arguments, which say what the layer is."""
        layer = super().__new__(cls)
        layer._constructed = bound(cls, args, kwargs)
        return layer

    def __init__(self, *, dtype: str | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        if dtype not in (None, self.dtype):
            raise ArgumentError(
                f"{self.label}: expected dtype={self.dtype!r}, which this program computes in, "
                f"received {dtype!r}. Leave it out, or call galago.config.set_floatx() before."
            )
        self._constructed: dict[str, Any]
        self._weights: list[Variable] = []
        #: Those that the constructor made, once build() may have made others.
        self._early: list[Variable] = []
        self._built_for: list[Shape] | None = None
        #: Output shapes that were found for input shapes.
        self._found: dict[tuple[Shape, ...], Shape] = {}
        #: Whether new weights get values; else they take no memory.
        self._draws = True

    def __getattr__(self, name: str) -> NoReturn:
        if "_found" not in vars(self) and not name.startswith("__"):
            raise ArgumentError(
                f"{type(self).__name__}: expected a constructor that calls the one of Layer, but "
                "it has not yet. Begin __init__() with super().__init__(**kwargs)."
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @classmethod
    def _look(cls) -> None:
        own = vars(cls)
        if "call" in own:
            cls._call_says_training = takes(own["call"], "training")
        if "gradient" in own:
            cls._gradient_says_training = takes(own["gradient"], "training")
        if "build" in own:
            cls.build = _recorded(own["build"])  # type: ignore[assignment, method-assign]

    @classmethod
    def argument_names(cls) -> tuple[str, ...]:
        """Return the names of the constructor's arguments, shared ones last."""
        return (*(name for name in named(cls) if name not in SHARED), "name", "trainable")

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = "glorot_uniform",
        dtype: str | None = None,
        trainable: bool = True,
        *,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Return a new weight of the layer; call() reads it as an array.

        Arguments: its sizes; initializer, regularizer and constraint by name or as objects; whether
        an optimizer changes it; its name, unique in the layer. Raises ArgumentError.
        """
        usual = f"variable_{len(self._weights)}" if self._weights else "variable"
        path = f"{self.name}/{usual if name is None else text(name, 'name', self.label)}"
        if any(known.path == path for known in self._weights):
            raise ArgumentError(
                f"{self.label}: expected weights of different names, received {name!r} twice. "
                "Give one another name; build() makes each weight once."
            )
        if dtype not in (None, self.dtype):
            raise ArgumentError(
                f"{self.label}: expected weights of {self.dtype}, received dtype={dtype!r}. "
                "Leave it out."
            )
        flag(trainable, "trainable", self.label)
        found = initializers.get(initializer, owner=self.label)
        given = sizes(shape, "shape", self.label)
        zeros = np.broadcast_to(np.zeros((), self.dtype), given)
        value = found(given, self.dtype) if self._draws else zeros
        variable = Variable(path, value, trainable=trainable)
        variable.regularizer = regularizers.get(regularizer, owner=self.label)
        variable.constraint = constraints.get(constraint, owner=self.label)
        variable.rule()  # which finds out whether they fit
        self._weights.append(variable)
        self._weights.sort(key=lambda known: not known.trainable)  # the order of Keras's files
        return variable

    def build(self, input_shape: Any) -> None:
        """Make the weights for an input shape (None, ...), or a list of them. A subclass may."""

    def gradient(self, inputs: Any, grad: Array) -> Any:
        """Return the gradient of the loss for the input, and for each trainable weight.

        Arguments: what call() got, and the gradient for its result. Several inputs have a list of
        gradients; weights follow in a tuple, in the order of add_weight(). A subclass has it.
        """
        raise ArgumentError(
            f"{self.label}: expected a gradient() to train through, but the class has none. Write "
            "gradient(self, inputs, grad), or freeze the layers before this one and the layer."
        )

    @property
    def built(self) -> bool:
        """Whether the layer has met its input shape."""
        return self._built_for is not None

    @built.setter
    def built(self, value: bool) -> None:
        """Methods build() of Keras end with self.built = True."""

    @property
    def takes_list(self) -> bool:
        """Whether calls take a list of tensors; before the first call it may be either."""
        return len(self._calls[0].inputs) > 1 if self._calls else True

    def inputs_of_call(self, inputs: Any) -> tuple[KerasTensor, ...]:
        """Return the tensors that the layer was called with. Raises ArgumentError."""
        listed = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        if listed and all(isinstance(one, KerasTensor) for one in listed):
            return tuple(listed)
        raise ArgumentError(
            f"{self.label}: expected to be called with a symbolic tensor or a list of them, such "
            f"as Input(shape) gives, received {called_with(inputs)}. Arrays go to the predict() "
            "of a model, or to call()."
        )

    def input_shapes(self, input_shape: Any) -> list[Shape]:
        """Return the shapes of all inputs without the batch axis. Raises ArgumentError."""
        given = tuple(input_shape)
        several = bool(given) and isinstance(given[0], (list, tuple))
        shapes = given if several else (given,)
        return [sizes(tuple(shape)[1:], "input_shape", self.label) for shape in shapes]

    def infer(self, shape: Shape) -> Shape:
        """Return the output shape for one input."""
        return self.infer_all([shape])

    def infer_all(self, shapes: Sequence[Shape]) -> Shape:
        """Return the output shape: what compute_output_shape() says. Raises ShapeError."""
        key = tuple(shapes)
        if key not in self._found:
            said = self.compute_output_shape(_batches(shapes))
            self._found[key] = checked_shape(said, self.label)
        return self._found[key]

    def compute_output_shape(self, input_shape: Any) -> BatchShape:
        """Return the output shape, batch axis in front: that of call() for an array of zeros.

        A subclass may say it itself, which is quicker.
        """
        shapes = self.input_shapes(input_shape)
        require_small(shapes, self.label)
        trial = self._trial(shapes)
        zeros = [np.zeros((_ROWS, *shape), self.dtype) for shape in shapes]
        where = f"call() of {self.label} was tried on zeros, to find its output shape"
        with noted(where), np.errstate(all="ignore"):
            found = trial._called(zeros, False)
        if not isinstance(found, np.ndarray) or found.shape[:1] != (_ROWS,):
            what = f"shape {found.shape}" if isinstance(found, np.ndarray) else repr(type(found))
            raise ShapeError(
                f"{self.label}: expected call() to return an array with a row for each of {_ROWS} "
                f"examples, received {what}. Keep the batch axis in front."
            )
        return with_batch(found.shape[1:])

    def _trial(self, shapes: list[Shape]) -> Self:
        """A copy that is built for some shapes, without new memory; the layer stays as it is."""
        trial = self._copy(lambda value: value)
        if self._built_for != shapes:
            if self._built_for is not None:
                trial._weights = list(self._early)
            trial._draws = False
            trial._build(shapes)
        return trial

    def in_float64(self, shapes: list[Shape]) -> Self:
        """Return a copy in float64, built for some shapes, with weights of its own."""
        doubles = {
            id(weight): Variable(
                weight.path, weight.numpy().astype("float64"), trainable=weight.trainable
            )
            for weight in self._weights
        }
        found = self._copy(lambda value: doubles.get(id(value), value))
        found.dtype, found._found = "float64", {}
        if self._built_for is None:
            found._build(shapes)
        return found

    def _copy(self, kept: Callable[[Any], Any]) -> Self:
        """A copy with what is kept of each attribute, and of what stands in lists and such."""
        found = object.__new__(type(self))
        for name, value in vars(self).items():
            if isinstance(value, (list, tuple)):
                value = type(value)(kept(part) for part in value)
            elif isinstance(value, dict):
                value = {key: kept(part) for key, part in value.items()}
            vars(found)[name] = kept(value)
        return found

    def _build(self, shapes: list[Shape]) -> None:
        with noted(f"in build() of {self.label}"):
            _recorded(type(self).build)(self, _batches(shapes))

    def make_weights(self, shapes: Sequence[Shape]) -> None:
        """Make the weights, or check that those there fit. Raises ShapeError."""
        wanted = list(shapes)
        if self._built_for is None:
            self._build(wanted)
        elif self._built_for != wanted:
            needed = [variable.shape for variable in self._trial(wanted)._weights]
            there = [variable.shape for variable in self._weights]
            if needed != there:
                raise ShapeError(
                    f"{self.label}: inputs of shapes {wanted} need weights of shapes {needed}, but "
                    f"the layer was built with {there}. Make a new layer for the new input."
                )

    def take_weights(self, values: Sequence[Array], shapes: Sequence[Shape]) -> None:
        """Start with the weights of a file, for some input shapes. Raises ShapeError."""
        self._draws = False
        try:
            self._build(list(shapes))
        finally:
            self._draws = True
        wanted, found = [v.shape for v in self._weights], [value.shape for value in values]
        if wanted != found:
            raise ShapeError(
                f"{self.label} needs weights of shapes {wanted}, found {found}. Take a file of the "
                "same model."
            )
        for variable, value in zip(self._weights, values, strict=True):
            variable.assign(value)

    def lower_all(
        self, builder: GraphBuilder, sources: Sequence[int], shapes: Sequence[Shape]
    ) -> int:
        """Append a node that the engine leaves to this layer."""
        says = {"class_name": type(self).__name__, "config": self._settings()}
        out = self.infer_all(shapes)
        place = builder.add("host", self.name, tuple(sources), out, says, self.weights)
        builder.hosted[place] = self
        return place

    def forward(self, inputs: list[Array], training: bool) -> Array:
        """Return the output of call(), checked. Raises what it raises, and ShapeError."""
        with noted(f"in call() of {self.label}"):
            found = self._called(inputs, training)
        shape = self.infer_all([array.shape[1:] for array in inputs])
        return checked_output(found, (len(inputs[0]), *shape), self.dtype, self.label)

    def backward(self, inputs: list[Array], grad: Array, training: bool) -> list[Array | None]:
        """Return the gradients of all inputs and weights, checked; None where none is needed."""
        with noted(f"in gradient() of {self.label}"):
            says = {"training": training} if self._gradient_says_training else {}
            found = self.gradient(inputs if len(inputs) > 1 else inputs[0], grad, **says)
        return checked_gradients(found, inputs, self._weights, self.label)

    def _called(self, inputs: list[Array], training: bool) -> Any:
        says = {"training": training} if self._call_says_training else {}
        return self.call(inputs if len(inputs) > 1 else inputs[0], **says)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments as JSON can hold them.

        A subclass may have its own, which adds to this one's. Raises ArgumentError.
        """
        base = {"name": self.name, "trainable": self.trainable, "dtype": self.dtype}
        if type(self).get_config is not CustomLayer.get_config:
            return base
        own = {name: plain(value) for name, value in self._constructed.items()}
        for name, value in own.items():
            try:
                json.dumps(value)
            except (TypeError, ValueError):
                raise ArgumentError(
                    f"{self.label}: expected arguments that JSON can hold, received {name}="
                    f"{value!r}. Write a get_config() that returns what can be stored, and a "
                    "from_config() that makes a layer of it."
                ) from None
        return {**base, **own}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Make a layer from what get_config() returned. Raises ArgumentError."""
        given = dict(config)
        late: dict[str, Any] = {}
        if not takes(cls.__init__, None):
            late = {n: given.pop(n) for n in SHARED if n in given and not takes(cls.__init__, n)}
        try:
            layer = cls(**given)
        except TypeError as error:
            raise ArgumentError(
                f"{cls.__name__}: expected the arguments of its constructor, received "
                f"{', '.join(given)}: {error}. Let get_config() return them."
            ) from error
        layer.name = late.get("name", layer.name)
        layer.trainable = late.get("trainable", layer.trainable)
        for variable in layer._weights:
            variable.path = f"{layer.name}/{variable.name}"
        return layer

    def _settings(self) -> str:
        """What tells the layer from others of its class, as text."""
        own = type(self).get_config is not CustomLayer.get_config
        found = self.get_config() if own else self._constructed
        kept = {name: value for name, value in found.items() if name not in SHARED}
        return json.dumps(kept, sort_keys=True, default=lambda value: type(value).__name__)


def adopt(cls: type[Layer]) -> None:
    """Make a CustomLayer of a class that has a call(). Raises ArgumentError if it is another's."""
    if issubclass(cls, CustomLayer):
        return
    for base in cls.__mro__[1:]:
        if base is not Layer and issubclass(base, Layer) and base.__module__.startswith("galago."):
            advice = "Put its layers into a functional Model, and its own code into a Layer."
            if not base.__module__.startswith("galago.models"):
                advice = "Subclass galago.layers.Layer."
            raise ArgumentError(
                f"{cls.__name__}: expected a subclass of Layer itself to have a call(), received "
                f"one of {base.__name__}, which the engine computes. {advice}"
            )
    cls.__bases__ = (*(base for base in cls.__bases__ if base is not Layer), CustomLayer)
    cls._look()  # type: ignore[attr-defined]


def _recorded(build: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """A build() after which the layer knows what it was built for; all or nothing."""
    if hasattr(build, "__wrapped__"):
        return build

    @functools.wraps(build)
    def recorded(self: CustomLayer, input_shape: Any) -> None:
        before = list(self._weights)
        try:
            build(self, input_shape)
        except BaseException:
            self._weights = before
            raise
        self._early, self._built_for = before, self.input_shapes(input_shape)

    return recorded


def _batches(shapes: Sequence[Shape]) -> Any:
    """Shapes with the batch axis in front, as build() gets them: one, or a list."""
    whole = [with_batch(shape) for shape in shapes]
    return whole if len(whole) > 1 else whole[0]
