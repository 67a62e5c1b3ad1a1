"""Rewritten graphs that compute the same, bit for bit, in less time for a framework."""

from __future__ import annotations

from dataclasses import replace

from galago.graph import Graph

_RISING = ("relu", "relu6")


def pool_first(graph: Graph) -> Graph:
    """Return the graph with max pooling before ReLU: fewer ReLUs, and the same maxima.

    >>> from galago import applications
    >>> [node.op for node in pool_first(applications.reference().to_graph()).nodes[1:4]]
    ['conv', 'max_pool', 'activation']
    """
    nodes = list(graph.nodes)
    readers: dict[int, int] = {}
    for node in nodes:
        for source in node.inputs:
            readers[source] = readers.get(source, 0) + 1
    for place, pool in enumerate(nodes):
        if pool.op != "max_pool":
            continue
        source = pool.inputs[0]
        rising = nodes[source]
        kind = dict(rising.attributes).get("kind") if rising.op == "activation" else None
        if kind in _RISING and readers[source] == 1:
            nodes[source] = replace(pool, inputs=rising.inputs)
            nodes[place] = replace(rising, inputs=(source,), shape=pool.shape)
    return replace(graph, nodes=tuple(nodes))
