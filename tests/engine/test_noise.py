"""Normal noise and dropout of whole channels: what they are, when, and the same everywhere."""

from __future__ import annotations

import naive_graph
import numpy as np
import pytest
from graphs import Chain, noisy_graphs
from naive import Array
from problems import real_data, targets
from sessions import ADAM, ALL, ISAS, bits, open_session, weights


def noise(count: int, dtype: str, isa: str, step: int = 0) -> Array:
    """What is added to zeros in a training step: the gradient of weights that read the sum."""
    made = Chain(1, 1, count).gaussian_noise(1.0, 7).flatten().dense(1, bias=False).graph()
    session = open_session(made, [np.zeros((count, 1))], dtype=dtype, isa=isa, optimizer=ADAM)
    session.set_optimizer_state(session.get_optimizer_state() | {"iterations": step})
    # error 1, whose gradient is 2 * (0 - 1/2) = -1
    gradient = session.gradients(np.zeros((1, 1, 1, count), dtype), np.full((1, 1), 0.5, dtype))[0]
    return -gradient[:, 0].astype(np.float64)


def test_a_prediction_has_none() -> None:
    (made,) = noisy_graphs()
    parameters, x = real_data(made, 0, 4)
    session = open_session(made, parameters, dtype="float64")
    assert np.allclose(session.predict(x, 0, 4), naive_graph.predict(made, parameters, x))
    assert "noise" not in session.plan("predict") + session.plan("test")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("isa", ALL)
def test_it_is_normal(isa: str, dtype: str) -> None:
    found = noise(20_000, dtype, isa)
    made = Chain(1, 1, 20_000).gaussian_noise(1.0, 7).graph()
    exact = naive_graph.values(made, [], np.zeros((1, 1, 1, 20_000)), training=True)[-1].ravel()
    assert np.abs(found - exact).max() < 2e-6
    assert abs(found.mean()) < 4 / np.sqrt(len(found))
    assert abs(found.std() - 1) < 4 / np.sqrt(2 * len(found))
    assert 3.5 < np.abs(found).max() < 5.4


def test_each_step_has_its_own() -> None:
    first, again, second = (noise(50, "float64", ISAS[0], step) for step in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.any(first == second)


@pytest.mark.parametrize("isa", ALL)
def test_training_steps_are_those_of_the_truth(isa: str) -> None:
    (made,) = noisy_graphs()
    parameters, x = real_data(made, 0, 4)
    y = targets(made, 0, 4)
    session = open_session(made, parameters, dtype="float64", isa=isa, optimizer=ADAM)
    losses = [session.train_step(x, y, np.arange(4), 0.0)[0] for _ in range(3)]
    for step, found in enumerate(losses):
        output = naive_graph.values(made, parameters, x, training=True, step=step)[-1]
        assert np.isclose(found, ((output - y) ** 2).mean(), rtol=1e-5)
    assert len(set(losses)) == 3


def test_a_channel_falls_out_as_a_whole() -> None:
    made = Chain(4, 5, 200).dropout(0.25, 5, spatial=True).flatten().dense(1, bias=False).graph()
    session = open_session(made, [np.zeros((4000, 1))], dtype="float64", optimizer=ADAM)
    gradient = session.gradients(np.ones((1, 4, 5, 200)), np.ones((1, 1)))[0].reshape(4, 5, 200)
    assert (gradient == gradient[0, 0]).all()
    share = (gradient[0, 0] == 0).mean()
    assert abs(share - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 200)


@pytest.mark.parametrize("isa", ISAS[1:])
def test_same_bits_on_every_isa(isa: str) -> None:
    (made,) = noisy_graphs()
    parameters, x = real_data(made, 0, 9)
    x, y = x.astype(np.float32), targets(made, 0, 9).astype(np.float32)
    found = []
    for name in (ISAS[0], isa):
        session = open_session(made, parameters, isa=name, optimizer=ADAM)
        for _ in range(3):
            session.train_step(x, y, np.arange(9), 0.01)
        found.append([bits(a) for a in weights(session, made)])
    assert found[0] == found[1]
