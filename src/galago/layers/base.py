"""What every layer is: a name, a configuration, shape arithmetic, weights and a way to lower."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, TypedDict, Unpack

import numpy.typing as npt

from galago import config, constraints, regularizers
from galago.checks import flag, sizes
from galago.configurable import Configurable
from galago.constraints import Constraint
from galago.errors import ArgumentError, NotBuiltError, ShapeError
from galago.graph import GraphBuilder
from galago.initializers import Initializer
from galago.layers.symbolic import KerasTensor, called, called_with
from galago.layers.weighted import Weighted
from galago.naming import auto_name, is_layer_name
from galago.registry import look_up, nearest
from galago.regularizers import Regularizer
from galago.shapes import BatchShape, Shape, WindowError, with_batch
from galago.variables import Variable

_DATA_FORMATS = {"channels_last": True}


class LayerOptions(TypedDict, total=False):
    """Arguments that every layer takes besides its own."""

    name: str | None  # made up from the class when None: "conv2d", "conv2d_1"
    trainable: bool  # False keeps the weights as they are; counts from the next compile()
    input_shape: Sequence[int] | None  # of one example; read from the first layer of a model
    data_format: str | None  # "channels_last", the only one
    activity_regularizer: str | Regularizer | None  # penalty of the output; its mean over the batch


class WeightOptions(LayerOptions, total=False):
    """The same, and for a layer's weights: those of its `regulated` ones, None unless given."""

    kernel_regularizer: str | Regularizer | None
    bias_regularizer: str | Regularizer | None
    depthwise_regularizer: str | Regularizer | None
    pointwise_regularizer: str | Regularizer | None
    gamma_regularizer: str | Regularizer | None
    beta_regularizer: str | Regularizer | None
    kernel_constraint: str | Constraint | None
    bias_constraint: str | Constraint | None
    depthwise_constraint: str | Constraint | None
    pointwise_constraint: str | Constraint | None
    gamma_constraint: str | Constraint | None
    beta_constraint: str | Constraint | None


class WeightSpec(NamedTuple):
    """A weight that a layer needs for some input; the optimizer changes only trainable ones."""

    name: str
    shape: Shape
    initializer: Initializer
    trainable: bool = True


class Layer(Weighted, Configurable):
    """Base of all layers, and of your own: a class with `call` and `gradient`, in NumPy.

    docs/custom_layers.md shows how to write one.

    Arguments:
        name: made up from the class if None: "conv2d", "conv2d_1"
        trainable: False keeps the weights as they are; counts from the next compile()
        input_shape: that of one example, for the first layer of a Sequential model
        data_format: None or "channels_last": images are (height, width, channels)
        kernel_regularizer, bias_regularizer: penalties on a weight, such as "l2", of layers that
            have it; depthwise_regularizer, pointwise_regularizer, gamma_regularizer and
            beta_regularizer are the same for weights of these names
        kernel_constraint, bias_constraint: what a weight has to be after each step, such as
            MaxNorm(2); depthwise_constraint, pointwise_constraint, gamma_constraint and
            beta_constraint are the same for weights of these names
        activity_regularizer: a penalty of what the layer gives, its mean over the batch
    Raises ArgumentError.

    >>> class Double(Layer):
    ...     def call(self, inputs): return 2 * inputs
    ...     def gradient(self, inputs, grad): return 2 * grad
    >>> Double().compute_output_shape((None, 28, 28, 1))
    (None, 28, 28, 1)
    """

    # The engine's own layers describe: with `infer`, `lower`, and `weight_specs` if they have any.
    # Shapes in there leave the batch axis out. A class with a call() becomes a CustomLayer.

    #: False for layers that count as built from the start, because no input changes them.
    needs_build: ClassVar[bool] = True
    #: Weights that may have a regularizer and a constraint, and what those arguments' names start
    #: with: {"kernel": "depthwise"} for depthwise_regularizer and depthwise_constraint.
    regulated: ClassVar[Mapping[str, str]] = {}
    #: Whether there may be a penalty of the output; Keras has it on nearly all layers.
    takes_activity_regularizer: ClassVar[bool] = True

    #: The penalty of the output that is added to the loss, if there is one.
    activity_regularizer: Regularizer | None = None

    add_weight: Callable[..., Variable]  # of classes with a call()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Give a class with a call() of its own the base that runs it."""
        super().__init_subclass__(**kwargs)
        if "call" in vars(cls):
            from galago.layers.custom import adopt  # which knows this module

            adopt(cls)

    def __init__(self, **options: Unpack[WeightOptions]) -> None:
        shared = {*LayerOptions.__annotations__} - {"activity_regularizer"}
        known = {*self._regulations(), *shared}
        unknown = next((name for name in options if name not in known), None)
        if unknown is not None:
            names = [*self.argument_names(), "input_shape"]
            raise ArgumentError(
                f"{type(self).__name__}: expected its known arguments, received {unknown!r}."
                f"{nearest(unknown, names)} Known: {', '.join(names)}."
            )
        name = options.get("name")
        self.name = auto_name(type(self).__name__) if name is None else name
        if not is_layer_name(self.name):
            raise ArgumentError(
                f"{type(self).__name__}: name must be text without '/', received {name!r}. "
                "Give another name or leave it out."
            )
        self._trainable = flag(options.get("trainable", True), "trainable", self.label)
        shape = options.get("input_shape")
        self.input_shape_argument = (
            None if shape is None else sizes(shape, "input_shape", self.label)
        )
        order = options.get("data_format") or "channels_last"
        look_up(_DATA_FORMATS, order, kind="data_format", owner=self.label)
        for name in self._regulations():
            find: Any = regularizers.get if name.endswith("_regularizer") else constraints.get
            setattr(self, name, find(options.get(name), owner=self.label))
        self.dtype = config.floatx()
        self._weights = None
        #: What the calls gave, in their order.
        self._calls: list[KerasTensor] = []

    @classmethod
    def argument_names(cls) -> tuple[str, ...]:
        """Return the names of the constructor's arguments, shared ones last."""
        return (*super().argument_names(), *cls._regulations(), "name", "trainable")

    @classmethod
    def _regulations(cls) -> list[str]:
        """The names of the arguments for regularizers and constraints."""
        kinds = ("regularizer", "constraint")
        found = [f"{start}_{kind}" for kind in kinds for start in cls.regulated.values()]
        return [*found, *(["activity_regularizer"] if cls.takes_activity_regularizer else [])]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments as values that JSON can hold.

        `activity_regularizer` is among them only where there is one, as in Keras.
        """
        settings = super().get_config()
        if settings.get("activity_regularizer") is None:
            settings.pop("activity_regularizer", None)
        return settings

    @property
    def takes_list(self) -> bool:
        """Whether calls take a list of tensors, not one."""
        return False

    def infer(self, shape: Shape) -> Shape:
        """Return the output shape for an input shape. Raises ShapeError if there is none."""
        raise NotImplementedError

    def weight_specs(self, shape: Shape) -> Iterable[WeightSpec]:
        """Return the weights needed for an input shape, that of one example."""
        return ()

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the layer's operations to a graph and return the place of the last one.

        Arguments:
            builder: the graph that is being made
            source: the place of the node whose output the layer reads
            shape: what that output is, of one example
        """
        raise NotImplementedError

    def infer_all(self, shapes: Sequence[Shape]) -> Shape:
        """Return the output shape for the shapes of all inputs; most layers have one."""
        return self.infer(shapes[0])

    def infer_each(self, shapes: Sequence[Shape]) -> list[Shape]:
        """Return the output shapes for the shapes of all inputs; only models may have several."""
        return [self.infer_all(shapes)]

    def lower_all(
        self, builder: GraphBuilder, sources: Sequence[int], shapes: Sequence[Shape]
    ) -> int:
        """Append the layer's operations to a builder's graph, behind all of its inputs.

        sources and shapes hold what lower() has as source and shape, for each of them.
        """
        return self.lower(builder, sources[0], shapes[0])

    def lower_each(
        self, builder: GraphBuilder, sources: Sequence[int], shapes: Sequence[Shape]
    ) -> list[int]:
        """lower_all() for a builder, sources and shapes, then the penalty; each output's place."""
        place, penalty = self.lower_all(builder, sources, shapes), self.activity_regularizer
        if penalty is None or not (penalty.l1 or penalty.l2):
            return [place]
        factors = {"l1": penalty.l1, "l2": penalty.l2}
        out = self.infer_all(shapes)
        return [builder.add("activity", f"{self.name}/activity", (place,), out, factors)]

    def __call__(self, inputs: Any) -> KerasTensor:
        """Put the layer behind a symbolic tensor, such as Input() gives, and make its weights.

        Raises ArgumentError for anything else and ShapeError if the layer does not fit.
        """
        return self.accept(self.symbolic(inputs))

    def symbolic(self, inputs: Any) -> KerasTensor:
        """Return the first of what a call with these inputs would give; the layer stays as it is.

        Raises ArgumentError and ShapeError, as a call does.
        """
        tensors = self.inputs_of_call(inputs)
        for tensor in tensors:
            if tensor.dtype != self.dtype:
                raise ArgumentError(
                    f"{self.label}: expected inputs of {self.dtype}, received {tensor!r}. Call "
                    "galago.config.set_floatx() before the model is made."
                )
        try:
            outputs = self.infer_each([tensor.sizes for tensor in tensors])
        except WindowError as error:
            start, *path = tensors[0].path()
            steps = [(tensor.layer.name, tensor.sizes) for tensor in path]
            raise error.after(start.sizes, steps) from None
        return called(self, outputs, self.dtype, tensors)

    def accept(self, tensor: KerasTensor) -> KerasTensor:
        """Carry out the call that gives a tensor of symbolic()."""
        self.make_weights([source.sizes for source in tensor.inputs])
        for sibling in tensor.siblings:
            sibling.call = len(self._calls)
        self._calls.append(tensor)
        return tensor

    def inputs_of_call(self, inputs: Any) -> tuple[KerasTensor, ...]:
        """Return the tensors that the layer was called with. Raises ArgumentError."""
        if isinstance(inputs, KerasTensor):
            return (inputs,)
        raise ArgumentError(
            f"{self.label}: expected to be called with one symbolic tensor, such as Input(shape) "
            f"gives, received {called_with(inputs)}. Arrays go to the predict() of a model."
        )

    @property
    def output(self) -> KerasTensor:
        """The tensor that the layer's first call gave. Raises NotBuiltError before it."""
        if not self._calls:
            raise NotBuiltError(
                f"{self.label}: expected a layer that was called, but it was not, so it has no "
                "input and output. Call it on a symbolic tensor or add it to a model."
            )
        return self._calls[0]

    @property
    def input(self) -> KerasTensor | list[KerasTensor]:
        """What the layer was first called with. Raises NotBuiltError before it."""
        first = self.output
        tensors = list(first.inputs or (first,))
        return tensors if len(tensors) > 1 else tensors[0]

    @property
    def drawn_seed(self) -> int | None:
        """The seed that the layer drew for itself, for a checkpoint: None for most layers."""
        return None

    def keep_seed(self, seed: int | None) -> None:
        """Take over the drawn_seed of an equal layer: a seed, or None where it has none."""

    def compute_output_shape(self, input_shape: Any) -> BatchShape:
        """Return the output shape for an input_shape, both with the batch axis in front.

        Raises ArgumentError and ShapeError.

        >>> from galago.layers import Conv2D
        >>> Conv2D(64, 3).compute_output_shape((None, 28, 28, 1))
        (None, 26, 26, 64)
        """
        return with_batch(self.infer_all(self.input_shapes(input_shape)))

    def build(self, input_shape: Any) -> None:
        """Make the weights for an input_shape with the batch axis in front.

        Raises ArgumentError and ShapeError.
        """
        shapes = self.input_shapes(input_shape)
        self.infer_all(shapes)
        self.make_weights(shapes)

    def input_shapes(self, input_shape: Any) -> list[Shape]:
        """Return the shapes of all inputs, given as input_shape, without the batch axis.

        Raises ArgumentError.
        """
        return [sizes(tuple(input_shape)[1:], "input_shape", self.label)]

    def make_weights(self, shapes: Sequence[Shape]) -> None:
        """Make the weights for the shapes of all inputs, or check them. Raises ShapeError."""
        self.infer_all(shapes)
        specs = list(self.weight_specs(shapes[0]))
        if self._weights is None:
            self._weights = [
                self._variable(spec, spec.initializer(spec.shape, self.dtype)) for spec in specs
            ]
            return
        for variable, spec in zip(self._weights, specs, strict=True):
            if variable.shape != spec.shape:
                raise ShapeError(
                    f"{self.label}: an input of shape {shapes[0]} needs a {spec.name} of shape "
                    f"{spec.shape}, but the layer was built with {variable.shape}. "
                    "Make a new layer for the new input."
                )

    def take_weights(self, values: Sequence[npt.NDArray[Any]], shapes: Sequence[Shape]) -> None:
        """Start with the weights of a file, as values, for the shapes of all inputs.

        The arrays become the layer's own. A later call on an input of another shape is refused, as
        it is for weights that the layer made. Raises ShapeError.
        """
        specs = list(self.weight_specs(shapes[0]))
        wanted, found = [spec.shape for spec in specs], [value.shape for value in values]
        if wanted != found:
            raise ShapeError(
                f"{self.label} needs weights of shapes {wanted}, found {found}. Take a file of the "
                "same model."
            )
        self._weights = [
            self._variable(spec, value) for spec, value in zip(specs, values, strict=True)
        ]

    def _variable(self, spec: WeightSpec, value: npt.NDArray[Any]) -> Variable:
        """A weight with its regularizer and constraint. Raises ShapeError if they do not fit."""
        variable = Variable(f"{self.name}/{spec.name}", value, trainable=spec.trainable)
        if start := self.regulated.get(spec.name):
            variable.regularizer = getattr(self, f"{start}_regularizer")
            variable.constraint = getattr(self, f"{start}_constraint")
            variable.rule()
        return variable

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


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
