"""Batch normalization in training: gradients, moving statistics, the same bits everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import naive_graph
import numpy as np
import pytest
from graphs import Chain, normed_graphs, residual
from naive_layers import statistics
from problems import real_data, targets
from sessions import ADAM, ALL, ISAS, bits, open_session, weights

from galago import engine
from galago.graph import Graph

LOSS = "mean_squared_error"


@pytest.fixture(autouse=True)
def keep_threads() -> Iterator[None]:
    """Restore the number of threads after each test."""
    before = engine.get_threads()
    yield
    engine.set_threads(before)


def real_problem(made: Graph, seed: int, batch: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Weights and inputs whose statistics are far from 0 and 1."""
    parameters, x = real_data(made, seed, batch)
    return parameters, 3 * x + 5


@pytest.mark.parametrize("isa", ALL)
def test_gradients_go_through_the_statistics_of_the_batch(isa: str) -> None:
    for seed, made in enumerate(normed_graphs()):
        for batch in (1, 2, 7):
            parameters, x = real_problem(made, seed, batch)
            y = targets(made, seed, batch)
            session = open_session(made, parameters, isa=isa, dtype="float64")
            found = session.gradients(x, y)
            _, expected = naive_graph.gradients(made, parameters, x, y, LOSS)
            for parameter, g, truth in zip(made.parameters, found, expected, strict=True):
                if "moving" in parameter.name or ("batch_norm" in parameter.name and _frozen(made)):
                    continue
                size = max(float(np.abs(truth).max()), 1.0)
                assert np.abs(g - truth).max() < 1e-9 * size, f"{parameter.name}\n{made}"


def _frozen(made: Graph) -> bool:
    return any(dict(node.attributes).get("inference") for node in made.nodes)


def test_moving_statistics_follow_the_batches() -> None:
    made = Chain(5, 4, 3).batch_norm(momentum=0.75).flatten().dense(2).graph()
    parameters, _ = real_problem(made, 0, 1)
    session = open_session(made, parameters, dtype="float64", optimizer=ADAM)
    mean, variance = parameters[2], parameters[3]
    for seed in range(4):
        _, x = real_problem(made, seed, 6)
        session.train_step(x, targets(made, seed, 6), np.arange(6), 0.001)
        of_batch = statistics(x)
        mean, variance = (
            0.75 * old + 0.25 * new for old, new in zip((mean, variance), of_batch, strict=True)
        )
        assert np.allclose(session.get_parameter(2), mean, rtol=1e-12)
        assert np.allclose(session.get_parameter(3), variance, rtol=1e-12)


def test_only_training_steps_move_statistics() -> None:
    made = residual(16)
    parameters, x = real_problem(made, 0, 5)
    session = open_session(made, parameters, dtype="float64", optimizer=ADAM)
    session.gradients(x, targets(made, 0, 5))
    session.test_step(x, targets(made, 0, 5), 0, 5)
    session.predict(x, 0, 5)
    for index, value in enumerate(parameters):
        assert np.array_equal(session.get_parameter(index), value)


def test_prediction_uses_moving_statistics() -> None:
    for seed, made in enumerate(normed_graphs()):
        parameters, x = real_problem(made, seed, 5)
        session = open_session(made, parameters, dtype="float64")
        truth = naive_graph.predict(made, parameters, x)
        assert np.allclose(session.predict(x, 0, 5), truth, rtol=1e-10, atol=1e-10)
        rows, _ = naive_loss(truth, targets(made, seed, 5))
        assert np.isclose(session.test_step(x, targets(made, seed, 5), 0, 5)[0], rows)


def naive_loss(outputs: np.ndarray, y: np.ndarray) -> tuple[float, int]:
    """Mean squared error of a batch and its size."""
    return float(((outputs - y) ** 2).mean()), len(y)


def test_statistics_stay_precise_far_from_zero() -> None:
    made = Chain(16, 16, 4).batch_norm().flatten().dense(1).graph()
    parameters, x = real_data(made, 0, 32)
    x = (0.01 * x + 100).astype(np.float32)
    session = open_session(made, parameters, optimizer=ADAM)
    session.set_parameter(3, np.zeros(4, np.float32))
    session.train_step(x, targets(made, 0, 32).astype(np.float32), np.arange(32), 0.0)
    _, variance = statistics(x.astype(np.float64))
    assert np.allclose(session.get_parameter(3) * 4, variance, rtol=1e-3)


def trained_bits(made: Graph, isa: str, threads: int) -> list[bytes]:
    """Weights and outputs after three steps."""
    engine.set_threads(threads)
    parameters, x = real_problem(made, 3, 21)
    x, y = x.astype(np.float32), targets(made, 3, 21).astype(np.float32)
    session = open_session(made, parameters, isa=isa, optimizer=ADAM)
    for step in range(3):
        session.train_step(x, y, np.arange(step, 21 - step), 0.01)
    return [bits(a) for a in [*weights(session, made), session.predict(x, 0, 21)]]


@pytest.mark.parametrize("isa", ALL)
def test_same_bits_on_every_isa_and_for_any_threads(isa: str) -> None:
    for made in normed_graphs()[:: 3 if isa == "reference" else 1]:
        expected = trained_bits(made, ISAS[0], 1)
        for threads in (1, 2, 5):
            assert trained_bits(made, isa, threads) == expected, str(made)
