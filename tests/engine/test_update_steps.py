"""What stands around an optimizer's own rule: penalties, clipping, decay, averages, constraints.

Against plain NumPy; float32 on every ISA and with any number of threads to the last bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fingerprints import OTHERS
from graphs import Chain
from naive import Array
from problems import real_data, targets
from sessions import ALL, ISAS, bits, open_session, weights

from galago import engine
from galago.engine import EngineError, OutputLoss, Rule, Session
from galago.graph import Graph

RATE = 0.05
RULES: tuple[Rule, ...] = (
    {"l2": 0.5, "axes": [0, 1, 2], "low": 0.0, "high": 0.4, "rate": 1.0},
    {"l1": 0.25, "non_negative": 1.0},
    {"l1": 0.125, "l2": 0.25, "axes": [3], "low": 0.5, "high": 0.75, "rate": 0.5},
    {"decays": 0.0},
    {"l2": 0.125, "axes": [0], "low": 1.0, "high": 1.0, "rate": 1.0},
    {},
    {"l1": 0.5, "decays": 0.0},
    {},
)


def graph(activation: str = "tanh") -> Graph:
    """Weights in all layouts."""
    chain = Chain(8, 8, 2).conv(17, (3, 3)).activation("relu").max_pool((2, 2))
    return chain.conv(5, (2, 2)).flatten().dense(33).activation(activation).dense(3).graph()


def penalty(w: Array, rule: Rule) -> float:
    l1, l2 = (float(rule.get(key, 0.0)) for key in ("l1", "l2"))  # type: ignore[arg-type]
    return float(l1 * np.abs(w).sum() + l2 * np.square(w).sum())


def constrained(w: Array, rule: Any) -> Array:
    if "non_negative" in rule:
        return np.maximum(w, 0)
    if "axes" not in rule:
        return w
    norm = np.sqrt(np.square(w).sum(tuple(rule["axes"]), keepdims=True))
    wanted = rule["rate"] * np.clip(norm, rule["low"], rule["high"]) + (1 - rule["rate"]) * norm
    return np.asarray(w * wanted / (1e-7 + norm))


def clipped(gradients: list[Array], settings: dict[str, float]) -> list[Array]:
    if limit := settings.get("clipvalue"):
        return [np.clip(g, -limit, limit) for g in gradients]
    norms = [float(np.sqrt(np.square(g).sum())) for g in gradients]
    if limit := settings.get("clipnorm"):
        return [g * min(1, limit / norm) for g, norm in zip(gradients, norms, strict=True)]
    if limit := settings.get("global_clipnorm"):
        return [g * min(1, limit / float(np.hypot.reduce(norms))) for g in gradients]
    return gradients


@pytest.mark.parametrize("isa", ALL)
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"weight_decay": 0.5},
        {"clipvalue": 0.01, "weight_decay": 0.25},
        {"clipnorm": 0.3},
        {"global_clipnorm": 0.5, "weight_decay": 0.5},
        {"global_clipnorm": 1e6},
    ],
    ids=str,
)
def test_a_step(settings: dict[str, float], isa: str) -> None:
    made = graph()
    values, x = real_data(made, 3, 20)
    y = targets(made, 4, 20)
    session = open_session(
        made, values, isa=isa, dtype="float64", optimizer=("sgd", settings), rules=RULES
    )
    plain = open_session(made, values, isa=isa, dtype="float64")
    for _ in range(3):
        for index, value in enumerate(values):
            plain.set_parameter(index, value)
        gradients = [
            g + float(rule.get("l1", 0)) * np.sign(w) + 2 * float(rule.get("l2", 0)) * w  # type: ignore[arg-type]
            for g, w, rule in zip(session.gradients(x, y), values, RULES, strict=True)
        ]
        added = sum(map(penalty, values, RULES))
        assert session.test_step(x, y, 0, 20)[0] == pytest.approx(
            plain.test_step(x, y, 0, 20)[0] + added, rel=1e-12
        )
        loss = session.train_step(x, y, np.arange(20), RATE)[0]
        assert loss == pytest.approx(plain.test_step(x, y, 0, 20)[0] + added, rel=1e-12)
        for place, g in enumerate(clipped(gradients, settings)):
            lost = settings.get("weight_decay", 0.0) * float(RULES[place].get("decays", 1.0))  # type: ignore[arg-type]
            new = values[place] * (1 - RATE * lost) - RATE * g
            values[place] = constrained(new, RULES[place])
        for found, expected in zip(weights(session, made), values, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("isa", ALL)
def test_moving_averages(isa: str) -> None:
    made = graph()
    values, x = real_data(made, 3, 20)
    y = targets(made, 4, 20)
    often = {"use_ema": 1, "ema_momentum": 0.75, "ema_overwrite_frequency": 2}
    session = open_session(made, values, isa=isa, dtype="float64", optimizer=("sgd", often))
    averages = [0.0 * value for value in values]
    for step in range(4):
        gradients = session.gradients(x, y)
        session.train_step(x, y, np.arange(20), RATE)
        share = 0.75 if step else 0.0
        values = [w - RATE * g for w, g in zip(values, gradients, strict=True)]
        averages = [share * a + (1 - share) * w for a, w in zip(averages, values, strict=True)]
        if step % 2:
            values = averages
        for found, expected in zip(weights(session, made), values, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)
    session.train_step(x, y, np.arange(20), RATE)
    moments = session.get_optimizer_state()["moments"]
    assert any((a != w).any() for a, w in zip(moments[-1], weights(session, made), strict=True))
    session.finish_training()
    for found, expected in zip(weights(session, made), moments[-1], strict=True):
        np.testing.assert_array_equal(found, expected)


def test_training_without_averages_ends_as_it_is() -> None:
    made = graph()
    values, _ = real_data(made, 3, 1)
    session = open_session(made, values, dtype="float64", optimizer=("adam", {}))
    session.finish_training()
    for found, expected in zip(weights(session, made), values, strict=True):
        np.testing.assert_array_equal(found, expected)


def trained(optimizer: tuple[str, dict[str, float]], isa: str, dtype: str) -> list[bytes]:
    made = graph("relu")  # the reference has tanh from the C library
    values, x = real_data(made, 5, 40)
    y = targets(made, 6, 40)
    session = open_session(made, values, isa=isa, dtype=dtype, optimizer=optimizer, rules=RULES)
    session.train_steps(x, y, np.arange(40), 15, [0.5, 0.25, 0.125])
    moments = session.get_optimizer_state()["moments"]
    return [bits(array) for arrays in (weights(session, made), *moments) for array in arrays]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OTHERS, ids=lambda optimizer: optimizer[0])
def test_the_same_bits_everywhere(optimizer: tuple[str, dict[str, float]], dtype: str) -> None:
    expected = trained(optimizer, "reference", dtype)
    threads = engine.get_threads()
    try:
        for isa in ISAS:
            for count in (1, 3):
                engine.set_threads(count)
                assert trained(optimizer, isa, dtype) == expected
    finally:
        engine.set_threads(threads)


def small(optimizer: tuple[str, dict[str, float]], **settings: Any) -> tuple[Session, Array]:
    made = Chain(3).dense(2).graph()
    values = [np.ones((3, 2)), np.zeros(2)]
    return open_session(made, values, optimizer=optimizer, **settings), np.ones((1, 3), np.float32)


@pytest.mark.parametrize(("name", "value"), [("clipnorm", 0.0), ("global_clipnorm", np.nan)])
def test_a_gradient_without_end(name: str, value: float) -> None:
    """Its norm is infinite, its numbers are not: Keras gives zero, or NaN where all are clipped."""
    session, x = small(("sgd", {name: 1.0}))
    y = np.full((1, 2), 1e30, np.float32)
    session.train_step(x, y, np.arange(1), 1.0)
    np.testing.assert_array_equal(session.get_parameter(1), np.full(2, value, np.float32))


def test_a_variance_is_not_negative() -> None:
    """The same gradients again and again: rounding leaves a third of the variances below zero."""
    made = Chain(1).dense(64).graph()
    optimizer = ("rmsprop", {"rho": 0.5, "epsilon": 1e-7, "centered": 1.0})
    values = [np.zeros(parameter.shape) for parameter in made.parameters]
    session = open_session(made, values, optimizer=optimizer)
    x, y = np.ones((1, 1), np.float32), np.linspace(1e5, 1e6, 64, dtype=np.float32)[None]
    session.train_steps(x, y, np.zeros(60, np.int64), 1, 0.0)
    session.train_step(x, y, np.arange(1), 1e-9)
    assert np.isfinite(session.get_parameter(0)).all()


def test_profiling_changes_nothing() -> None:
    settings = {"beta_1": 0.9, "beta_2": 0.99, "clipnorm": 0.1, "use_ema": 1.0}
    session, x = small(("nadam", settings), rules=[{"l2": 0.1, "axes": [0], "high": 0.1}, {}])
    y = np.zeros((1, 2), np.float32)
    session.train_step(x, y, np.arange(1), 0.1)
    before, values = session.get_optimizer_state(), session.get_parameter(0)
    session.profile("train", x, y, 3)
    after = session.get_optimizer_state()
    assert before["product"] == after["product"]
    np.testing.assert_array_equal(session.get_parameter(0), values)
    for one, other in zip(before["moments"], after["moments"], strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_the_plan_names_the_kernels_of_a_step() -> None:
    settings = {"clipnorm": 0.1, "use_ema": 1.0}
    session, _ = small(("lion", settings))
    assert [line.split()[0] for line in session.plan().splitlines()[-5:]] == [
        "regularized_gradient",
        "sum_magnitudes",
        "clip_and_decay",
        "lion_update",
        "average_weights",
    ]


def test_refusals() -> None:
    session, x = small(("sgd", {}))
    y = np.zeros((1, 2), np.float32)
    with pytest.raises(EngineError, match="rules must name every parameter: expected 2 values"):
        session.compile(OutputLoss(""), rules=[{}])
    with pytest.raises(EngineError, match=r"a learning rate for each of 1 steps\. Received: 2"):
        session.train_steps(x, y, np.arange(1), 1, [0.1, 0.1])
    with pytest.raises(EngineError, match="unknown optimizer 'adan'"):
        session.compile(OutputLoss(""), optimizer=("adan", {}))
