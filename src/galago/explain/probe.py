"""The numbers of every operation of a model, for one example."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from galago.errors import DataError
from galago.graph import Graph, Hosted, Node
from galago.models import Model
from galago.shapes import Shape
from galago.training.binding import Binding
from galago.variables import Variable

Array: TypeAlias = npt.NDArray[Any]
#: Of a number in the output of a node, without the batch.
Place: TypeAlias = tuple[int, ...]

#: Operations that move no number, in row-major order.
_TURNS = ("reshape", "flatten")


@dataclass(frozen=True, eq=False)
class Probe:
    """A model's graph, what each of its nodes gave for one example, and its weights."""

    graph: Graph
    values: tuple[Array, ...]  # of the nodes, without the batch axis
    variables: tuple[Variable, ...]  # behind the graph's parameters
    hosted: Mapping[int, Hosted]  # layers with code of their own, behind nodes
    models: Mapping[str, tuple[int, ...]]  # the nodes that models within the model end in

    def node(self, place: int) -> Node:
        """A node of the graph."""
        return self.graph.nodes[place]

    def weights(self, node: Node) -> list[Array]:
        """The parameters of a node, in its order."""
        return [self.variables[place].numpy() for place in node.parameters]

    def readers(self, place: int) -> list[int]:
        """The nodes that read a node."""
        nodes = enumerate(self.graph.nodes)
        return [reader for reader, node in nodes if place in node.inputs]

    @cached_property
    def turned(self) -> dict[int, Shape]:
        """Nodes of layers that compute in another shape than they give, and the one they give.

        Layers over steps compute on images of one row; they reshape what they get and what they
        give.
        """
        layers: dict[str, list[int]] = {}
        for place, node in enumerate(self.graph.nodes):
            layers.setdefault(node.layer, []).append(place)
        ends = {places[-1]: places for places in layers.values() if len(places) > 1}
        return {
            place: self.node(end).shape
            for end, places in ends.items()
            if self.node(end).op in _TURNS
            for place in places
        }

    def only_turns(self, place: int) -> bool:
        """Whether a node only brings numbers into the shape that its layer computes in, or back."""
        return place in self.turned and self.node(place).op in _TURNS

    def seen(self, place: int, at: Place) -> tuple[str, Place]:
        """Return the layer that a number is of, and its place there, as people see them."""
        node = self.node(place)
        source = node.inputs[0] if self.only_turns(place) else place
        if self.node(source).layer != node.layer:
            return self.seen(source, _reshaped(at, node.shape, self.node(source).shape))
        shape = self.turned.get(place, node.shape)
        if math.prod(shape) == math.prod(node.shape):
            return node.layer, _reshaped(at, node.shape, shape)
        return node.layer, at[-len(shape) :]


def operation(node: Node) -> tuple[object, ...]:
    """Return what tells the operations of a layer apart; its calls repeat them."""
    return node.op, node.shape, node.attributes, node.parameters


def _reshaped(at: Place, shape: Shape, target: Shape) -> Place:
    """A place under another shape of as many numbers."""
    return tuple(map(int, np.unravel_index(np.ravel_multi_index(at, shape), target)))


def probe(model: Model, image: npt.ArrayLike | Sequence[npt.ArrayLike]) -> Probe:
    """Run a model on one example, without the batch axis, and keep everything. Raises DataError."""
    lowered = model.lowered()
    graph = lowered.graph
    starts = [place for place, node in enumerate(graph.nodes) if node.op == "input"]
    given: list[Any] = (
        list(image) if len(starts) > 1 and isinstance(image, (list, tuple)) else [image]
    )
    if len(given) != len(starts):
        raise DataError(
            f"{model.label}: expected {len(starts)} inputs, received {len(given)}. Pass a list "
            "with an array for each."
        )
    x = [
        as_example(one, graph.nodes[place].shape, model)
        for one, place in zip(given, starts, strict=True)
    ]
    inner = [place for place in range(len(graph.nodes)) if place not in starts]
    whole = replace(graph, outputs=tuple(inner))
    binding = Binding(whole, lowered.variables, model.dtype, lowered.hosted)
    binding.push()
    outputs = binding.predict(x, 0, 1)
    values = {place: one[0] for place, one in zip(inner, outputs, strict=True)}
    values |= {place: one[0] for place, one in zip(starts, x, strict=True)}
    of_nodes = tuple(values[place] for place in sorted(values))
    return Probe(graph, of_nodes, tuple(lowered.variables), lowered.hosted, lowered.models)


def as_example(image: Any, shape: Shape, model: Model) -> Array:
    """Return one example as a batch of one in the model's shape. Raises DataError.

    A grey image may come without its axis of channels, a batch of one as it is.
    """
    array = np.asarray(image)
    fits = array.size == int(np.prod(shape)) and [n for n in array.shape if n > 1] == [
        n for n in shape if n > 1
    ]
    if array.dtype.kind not in "uif" or not fits:
        raise DataError(
            f"{model.label}: expected one example of shape {shape}, received {array.dtype} of "
            f"shape {array.shape}. Pass one of them, such as x[0]."
        )
    kept = array.dtype in (np.uint8, np.float32, np.float64)
    return np.ascontiguousarray(array if kept else array.astype(model.dtype)).reshape(1, *shape)
