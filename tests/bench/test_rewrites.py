"""Pooling before ReLU gives the same."""

from __future__ import annotations

import naive_graph
import numpy as np
from graphs import Chain, reference_model
from problems import real_data

from galago.bench.rewrites import pool_first
from galago.graph import Graph


def ops(graph: Graph) -> list[str]:
    return [node.op for node in graph.nodes]


def test_the_same_outputs() -> None:
    chain = Chain(9, 8, 3).conv(5, (3, 3), padding="same").activation("relu")
    graph = chain.max_pool((3, 2), (2, 1), padding="same").flatten().dense(2).graph()
    swapped = pool_first(graph)
    assert ops(swapped) == ["input", "conv", "max_pool", "activation", "flatten", "dense"]
    assert swapped.nodes[3].shape == graph.nodes[3].shape
    parameters, x = real_data(graph, 1, 3)
    np.testing.assert_array_equal(
        naive_graph.predict(swapped, parameters, x), naive_graph.predict(graph, parameters, x)
    )


def test_both_blocks_of_the_reference_model() -> None:
    assert ops(pool_first(reference_model()))[1:7] == ["conv", "max_pool", "activation"] * 2


def test_what_falls_somewhere_is_left_alone() -> None:
    for kind in ("gelu", "leaky_relu"):
        graph = Chain(4, 4, 1).activation(kind, 0.1).max_pool((2, 2)).graph()
        assert pool_first(graph) == graph
    graph = Chain(4, 4, 1).activation("relu").average_pool((2, 2)).graph()
    assert pool_first(graph) == graph
