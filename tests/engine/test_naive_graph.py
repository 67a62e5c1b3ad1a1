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


def normalized(scale: bool, center: bool, inference: bool) -> Graph:
    chain = Chain(5, 4, 2).conv(3, (2, 2)).batch_norm(scale, center, inference).activation("tanh")
    return chain.flatten().dense(4).batch_norm(scale, center, inference).dense(3).graph()


def residual() -> Graph:
    """A way around, one tensor added twice, and one read by several nodes."""
    chain = Chain(6, 5, 2).pad(1, 0, 2, 1).conv(4, (3, 3)).batch_norm().activation("tanh")
    start = chain.mark()
    chain.depthwise((3, 3), multiplier=1).batch_norm(scale=False).activation("tanh")
    chain.add(start, start)
    joined = chain.mark()
    chain.back(start).conv(2, (1, 1)).concatenate(joined, start)
    return chain.dropout(0.5).global_pool("average").dense(3).graph()


def inception() -> Graph:
    chain = Chain(6, 6, 3)
    start = chain.mark()
    one = chain.depthwise((3, 2), (2, 2), multiplier=2).activation("tanh").mark()
    chain.back(start).max_pool((2, 2)).concatenate(one)
    wide = chain.global_pool("max").mark()
    chain.back(one).flatten().dense(9).batch_norm().add(wide)
    return chain.dense(3).graph()


GRAPHS = {
    **{
        f"normalized {scale:d}{center:d}{inference:d}": normalized(scale, center, inference)
        for scale in (True, False)
        for center in (True, False)
        for inference in (True, False)
    },
    "residual": residual(),
    "inception": inception(),
}


def data(graph: Graph) -> tuple[list[Array], Array, Array, dict[int, Array]]:
    """Parameters, inputs, targets, and what dropout multiplies with."""
    parameters, x = real_data(graph, 3, batch=5)
    for place, parameter in enumerate(graph.parameters):
        if parameter.name.endswith("moving_variance"):
            parameters[place] = np.abs(parameters[place]) + 0.5
    rng = np.random.default_rng(4)
    factors = {
        place: rng.integers(0, 2, (len(x), *node.shape)) * 2.0
        for place, node in enumerate(graph.nodes)
        if node.op == "dropout"
    }
    return parameters, x, targets(graph, 5, len(x)), factors


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", GRAPHS)
def test_gradients(name: str, training: bool) -> None:
    graph = GRAPHS[name]
    parameters, x, y, factors = data(graph)
    factors = factors if training else {}

    def step(values: Sequence[Array]) -> tuple[float, list[Array]]:
        return naive_graph.gradients(
            graph, values, x, y, "mean_squared_error", training=training, factors=factors
        )

    gradients = step(parameters)[1]
    for place in graph.moving:
        assert not gradients[place].any()
    learned = [place for place in range(len(parameters)) if place not in _statistics(graph)]

    def loss_at(values: Sequence[Array]) -> float:
        whole = list(parameters)
        for place, value in zip(learned, values, strict=True):
            whole[place] = value
        return step(whole)[0]

    found = [gradients[place] for place in learned]
    assert worst_error(loss_at, found, [parameters[place] for place in learned], 6) < 1e-6


def _statistics(graph: Graph) -> set[int]:
    names = ("moving_mean", "moving_variance")
    return {i for i, p in enumerate(graph.parameters) if p.name.endswith(names)}


def test_normalization_by_hand() -> None:
    graph = Chain(1).batch_norm(epsilon=0.0, momentum=0.75).graph()
    parameters = [np.array([value]) for value in (2.0, 1.0, 10.0, 16.0)]
    x = np.array([[1.0], [3.0]])  # mean 2, variance 1
    trained = naive_graph.values(graph, parameters, x, training=True)
    np.testing.assert_array_equal(trained[-1], [[-1.0], [3.0]])
    np.testing.assert_array_equal(naive_graph.predict(graph, parameters, x), (x - 10) / 4 * 2 + 1)
    moved = naive_graph.moved(graph, parameters, trained)
    assert moved == {2: np.array([8.0]), 3: np.array([12.25])}


def test_a_frozen_normalization_stays() -> None:
    graph = Chain(1).batch_norm(inference=True).graph()
    parameters = [np.array([value]) for value in (2.0, 1.0, 10.0, 16.0)]
    x = np.array([[1.0], [3.0]])
    trained = naive_graph.values(graph, parameters, x, training=True)
    np.testing.assert_array_equal(trained[-1], naive_graph.predict(graph, parameters, x))
    assert naive_graph.moved(graph, parameters, trained) == {}


def test_borders_and_joints_by_hand() -> None:
    chain = Chain(1, 1, 2)
    start = chain.mark()
    graph = chain.pad(0, 1, 1, 0).add(chain.mark()).graph()
    x = np.array([[[[3.0, 4.0]]]])
    expected = [[[[0, 0], [6, 8]], [[0, 0], [0, 0]]]]
    np.testing.assert_array_equal(naive_graph.predict(graph, [], x), expected)
    graph = Chain(1, 1, 2).concatenate(start).graph()
    np.testing.assert_array_equal(naive_graph.predict(graph, [], x), [[[[3, 4, 3, 4]]]])


def test_a_depthwise_kernel_is_keras() -> None:
    graph = Chain(1, 1, 2).depthwise((1, 1), multiplier=3, bias=False).graph()
    kernel = np.arange(6.0).reshape(1, 1, 2, 3)
    x = np.array([[[[10.0, 100.0]]]])
    expected = [[[[0, 10, 20, 300, 400, 500]]]]
    np.testing.assert_array_equal(naive_graph.predict(graph, [kernel], x), expected)
