"""What an output of a model changes by when a number in front of it does.

The engine gives gradients of parameters. So the numbers in question become one: a dense layer of a
single 1 holds them as its kernel, and the rest of the model stands behind it as it is.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from galago.engine import OutputLoss, Session
from galago.explain.probe import Array, Probe
from galago.graph import Graph, Node, Parameter

#: So far below any output that the distance to it grows with the output, one by one.
_FAR_BELOW = -1e30


class Slope:
    """The gradient of one number of a model with respect to the values of a node.

    `unit` is the place of that number in the output, in row-major order; `node` is the one whose
    values may be others than they were.
    """

    def __init__(self, probed: Probe, node: int, output: int, unit: int) -> None:
        graph, used = _needed(_held(probed.graph, node, output))
        self._shape = probed.graph.nodes[node].shape
        self._place = used.index(len(probed.graph.parameters))
        dtype = probed.values[output].dtype
        self._session = Session(graph, dtype=str(dtype))
        pick = np.zeros((probed.values[output].size, 1), dtype)
        pick[unit] = 1
        kernel = np.asarray(probed.values[node], dtype).reshape(1, -1)
        values = (*probed.parameters, kernel, pick)
        for place, old in enumerate(used):
            self._session.set_parameter(place, np.asarray(values[old], dtype))
        self._session.compile(OutputLoss("mean_absolute_error"))
        given = zip(probed.graph.nodes, probed.values, strict=True)
        images = {one.name: value[None] for one, value in given if one.op == "input"}
        _, *starts = (one.name for one in graph.nodes if one.op == "input")
        self._x = [np.ones((1, 1), dtype), *(images[name] for name in starts)]
        self._target = np.full((1, 1), _FAR_BELOW, dtype)

    def at(self, values: Array | None = None) -> Array:
        """Return the gradient where the node has these values, or those of the image."""
        if values is not None:
            dtype = self._session.dtype
            self._session.set_parameter(self._place, np.asarray(values, dtype).reshape(1, -1))
        gradients = self._session.gradients(self._x, [self._target])
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
    nodes = [*held, *(_behind(one, len(held)) for one in graph.nodes)]
    shifted = node + len(held)
    nodes = [
        replace(one, inputs=tuple(2 if source == shifted else source for source in one.inputs))
        for one in nodes
    ]
    nodes.append(Node("flatten", "picked", (output + len(held),), (units,)))
    nodes.append(Node("dense", "picked", (len(nodes) - 1,), (1,), (), (first + 1,)))
    return Graph(tuple(nodes), parameters, (len(nodes) - 1,))


def _behind(node: Node, places: int) -> Node:
    return replace(node, inputs=tuple(source + places for source in node.inputs))


def _needed(graph: Graph) -> tuple[Graph, list[int]]:
    """The graph without what counts for no output, and the parameters that are left."""
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
    return Graph(tuple(nodes), parameters, tuple(kept[place] for place in graph.outputs)), used
