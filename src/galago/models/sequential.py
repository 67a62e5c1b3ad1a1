"""The sequential model: layers in a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from galago.checks import sizes
from galago.errors import ArgumentError, NotBuiltError, ShapeError
from galago.graph import Graph, GraphBuilder
from galago.layers import LAYERS, InputLayer, Layer
from galago.models.model import Model
from galago.naming import auto_name
from galago.registry import look_up
from galago.shapes import BatchShape, Shape, WindowError


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

    def __init__(self, layers: Iterable[Layer] | None = None, *, name: str | None = None) -> None:
        super().__init__(auto_name("Sequential") if name is None else name)
        self._input: InputLayer | None = None
        self._layers: list[Layer] = []
        #: Output shape of each layer, once the input shape is known.
        self._shapes: list[Shape] = []
        if isinstance(layers, Layer) or not isinstance(layers or (), Iterable):
            raise ArgumentError(
                f"{self.label}: expected a list of layers, received {layers!r}. "
                "Write Sequential([layer, ...])."
            )
        for layer in layers or ():
            self.add(layer)

    def add(self, layer: Layer) -> None:
        """Put a layer on top. Nothing changes if it does not fit."""
        self._check_new(layer)
        if isinstance(layer, InputLayer):
            self._set_input(layer)
        elif self._input is None and not self._layers and layer.input_shape_argument is not None:
            source = InputLayer(layer.input_shape_argument)
            shapes = self._chain(source.shape, [layer])
            layer.make_weights(source.shape)
            self._input, self._layers, self._shapes = source, [layer], shapes
        else:
            if self._input is not None:
                shapes = self._chain(self._input.shape, [*self._layers, layer])
                layer.make_weights(self._shapes[-1] if self._shapes else self._input.shape)
                self._shapes = shapes
            self._layers.append(layer)
        self._forget_session()

    def pop(self) -> Layer:
        """Remove the last layer and return it. Raises ArgumentError when there is none."""
        if not self._layers:
            raise ArgumentError(
                f"{self.label}: expected a layer to remove, but the model has none. Add one first."
            )
        self._forget_session()
        del self._shapes[len(self._layers) - 1 :]
        return self._layers.pop()

    def build(self, input_shape: BatchShape) -> None:
        """Make the weights for an input shape with the batch axis in front: (None, 28, 28, 1)."""
        shape = sizes(tuple(input_shape)[1:], "input_shape", self.label)
        if self._input is None:
            self._set_input(InputLayer(shape))
        elif self._input.shape != shape:
            raise ShapeError(
                f"{self.label}: expected input shape {self._input.shape}, for which the model is "
                f"built, received {shape}. Make a new model for the new shape."
            )

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the input."""
        return list(self._layers)

    @property
    def built(self) -> bool:
        """Whether the model knows its input shape and so has its weights."""
        return self._input is not None and bool(self._layers)

    @property
    def input_sizes(self) -> Shape:
        """Shape of one example. Raises NotBuiltError."""
        return self._built_input().shape

    @property
    def output_shapes(self) -> list[Shape]:
        """Output shape of each layer for one example, empty before the model is built."""
        return list(self._shapes)

    def lower(self) -> Graph:
        """Return the model as plain data for the engine. Raises NotBuiltError."""
        source = self._built_input()
        builder = GraphBuilder()
        shape, place = source.shape, source.lower(builder, -1, source.shape)
        for layer, output in zip(self._layers, self._shapes, strict=True):
            place = layer.lower(builder, place, shape)
            shape = output
        return builder.finish(place)

    def get_config(self) -> dict[str, Any]:
        """Return the model's layers and their settings, without weights, as JSON can hold them."""
        stack: list[Layer] = [*([self._input] if self._input else []), *self._layers]
        described = [
            {"class_name": type(layer).__name__, "config": layer.get_config()} for layer in stack
        ]
        return {"name": self.name, "layers": described}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Make a model, with new weights, from what get_config() returned."""
        layers = [
            look_up(LAYERS, layer["class_name"], kind="layer").from_config(layer["config"])
            for layer in config["layers"]
        ]
        return cls(layers, name=config["name"])

    def _check_new(self, layer: Any) -> None:
        if not isinstance(layer, Layer):
            is_class = isinstance(layer, type) and issubclass(layer, Layer)
            advice = (
                f"Add parentheses: {layer.__name__}(...)."
                if is_class
                else "Add the layers of a model one by one."
                if isinstance(layer, Model)
                else "Add objects such as galago.layers.Dense(10)."
            )
            raise ArgumentError(f"{self.label}: expected a layer, received {layer!r}. {advice}")
        if any(known.name == layer.name for known in self._layers):
            raise ArgumentError(
                f"{self.label}: expected layers with different names, received {layer.name!r} "
                f"twice. Give one of them another name={layer.name + '_2'!r}."
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

    def _set_input(self, source: InputLayer) -> None:
        shapes = self._chain(source.shape, self._layers)
        for layer, shape in zip(self._layers, [source.shape, *shapes], strict=False):
            layer.make_weights(shape)
        self._input, self._shapes = source, shapes

    def _chain(self, start: Shape, layers: Sequence[Layer]) -> list[Shape]:
        """Output shapes of layers in a row. An image that shrinks to nothing is explained."""
        shapes: list[Shape] = []
        for layer in layers:
            try:
                shapes.append(layer.infer(shapes[-1] if shapes else start))
            except WindowError as error:
                names = [known.name for known in layers[: len(shapes)]]
                raise error.after(start, list(zip(names, shapes, strict=True))) from None
        return shapes

    def _built_input(self) -> InputLayer:
        if self._input is None or not self._layers:
            has_layers = "does not know its input shape yet" if self._layers else "has no layers"
            raise NotBuiltError(
                f"{self.label}: expected a built model, but it {has_layers}. "
                "Add layers and start with Input(shape), or call build((None, ...)) or fit()."
            )
        return self._input
