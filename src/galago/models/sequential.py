"""The sequential model: layers in a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from galago.checks import sizes
from galago.errors import ArgumentError, NotBuiltError
from galago.layers import InputLayer, KerasTensor, Layer
from galago.models.model import Model
from galago.models.topology import Topology, topology
from galago.models.trainer import Trainer
from galago.naming import auto_name
from galago.shapes import Shape


class Sequential(Model):
    """A model of layers in a row.

    Its input shape comes from `Input(shape)` at its head, from `input_shape=` of the first layer,
    from `build()`, or from the first data. Raises ArgumentError for what is no layer and
    ShapeError where layers do not fit together.

    >>> from galago.layers import Dense, Flatten
    >>> model = Sequential([Flatten(input_shape=(28, 28)), Dense(10)])
    >>> model.output_shape, model.count_params()
    ((None, 10), 7850)
    """

    def __init__(self, layers: Iterable[Any] | None = None, *, name: str | None = None) -> None:
        # Its calls come one by one, so it starts as the models without them do.
        Trainer.__init__(self, auto_name("Sequential") if name is None else name)
        self._input: InputLayer | None = None
        self._layers: list[Layer] = []
        #: What the call of each layer gave, once the input shape is known.
        self._tensors: list[KerasTensor] = []
        #: The same in the order of a model, made when it is asked for.
        self._row: Topology | None = None
        if isinstance(layers, Layer) or not isinstance(layers or (), Iterable):
            raise ArgumentError(
                f"{self.label}: expected a list of layers, received {layers!r}. "
                "Write Sequential([layer, ...])."
            )
        for layer in layers or ():
            self._put(layer)
        self._count_functional()

    def add(self, layer: Layer | KerasTensor) -> None:
        """Put a layer on top, or what Input() gives at the head.

        Nothing changes if it does not fit. Raises ArgumentError and ShapeError.
        """
        self._put(layer)
        self._forget_session()
        self._count_functional()

    def pop(self) -> Layer:
        """Remove the last layer and return it. Raises ArgumentError when there is none."""
        if not self._layers:
            raise ArgumentError(
                f"{self.label}: expected a layer to remove, but the model has none. Add one first."
            )
        self._forget_session()
        del self._tensors[len(self._layers) - 1 :]
        last = self._layers.pop()
        self._count_functional()
        return last

    def build(self, input_shape: Any) -> None:
        """Make the weights for an input shape with the batch axis in front: (None, 28, 28, 1)."""
        if self._input is None:
            shape = sizes(tuple(input_shape)[1:], "input_shape", self.label)
            self._set_input(InputLayer(shape))
            self._count_functional()
        else:
            super().build(input_shape)

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the input."""
        return list(self._layers)

    @property
    def built(self) -> bool:
        """Whether the model knows its input shape and so has its weights."""
        return self._input is not None and bool(self._layers)

    @property
    def outputs_of_layers(self) -> list[Sequence[KerasTensor]]:
        """What each layer gave, empty before the model is built."""
        return [tensor.siblings for tensor in self._tensors]

    def _put(self, layer: Any) -> None:
        new = self._checked(layer)
        if isinstance(new, InputLayer):
            self._set_input(new)
        elif self._input is None and not self._layers and new.input_shape_argument is not None:
            source = InputLayer(new.input_shape_argument)
            self._tensors = [new(source.output)]
            self._input, self._layers = source, [new]
        else:
            if self._input is not None:
                self._tensors.append(new([self._input.output, *self._tensors][-1]))
            self._layers.append(new)

    def _checked(self, given: Any) -> Layer:
        """The layer to add, which Input() gives in the shape of its tensor."""
        start = isinstance(given, KerasTensor) and isinstance(given.layer, InputLayer)
        layer = given.layer if start else given
        if not isinstance(layer, Layer):
            is_class = isinstance(layer, type) and issubclass(layer, Layer)
            advice = (
                f"Add parentheses: {layer.__name__}(...)."
                if is_class
                else "Add objects such as galago.layers.Dense(10)."
            )
            raise ArgumentError(f"{self.label}: expected a layer, received {layer!r}. {advice}")
        if any(known.name == layer.name for known in self._layers):
            raise ArgumentError(
                f"{self.label}: expected layers with different names, received {layer.name!r} "
                f"twice. Give one of them another name={layer.name + '_2'!r}."
            )
        if isinstance(layer, Model) and layer.built and len(layer.outputs) > 1:
            raise ArgumentError(
                f"{self.label}: expected layers with one output, received {layer.label} with "
                f"{len(layer.outputs)}. Call it in a functional model: Model(inputs, outputs)."
            )
        if layer.dtype != self.dtype:
            raise ArgumentError(
                f"{self.label}: expected layers of {self.dtype}, received {layer.label} of "
                f"{layer.dtype}. Call galago.config.set_floatx() before the model is made."
            )
        if isinstance(layer, InputLayer) and self._input is not None:
            raise ArgumentError(
                f"{self.label}: expected one input shape, {self._input.shape}, received another: "
                f"{layer.shape}. Remove one of them."
            )
        return layer

    def _set_input(self, source: InputLayer) -> None:
        """Call all layers, once it is clear that each of them fits."""
        tensors = [source.output]
        for layer in self._layers:
            tensors.append(layer.symbolic(tensors[-1]))
        self._tensors = [tensor.layer.accept(tensor) for tensor in tensors[1:]]
        self._input = source

    def _count_functional(self) -> None:
        """Use up a name, as Keras does for the functional model inside of a sequential one."""
        if self.built:
            auto_name("Functional")

    def _forget_session(self) -> None:
        """Drop what was made for the layers as they were before."""
        super()._forget_session()
        self._row = None

    def _sources(self) -> None:
        """Layers in a row read the one before."""

    @property
    def structure(self) -> Topology:
        """The model's calls and layers. Raises NotBuiltError."""
        if self._input is None or not self._layers:
            has_layers = "does not know its input shape yet" if self._layers else "has no layers"
            raise NotBuiltError(
                f"{self.label}: expected a built model, but it {has_layers}. "
                "Add layers and start with Input(shape), or call build((None, ...)) or fit()."
            )
        if self._row is None:
            self._row = topology(self._tensors[-1])
        return self._row

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic tensor that the model starts from, in a list. Raises NotBuiltError."""
        return self.structure.starts

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic tensor that the model ends in, in a list. Raises NotBuiltError."""
        return list(self.structure.outputs)

    @property
    def output_names(self) -> list[str]:
        """The name of the last layer."""
        return [self._layers[-1].name if self._layers else self.name]

    def infer_each(self, shapes: Sequence[Shape]) -> list[Shape]:
        """Return the output shape, also of a model that does not know its input's yet."""
        if self.built:
            return super().infer_each(shapes)
        shape = shapes[0]
        for layer in self._layers:
            shape = layer.infer_all([shape])
        return [shape]

    def make_weights(self, shapes: Sequence[Shape]) -> None:
        """Build the model for its first input."""
        if not self.built:
            self.build((None, *shapes[0]))

    @property
    def takes_list(self) -> bool:
        """Whether calls take a list of tensors."""
        return False
