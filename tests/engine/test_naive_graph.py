"""The truth itself: its gradients against central differences, its values by hand."""

from __future__ import annotations

from collections.abc import Sequence

import naive_graph
import numpy as np
import pytest
from differences import worst_error
from graphs import Chain
from naive import Array
from problems import real_data, targets

from galago.graph import Graph

LOSS = "mean_squared_error"


def normalized(scale: bool, center: bool) -> Graph:
    chain = Chain(5, 4, 2).conv(3, (2, 2)).batch_norm(scale, center).activation("tanh")
    return chain.flatten().dense(4).batch_norm(scale, center).dense(3).graph()


def frozen() -> Graph:
    chain = Chain(5, 4, 2).conv(3, (2, 2)).batch_norm(inference=True).activation("tanh")
    return chain.flatten().dense(3).graph()


def residual() -> Graph:
    """A way around, one tensor added twice, and one read by several nodes."""
    chain = Chain(6, 5, 2).pad(1, 0, 2, 1).conv(4, (3, 3)).batch_norm().activation("tanh")
    start = chain.place()
    chain.depthwise((3, 3), padding="same").batch_norm(scale=False).activation("tanh")
    chain.add(start, start)
    joined = chain.place()
    chain.back_to(start).conv(2, (1, 1)).concatenate(joined, start)
    return chain.dropout(0.5, 3).average_pool((5, 6)).flatten().dense(3).graph()


def inception() -> Graph:
    chain = Chain(6, 6, 3)
    start = chain.place()
    one = chain.depthwise((3, 2), (2, 2), "same").activation("tanh").place()
    chain.back_to(start).max_pool((2, 2)).concatenate(one)
    wide = chain.max_pool((3, 3)).flatten().place()
    chain.back_to(one).flatten().dense(6).batch_norm().add(wide)
    return chain.dense(3).graph()


GRAPHS = {
    "normalized": normalized(True, True),
    "scaled": normalized(True, False),
    "centered": normalized(False, True),
    "plain": normalized(False, False),
    "frozen": frozen(),
    "residual": residual(),
    "inception": inception(),
}


def learned(graph: Graph) -> list[int]:
    """Places of the parameters that have gradients: not statistics, nothing of a frozen norm."""
    places = set(range(len(graph.parameters)))
    for node in graph.nodes:
        if node.op == "batch_norm":
            frozen = dict(node.attributes)["inference"]
            places -= set(node.parameters if frozen else node.parameters[-2:])
    return sorted(places)


@pytest.mark.parametrize("name", GRAPHS)
def test_gradients(name: str) -> None:
    graph = GRAPHS[name]
    parameters, x = real_data(graph, 3, batch=5)
    y, places = targets(graph, 5, len(x)), learned(graph)

    def loss_at(values: Sequence[Array]) -> float:
        whole = list(parameters)
        for place, value in zip(places, values, strict=True):
            whole[place] = value
        return naive_graph.gradients(graph, whole, x, y, LOSS)[0]

    gradients = naive_graph.gradients(graph, parameters, x, y, LOSS)[1]
    found, start = [gradients[p] for p in places], [parameters[p] for p in places]
    assert worst_error(loss_at, found, start, 6) < 1e-6
    for place in set(range(len(parameters))) - set(places):
        assert not gradients[place].any()


def test_normalization_by_hand() -> None:
    graph = Chain(1).batch_norm(epsilon=0.0).graph()
    parameters = [np.array([value]) for value in (2.0, 1.0, 10.0, 16.0)]
    x = np.array([[1.0], [3.0]])  # mean 2, variance 1
    trained = naive_graph.values(graph, parameters, x, training=True)[-1]
    np.testing.assert_array_equal(trained, [[-1.0], [3.0]])
    predicted = naive_graph.predict(graph, parameters, x)
    np.testing.assert_array_equal(predicted, (x - 10) / 4 * 2 + 1)


def test_a_frozen_normalization_trains_as_it_predicts() -> None:
    graph = Chain(1).batch_norm(inference=True).graph()
    parameters = [np.array([value]) for value in (2.0, 1.0, 10.0, 16.0)]
    x = np.array([[1.0], [3.0]])
    trained = naive_graph.values(graph, parameters, x, training=True)[-1]
    np.testing.assert_array_equal(trained, naive_graph.predict(graph, parameters, x))


def test_borders_and_joints_by_hand() -> None:
    chain = Chain(1, 1, 2).pad(0, 1, 1, 0)
    x = np.array([[[[3.0, 4.0]]]])
    added = chain.add(chain.place()).graph()
    expected = [[[[0, 0], [6, 8]], [[0, 0], [0, 0]]]]
    np.testing.assert_array_equal(naive_graph.predict(added, [], x), expected)
    chain = Chain(1, 1, 2)
    joined = chain.concatenate(chain.place()).graph()
    np.testing.assert_array_equal(naive_graph.predict(joined, [], x), [[[[3, 4, 3, 4]]]])
