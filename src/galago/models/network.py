"""Layers with their weights, shapes and table: all of a model that does not train."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from galago.checks import flag, whole
from galago.errors import ArgumentError, NotBuiltError
from galago.graph import Graph, Hosted
from galago.layers import KerasTensor, Layer
from galago.markup import show
from galago.models.eager import TrainingCalls
from galago.models.summary import (
    NARROWEST,
    Count,
    Look,
    Report,
    Row,
    classic_table,
    keras_table,
    shown_layers,
)
from galago.registry import look_up, nearest
from galago.shapes import Shape
from galago.training.binding import Binding
from galago.training.format import Format
from galago.variables import Variable, count

_STYLES = {"keras": keras_table, "classic": classic_table}
#: Names of classes that Keras's tables show under another one.
_SHOWN_AS = {"Model": "Functional"}


class Lowered(NamedTuple):
    """A model for the engine, and what stands behind the graph's parameters and host nodes.

    `models` has the nodes that give the outputs of each model within it, of its last call.
    """

    graph: Graph
    variables: list[Variable]
    hosted: Mapping[int, Hosted]
    models: Mapping[str, tuple[int, ...]]


class Network(Layer):
    """Base of models, which are layers too: one may be called in another model.

    A subclass gives `layers`, their shapes, and `lowered`.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self._class_names: tuple[str, ...] | None = None
        self._session: Binding | None = None
        #: For calls on arrays as in training, and how many there were.
        self._as_in_training: TrainingCalls | None = None
        self._input_format: Format | None = None  # known once x has been looked at
        self._training_calls = 0

    @property
    def layers(self) -> list[Layer]:
        """The layers, without inputs."""
        raise NotImplementedError

    @property
    def built(self) -> bool:
        """Whether the model has its weights."""
        raise NotImplementedError

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic tensors that the model starts from. Raises NotBuiltError."""
        raise NotImplementedError

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic tensors that the model ends in. Raises NotBuiltError."""
        raise NotImplementedError

    @property
    def output_names(self) -> list[str]:
        """What losses and labels may be keyed by."""
        raise NotImplementedError

    @property
    def input_names(self) -> list[str]:
        """The input layers' names: what x may be keyed by. Raises NotBuiltError."""
        return [tensor.layer.name for tensor in self.inputs]

    @property
    def input_sizes(self) -> Shape:
        """Shape of one example, of the first input if there are several. Raises NotBuiltError."""
        raise NotImplementedError

    @property
    def output_sizes(self) -> Shape:
        """Output shape for one example, the first if there are several. Raises NotBuiltError."""
        raise NotImplementedError

    @property
    def outputs_of_layers(self) -> list[Sequence[KerasTensor]]:
        """What each layer gave in its last call, empty before the model is built."""
        raise NotImplementedError

    @property
    def output_shapes(self) -> list[Shape]:
        """Output shape of each layer for one example; of the first output if there are several."""
        return [tensors[0].sizes for tensors in self.outputs_of_layers]

    def lowered(self) -> Lowered:
        """Return the graph with the variables behind its parameters. Raises NotBuiltError."""
        raise NotImplementedError

    def to_graph(self) -> Graph:
        """Return the model as plain data for the engine. Raises NotBuiltError."""
        return self.lowered().graph

    @property
    def leaves(self) -> list[Layer]:
        """The layers, and in place of every model among them its own; each once."""
        found = dict[Layer, None]()
        for layer in self.layers:
            found.update(dict.fromkeys(layer.leaves if isinstance(layer, Network) else [layer]))
        return list(found)

    @property
    def trainable(self) -> bool:
        """Whether the model's weights may be trained. Setting it sets it in all layers."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = flag(value, "trainable", self.label)
        for layer in self.layers:
            layer.trainable = value

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """What each output stands for, where somebody has said it; save() keeps the names.

        Set it to a list of different names, one for each output (two for one output), or to
        None. Raises ArgumentError.
        """
        return self._class_names

    @class_names.setter
    def class_names(self, names: Sequence[str] | None) -> None:
        units = self.output_sizes[-1] if self.built else None
        self._class_names = checked_class_names(names, units, self.label)

    @property
    def weights(self) -> list[Variable]:
        """All variables, in the order of the layers."""
        return [variable for layer in self.leaves for variable in layer.weights]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The variables of layers that are not frozen."""
        return [variable for layer in self.leaves for variable in layer.trainable_weights]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The variables of frozen layers."""
        return [variable for layer in self.leaves for variable in layer.non_trainable_weights]

    def count_params(self) -> int:
        """Return how many numbers the weights hold. Raises NotBuiltError."""
        if not self.built:
            raise NotBuiltError(
                f"{self.label}: expected a built model, but its input shape is not known yet. "
                "Start it with Input(shape) or call build((None, ...))."
            )
        return count(self.weights)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return a layer by its name or its place, its index in `layers`. Raises ArgumentError."""
        layers = self.layers
        if (name is None) == (index is None):
            raise ArgumentError(
                f"{self.label}: get_layer() expects a name or an index, received name={name!r}, "
                f"index={index!r}. Pass one of them."
            )
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ArgumentError(
                    f"{self.label}: expected the index of one of {len(layers)} layers, received "
                    f"{index}. They count from 0."
                )
            return layers[index]
        found = next((layer for layer in layers if layer.name == name), None)
        if found is None:
            names = [layer.name for layer in layers]
            raise ArgumentError(
                f"{self.label}: expected the name of a layer, received {name!r}."
                f"{nearest(name, names)} The layers are: {', '.join(names)}."
            )
        return found

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], object] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
        *,
        style: str = "keras",
        explain: bool = False,
    ) -> None:
        """Print the table of layers, output shapes and parameters.

        Arguments:
            line_length: width of the table in characters
            positions: where its columns end, as shares of the width
            print_fn: what to call with the text instead of printing it
            expand_nested: whether to show the layers of models among the layers
            show_trainable: whether to show which layers are trained
            layer_range: names, or regular expressions, of the first and the last layer to show
            style: "keras" for Keras 3's table (as wide as the terminal allows, at most 88, or 108
                for layers that branch, and 12 more where it says what is trained) or "classic" for
                the one of 2019, with 65 columns or 98
            explain: whether to show another table instead: why each shape is what it is, the pixels
                that a number depends on, multiply-adds, measured time, rows that nothing reads
        Raises UnknownNameError and ArgumentError.
        """
        write = sys.stdout.write if print_fn is None else print_fn
        if flag(explain, "explain", "summary()"):
            found = self._explained()
            show(found) if print_fn is None else print_fn(f"{found}\n")
            return
        table = look_up(_STYLES, style, kind="style", owner="summary()")
        if line_length is not None:
            line_length = whole(line_length, "line_length", "summary()", minimum=NARROWEST)
        flag(expand_nested, "expand_nested", "summary()")
        flag(show_trainable, "show_trainable", "summary()")
        shown = shown_layers([layer.name for layer in self.layers], layer_range)
        sources = self._sources()
        rows = self._rows(shown, sources or {}, 0 if expand_nested else None)
        report = self._report(rows, branches=sources is not None)
        write(table(report, Look(line_length, positions, show_trainable)))

    def _explained(self) -> object:
        """Return what summary(explain=True) shows. Raises NotBuiltError."""
        raise NotImplementedError

    def _sources(self) -> Mapping[Layer, Sequence[str]] | None:
        """What each layer reads, where a table has to say it: not for layers in a row."""
        return None

    def _rows(
        self, shown: slice, sources: Mapping[Layer, Sequence[str]], level: int | None
    ) -> list[Row]:
        """A row for each layer; with a level, also for those of models among them, one deeper."""
        gave, found = self.outputs_of_layers, list[Row]()
        for place, layer in list(enumerate(self.layers))[shown]:
            row = Row(
                f"{'   ' * level}└ {layer.name}" if level else layer.name,
                _SHOWN_AS.get(type(layer).__name__, type(layer).__name__),
                [tensor.shape for tensor in gave[place]] if gave else (),
                layer.count_params() if layer.built else None,
                sources.get(layer, ()),
                layer.trainable if layer.weights else None,
            )
            found.append(row)
            if level is not None and isinstance(layer, Network):
                found += layer._rows(slice(None), sources, level + 1)
        return found

    def _report(self, rows: Sequence[Row], *, branches: bool) -> Report:
        optimizer = None if self._session is None else self._session.optimizer_size()
        return Report(
            self.name,
            rows,
            branches,
            _count(self.trainable_weights),
            _count(self.non_trainable_weights),
            None if optimizer is None else Count(*optimizer),
        )

    def _binding(self) -> Binding:
        """The session with the model's variables, made at first need."""
        if self._session is None:
            lowered = self.lowered()
            self._session = Binding(lowered.graph, lowered.variables, self.dtype, lowered.hosted)
        return self._session

    def _forget_session(self) -> None:
        """Drop the session of layers that have changed; weights it trained stay readable."""
        self._session = self._as_in_training = self._input_format = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def checked_class_names(names: Any, units: int | None, owner: str) -> tuple[str, ...] | None:
    """Return the names of classes, or raise ArgumentError.

    Arguments: the names; how many outputs there are, if that is known.

    >>> checked_class_names(["cat", "dog"], 1, "Sequential 'net'")
    ('cat', 'dog')
    """
    if names is None:
        return None
    found = tuple(names) if isinstance(names, (list, tuple)) else ()
    wanted = max(units, 2) if units is not None else len(found)
    texts = all(isinstance(name, str) for name in found)
    if not found or not texts or len(set(found)) < len(found) or len(found) != wanted:
        count = f"{wanted} " if units is not None else ""
        shown = names if not texts or len(found) < 10 else f"{len(found)}"
        raise ArgumentError(
            f"{owner}: expected class_names as a list of {count}different texts, received "
            f"{shown!r}. Pass for example ['cat', 'dog'], in the order of the labels."
        )
    return found


def _count(variables: Sequence[Variable]) -> Count:
    return Count(count(variables), sum(variable.nbytes for variable in variables))
