"""Penalties of maps: what they add to the loss and to gradients, and the same everywhere."""

from __future__ import annotations

import naive
import naive_graph
import numpy as np
import pytest
from graphs import Chain, Weight, penalized_graphs
from naive import Array
from problems import real_data, targets
from sessions import ADAM, ALL, ISAS, bits, open_session, weights

from galago.graph import Graph, GraphBuilder

ROWS = 5


def truth(made: Graph, parameters: list[Array], x: Array, y: Array) -> tuple[float, list[Array]]:
    """The loss with all penalties, and its gradients."""
    results = naive_graph.values(made, parameters, x, training=True)
    rows, grad = naive.loss("mean_squared_error", results[made.outputs[0]], y, False)
    total = float(rows.mean())
    for node, values in zip(made.nodes, results, strict=True):
        if node.op == "activity":
            a = dict(node.attributes)
            total += a["l1"] * np.abs(values).sum() / len(x) + a["l2"] * (values**2).sum() / len(x)
    return total, naive_graph.backward(made, parameters, results, grad)


@pytest.mark.parametrize("isa", ALL)
@pytest.mark.parametrize("number", range(len(penalized_graphs())))
def test_loss_and_gradients_are_those_of_the_truth(number: int, isa: str) -> None:
    made = penalized_graphs()[number]
    parameters, x = real_data(made, number, ROWS)
    y = targets(made, number, ROWS)
    session = open_session(made, parameters, dtype="float64", isa=isa, optimizer=ADAM)
    loss, gradients = truth(made, parameters, x, y)
    for found, wanted in zip(session.gradients(x, y), gradients, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)
    assert session.train_step(x, y, np.arange(ROWS), 0.0)[0] == pytest.approx(loss, rel=1e-12)


def test_a_test_step_counts_them_and_a_prediction_does_not_know_them() -> None:
    made = penalized_graphs()[0]
    parameters, x = real_data(made, 0, ROWS)
    y = targets(made, 0, ROWS)
    session = open_session(made, parameters, dtype="float64")
    loss = truth(made, parameters, x, y)[0]
    assert session.test_step(x, y, 0, ROWS)[0] == pytest.approx(loss, rel=1e-12)
    assert session.plan("test").count("loss ") == 3
    assert session.plan("predict").count("loss ") == 0
    found = naive_graph.predict(made, parameters, x)
    np.testing.assert_allclose(session.predict(x, 0, ROWS), found, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_isas_agree(dtype: str) -> None:
    for number, made in enumerate(penalized_graphs()):
        parameters, x = real_data(made, number, ROWS)
        y, found = targets(made, number, ROWS).astype(dtype), set()
        for isa in ISAS:
            session = open_session(made, parameters, isa=isa, dtype=dtype, optimizer=ADAM)
            loss = session.train_step(x.astype(dtype), y, np.arange(ROWS), 0.01)[0]
            arrays = [np.array(loss), *weights(session, made)]
            found.add(b"".join(bits(array) for array in arrays))
        assert len(found) == 1


def test_two_penalties_of_one_map_that_is_the_output() -> None:
    builder = GraphBuilder()
    source = builder.add("input", "x", (), (3,))
    kernel = Weight("kernel", (3, 2))
    place = builder.add("dense", "dense", (source,), (2,), {}, [kernel])
    for name in ("one", "two"):
        place = builder.add("activity", name, (place,), (2,), {"l1": 0.5, "l2": 0.25})
    made = builder.finish(place)
    parameters, x = real_data(made, 3, ROWS)
    y = targets(made, 3, ROWS)
    session = open_session(made, parameters, dtype="float64")
    loss, (gradient,) = truth(made, parameters, x, y)
    assert session.test_step(x, y, 0, ROWS)[0] == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(session.gradients(x, y)[0], gradient, rtol=1e-9)


def test_zero_has_no_slope() -> None:
    made = Chain(1, 1, 4).dense(4, bias=False).activity(1.0, 1.0).dense(1, bias=False).graph()
    session = open_session(made, [np.zeros((4, 4)), np.zeros((4, 1))], dtype="float64")
    first, second = session.gradients(np.ones((2, 1, 1, 4)), np.zeros((2, 1)))
    assert not first.any()
    assert not second.any()
