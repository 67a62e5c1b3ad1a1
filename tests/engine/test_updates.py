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

from galago.engine import OutputLoss
from galago.graph import Graph

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


def amsgrad(w: Array, grad: Array, state: dict[str, Any], rate: float) -> Array:
    """Adam with the largest v so far."""
    adam(w, grad, state, rate)
    state["largest"] = np.maximum(state.get("largest", 0), state["v"])
    rate *= np.sqrt(1 - 0.99 ** state["t"]) / (1 - 0.8 ** state["t"])
    return np.asarray(w - rate * state["m"] / (np.sqrt(state["largest"]) + 1e-3))


def rmsprop(momentum: float, centered: bool) -> Update:
    """Keras's RMSprop: epsilon stands inside the root."""

    def update(w: Array, grad: Array, state: dict[str, Any], rate: float) -> Array:
        state["v"] = 0.9 * state.get("v", 0) + 0.1 * grad**2
        state["mean"] = 0.9 * state.get("mean", 0) + 0.1 * grad
        variance = state["v"] - state["mean"] ** 2 if centered else state["v"]
        step = rate * grad / np.sqrt(variance + 1e-3)
        state["m"] = momentum * state.get("m", 0) + step
        return np.asarray(w - state["m"])

    return update


def adagrad(w: Array, grad: Array, state: dict[str, Any], rate: float) -> Array:
    state["v"] = state.get("v", 0.25) + grad**2
    return np.asarray(w - rate * grad / np.sqrt(state["v"] + 1e-3))


def adadelta(w: Array, grad: Array, state: dict[str, Any], rate: float) -> Array:
    state["v"] = 0.9 * state.get("v", 0) + 0.1 * grad**2
    step = np.sqrt(state.get("d", 0) + 1e-3) * grad / np.sqrt(state["v"] + 1e-3)
    state["d"] = 0.9 * state.get("d", 0) + 0.1 * step**2
    return np.asarray(w - rate * step)


def adamax(w: Array, grad: Array, state: dict[str, Any], rate: float) -> Array:
    state["t"] = state.get("t", 0) + 1
    state["m"] = 0.8 * state.get("m", 0) + 0.2 * grad
    state["u"] = np.maximum(0.99 * state.get("u", 0), np.abs(grad))
    return np.asarray(w - rate * state["m"] / ((1 - 0.8 ** state["t"]) * (state["u"] + 1e-3)))


def nadam(w: Array, grad: Array, state: dict[str, Any], rate: float) -> Array:
    t = state["t"] = state.get("t", 0) + 1
    now, then = (0.8 * (1 - 0.5 * 0.96**step) for step in (t, t + 1))
    state["product"] = state.get("product", 1) * now
    state["m"] = 0.8 * state.get("m", 0) + 0.2 * grad
    state["v"] = 0.99 * state.get("v", 0) + 0.01 * grad**2
    m = then * state["m"] / (1 - state["product"] * then)
    m += (1 - now) * grad / (1 - state["product"])
    return np.asarray(w - rate * m / (np.sqrt(state["v"] / (1 - 0.99**t)) + 1e-3))


def lion(w: Array, grad: Array, state: dict[str, Any], rate: float) -> Array:
    step = np.sign(0.8 * state.get("m", 0) + 0.2 * grad)
    state["m"] = 0.99 * state.get("m", 0) + 0.01 * grad
    return np.asarray(w - rate * step)


BETAS = {"beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-3}
RHO = {"rho": 0.9, "epsilon": 1e-3}
OPTIMIZERS: dict[str, tuple[tuple[str, dict[str, float]], Update]] = {
    "adam": (("adam", BETAS), adam),
    "amsgrad": (("adam", {**BETAS, "amsgrad": 1}), amsgrad),
    "sgd": (("sgd", {"momentum": 0.0, "nesterov": False}), sgd(0.0, False)),
    "momentum": (("sgd", {"momentum": 0.9, "nesterov": False}), sgd(0.9, False)),
    "nesterov": (("sgd", {"momentum": 0.7, "nesterov": True}), sgd(0.7, True)),
    "rmsprop": (("rmsprop", RHO), rmsprop(0.0, False)),
    "rmsprop momentum": (("rmsprop", {**RHO, "momentum": 0.7}), rmsprop(0.7, False)),
    "rmsprop centered": (("rmsprop", {**RHO, "centered": 1}), rmsprop(0.0, True)),
    "rmsprop both": (("rmsprop", {**RHO, "momentum": 0.7, "centered": 1}), rmsprop(0.7, True)),
    "adagrad": (("adagrad", {"initial_accumulator_value": 0.25, "epsilon": 1e-3}), adagrad),
    "adadelta": (("adadelta", RHO), adadelta),
    "adamax": (("adamax", BETAS), adamax),
    "nadam": (("nadam", BETAS), nadam),
    "lion": (("lion", BETAS), lion),
}


def chain_of_all() -> Graph:
    """Weights in all layouts; three of its dense weights' gradients never get to memory."""
    chain = Chain(8, 8, 2).conv(17, (3, 3)).activation("relu").max_pool((2, 2))
    return chain.conv(5, (2, 2)).flatten().dense(33).activation("tanh").dense(3).graph()


@pytest.mark.parametrize("isa", ALL)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps(name: str, isa: str) -> None:
    optimizer, update = OPTIMIZERS[name]
    made = chain_of_all()
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
    spec = OutputLoss("mean_squared_error")
    session.compile(spec, optimizer=sgd_settings, trainable=trainable)
    for _ in range(2):
        session.train_step(x, targets(made, 4, 8), np.arange(8), 0.1)
    moved = [not np.array_equal(a, b) for a, b in zip(weights(session, made), values, strict=True)]
    assert moved == trainable
