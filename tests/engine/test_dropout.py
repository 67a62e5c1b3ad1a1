"""Dropout: what it drops, when, and that it is the same everywhere. Exact sums: "branches"."""

from __future__ import annotations

import naive_graph
import numpy as np
import pytest
from graphs import Chain
from problems import real_data, targets
from sessions import ADAM, ALL, bits, open_session, weights

from galago.graph import Graph

RATE = 0.25


def dropping(seed: int = 1) -> Graph:
    """Dropout on a map and on a vector."""
    chain = Chain(6, 5, 3).conv(70, (3, 3)).activation("relu").dropout(RATE, seed)
    return chain.flatten().dense(20).dropout(RATE, seed + 2**40).dense(2).graph()


def test_prediction_drops_nothing() -> None:
    made = dropping()
    parameters, x = real_data(made, 0, 4)
    session = open_session(made, parameters, dtype="float64")
    assert np.allclose(session.predict(x, 0, 4), naive_graph.predict(made, parameters, x))
    assert "dropout" not in session.plan("predict")


@pytest.mark.parametrize("isa", ALL)
def test_each_step_drops_others(isa: str) -> None:
    made = dropping()
    parameters, x = real_data(made, 0, 4)
    y = targets(made, 0, 4)
    session = open_session(made, parameters, dtype="float64", isa=isa, optimizer=ADAM)
    losses = [session.train_step(x, y, np.arange(4), 0.0)[0] for _ in range(3)]
    for step, found in enumerate(losses):
        output = naive_graph.values(made, parameters, x, training=True, step=step)[-1]
        assert np.isclose(found, ((output - y) ** 2).mean(), rtol=1e-12)
    assert len(set(losses)) == 3


def test_a_step_is_dropped_by_its_number() -> None:
    made = dropping()
    parameters, x = real_data(made, 0, 4)
    y = targets(made, 0, 4)
    runs = []
    for first in (0, 2):
        session = open_session(made, parameters, dtype="float64", optimizer=ADAM)
        state = session.get_optimizer_state()
        session.set_optimizer_state(state | {"iterations": first})
        runs.append([session.train_step(x, y, np.arange(4), 0.0)[0] for _ in range(4 - first)])
    assert runs[0][2:] == runs[1]


def test_the_share_that_is_dropped_is_the_rate() -> None:
    made = Chain(100, 100, 10).dropout(RATE, 5).flatten().dense(1, bias=False).graph()
    session = open_session(made, [np.ones((100_000, 1))], dtype="float64", optimizer=ADAM)
    x = np.ones((1, 100, 100, 10))
    mean_squared, _ = session.train_step(x, np.zeros((1, 1)), np.arange(1), 0.0)
    kept = np.sqrt(mean_squared) * (1 - RATE) / 100_000
    assert abs(kept - (1 - RATE)) < 4 * np.sqrt(RATE * (1 - RATE) / 100_000)


@pytest.mark.parametrize("isa", ALL)
def test_same_bits_on_every_isa(isa: str) -> None:
    made = dropping(2**63 + 3)
    parameters, x = real_data(made, 0, 9)
    x, y = x.astype(np.float32), targets(made, 0, 9).astype(np.float32)
    found = []
    for name in (ALL[-1], isa):
        session = open_session(made, parameters, isa=name, optimizer=ADAM)
        for _ in range(3):
            session.train_step(x, y, np.arange(9), 0.01)
        found.append([bits(a) for a in weights(session, made)])
    assert found[0] == found[1]
