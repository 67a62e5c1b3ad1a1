"""What an output of a model changes by when a number in front of it does.

The engine gives gradients of parameters. So the numbers in question become one: a dense layer of a
single 1 holds them as its kernel, and the rest of the model stands behind it as it is.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from galago.engine import OutputLoss
from galago.explain.probe import Array, Probe
from galago.graph import Attribute, Graph, Hosted, Node, Parameter
from galago.training.binding import Binding
from galago.variables import Variable

#: So far below any output that the distance to it grows with the output, one by one.
_FAR_BELOW = -1e30
#: What does nothing outside of training and its loss, and what stands in its place.
_IDLE = ("dropout", "gaussian_noise", "random_warp", "random_tone", "activity")
_LINEAR: tuple[tuple[str, Attribute], ...] = (("alpha", 0.0), ("kind", "linear"))
#: Nodes in front of the model's own.
_HELD = 3


class Slope:
    """The gradient of one number of a model with respect to the values of a node.

    `unit` is the place of that number in the output, in row-major order; `node` is the one whose
    values may be others than they were.
    """

    def __init__(self, probed: Probe, node: int, output: int, unit: int) -> None:
        graph, used, nodes = _needed(_held(probed.graph, node, output))
        first = len(probed.graph.parameters)
        dtype = probed.values[output].dtype
        pick = np.zeros((probed.values[output].size, 1), dtype)
        pick[unit] = 1
        values = np.asarray(probed.values[node], dtype).reshape(1, -1)
        self._shape, self._place = probed.graph.nodes[node].shape, used.index(first)
        self._values = Variable("held/kernel", values)
        known = (*probed.variables, self._values, Variable("picked/kernel", pick))
        hosted = {
            place: _Asked(probed.hosted[old - _HELD])
            for place, old in enumerate(nodes)
            if old - _HELD in probed.hosted
        }
        self._binding = Binding(graph, [known[old] for old in used], str(dtype), hosted)
        self._binding.session.compile(OutputLoss("mean_absolute_error"))
        given = zip(probed.graph.nodes, probed.values, strict=True)
        images = {one.name: value[None] for one, value in given if one.op == "input"}
        _, *starts = (one.name for one in graph.nodes if one.op == "input")
        self._x = [np.ones((1, 1), dtype), *(images[name] for name in starts)]
        self._target = np.full((1, 1), _FAR_BELOW, dtype)

    def at(self, values: Array | None = None) -> Array:
        """Return the gradient where the node has these values, or those of the image."""
        if values is not None:
            self._values.assign(np.reshape(values, (1, -1)))
        self._binding.push()
        gradients = self._binding.session.gradients(self._x, [self._target])
        return gradients[self._place].reshape(self._shape)


def _held(graph: Graph, node: int, output: int) -> Graph:
    """The graph with a node's values as a parameter, and one number of an output as its end."""
    size = math.prod(graph.nodes[node].shape)
    units = math.prod(graph.nodes[output].shape)
    parameters = (
        *graph.parameters,
        Parameter("held/kernel", (1, size)),
        Parameter("picked/kernel", (units, 1)),
    )
    first = len(graph.parameters)
    held = [
        Node("input", "one", (), (1,)),
        Node("dense", "held", (0,), (size,), (), (first,)),
        Node("reshape", "held", (1,), graph.nodes[node].shape),
    ]
    nodes = [*held, *(_behind(one, _HELD) for one in graph.nodes)]
    shifted = node + _HELD
    nodes = [
        replace(one, inputs=tuple(2 if source == shifted else source for source in one.inputs))
        for one in nodes
    ]
    nodes.append(Node("flatten", "picked", (output + _HELD,), (units,)))
    nodes.append(Node("dense", "picked", (len(nodes) - 1,), (1,), (), (first + 1,)))
    return Graph(tuple(nodes), parameters, (len(nodes) - 1,))


def _behind(node: Node, places: int) -> Node:
    """A node as a prediction runs it, behind some others: the engine's gradients are training's."""
    inputs = tuple(source + places for source in node.inputs)
    attributes = dict(node.attributes)
    if node.op == "batch_norm":
        attributes["inference"] = 1
    elif node.op in _IDLE:
        return Node("activation", node.name, inputs, node.shape, _LINEAR)
    elif node.op == "random_crop":
        del attributes["seed"]
        return Node("resize", node.name, inputs, node.shape, tuple(sorted(attributes.items())))
    return replace(node, inputs=inputs, attributes=tuple(sorted(attributes.items())))


class _Asked:
    """A layer with code of its own that is asked, not trained."""

    def __init__(self, layer: Hosted) -> None:
        self._layer = layer

    def forward(self, inputs: list[Array], training: bool) -> Array:
        """The layer's output of a prediction."""
        return self._layer.forward(inputs, False)

    def backward(self, inputs: list[Array], gradient: Array, training: bool) -> list[Array | None]:
        """The gradients that the layer gives for it."""
        return self._layer.backward(inputs, gradient, False)


def _needed(graph: Graph) -> tuple[Graph, list[int], list[int]]:
    """The graph without what counts for no output, and the parameters and nodes that are left."""
    needed = set(graph.outputs)
    for place in range(len(graph.nodes) - 1, -1, -1):
        if place in needed:
            needed.update(graph.nodes[place].inputs)
    kept = {old: new for new, old in enumerate(sorted(needed))}
    used = sorted({place for old in kept for place in graph.nodes[old].parameters})
    nodes = (
        replace(
            graph.nodes[old],
            inputs=tuple(kept[source] for source in graph.nodes[old].inputs),
            parameters=tuple(used.index(place) for place in graph.nodes[old].parameters),
        )
        for old in kept
    )
    parameters = tuple(graph.parameters[place] for place in used)
    return (
        Graph(tuple(nodes), parameters, tuple(kept[place] for place in graph.outputs)),
        used,
        list(kept),
    )
