"""Optimizers: several steps against plain NumPy, from gradients the session itself gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from graphs import Chain
from naive import Array
from problems import real_data, targets
from sessions import ALL, open_session, weights

RATES = (0.01, 0.01, 0.002, 0.05)
Update = Callable[[Array, Array, dict[str, Any], float], Array]


def adam(w: Array, grad: Array, state: dict[str, Any], rate: float) -> Array:
    """Keras's Adam: epsilon stands outside the corrections."""
    state["t"] = state.get("t", 0) + 1
    state["m"] = 0.8 * state.get("m", 0) + 0.2 * grad
    state["v"] = 0.99 * state.get("v", 0) + 0.01 * grad**2
    rate *= np.sqrt(1 - 0.99 ** state["t"]) / (1 - 0.8 ** state["t"])
    return np.asarray(w - rate * state["m"] / (np.sqrt(state["v"]) + 1e-3))


def sgd(momentum: float, nesterov: bool) -> Update:
    """Keras's SGD: the learning rate is inside the velocity."""

    def update(w: Array, grad: Array, state: dict[str, Any], rate: float) -> Array:
        state["v"] = momentum * state.get("v", 0) - rate * grad
        return np.asarray(w + (momentum * state["v"] - rate * grad if nesterov else state["v"]))

    return update


OPTIMIZERS: dict[str, tuple[tuple[str, dict[str, float]], Update]] = {
    "adam": (("adam", {"beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-3}), adam),
    "sgd": (("sgd", {"momentum": 0.0, "nesterov": False}), sgd(0.0, False)),
    "momentum": (("sgd", {"momentum": 0.9, "nesterov": False}), sgd(0.9, False)),
    "nesterov": (("sgd", {"momentum": 0.7, "nesterov": True}), sgd(0.7, True)),
}


@pytest.mark.parametrize("isa", ALL)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps(name: str, isa: str) -> None:
    optimizer, update = OPTIMIZERS[name]
    chain = Chain(8, 8, 2).conv(17, (3, 3)).activation("relu").max_pool((2, 2))
    made = chain.conv(5, (2, 2)).flatten().dense(33).activation("tanh").dense(3).graph()
    values, x = real_data(made, 3, 20)
    y = targets(made, 4, 20)
    session = open_session(made, values, isa=isa, dtype="float64", optimizer=optimizer)
    states: list[dict[str, Any]] = [{} for _ in values]
    for step, rate in enumerate(RATES):
        indices = np.arange(step, step + 17)
        gradients = session.gradients(x[indices], y[indices])
        session.train_step(x, y, indices, rate)
        values = [update(*a, rate) for a in zip(values, gradients, states, strict=True)]
        for found, expected in zip(weights(session, made), values, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)
    assert session.iterations == len(RATES)


@pytest.mark.parametrize("isa", ALL)
def test_frozen_parameters_stay(isa: str) -> None:
    made = Chain(6, 6, 2).conv(5, (3, 3)).activation("relu").flatten().dense(3).graph()
    values, x = real_data(made, 3, 8)
    session = open_session(made, values, isa=isa, dtype="float64")
    trainable = [False, True, True, False]
    sgd_settings = ("sgd", {"momentum": 0.9, "nesterov": False})
    session.compile(
        loss="mean_squared_error",
        from_logits=False,
        optimizer=sgd_settings,
        accuracy=None,
        trainable=trainable,
    )
    for _ in range(2):
        session.train_step(x, targets(made, 4, 8), np.arange(8), 0.1)
    moved = [not np.array_equal(a, b) for a, b in zip(weights(session, made), values, strict=True)]
    assert moved == trainable
