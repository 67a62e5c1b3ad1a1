"""Penalties on weights and constraints, by themselves and as arguments of layers.

tests/engine/test_update_steps.py has them at work, tests/models/test_keras_optimizers.py compares
them with Keras's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from galago import constraints, layers, regularizers
from galago.constraints import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from galago.errors import ArgumentError, ShapeError, UnknownNameError
from galago.regularizers import L1, L1L2, L2, Regularizer

WEIGHTS = np.array([[3.0, -0.6], [-4.0, 0.8]])


def test_keras_defaults() -> None:
    assert L1().get_config() == {"l1": 0.01}
    assert L2().get_config() == {"l2": 0.01}
    assert L1L2().get_config() == {"l1": 0.0, "l2": 0.0}
    assert MaxNorm().get_config() == {"max_value": 2.0, "axis": 0}
    assert UnitNorm().get_config() == {"axis": 0}
    limits = {"min_value": 0.0, "max_value": 1.0, "rate": 1.0, "axis": 0}
    assert MinMaxNorm().get_config() == limits


@pytest.mark.parametrize(
    ("name", "cls"),
    [("l1", L1), ("L2", L2), ("l1_l2", L1L2), ("L1L2", L1L2)],
)
def test_regularizers_by_name(name: str, cls: type[Regularizer]) -> None:
    assert type(regularizers.get(name)) is cls
    stored = {"class_name": cls.__name__, "config": cls().get_config()}
    found = regularizers.get(stored)
    assert type(found) is cls
    assert regularizers.get(found) is found
    assert regularizers.get(None) is None


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("max_norm", MaxNorm),
        ("NonNeg", NonNeg),
        ("unit_norm", UnitNorm),
        ("MinMaxNorm", MinMaxNorm),
    ],
)
def test_constraints_by_name(name: str, cls: type[Constraint]) -> None:
    assert type(constraints.get(name)) is cls
    stored = {"class_name": cls.__name__, "config": cls().get_config()}
    found = constraints.get(stored)
    assert type(found) is cls
    assert constraints.get(found) is found
    assert constraints.get(None) is None


def test_keras_names_of_the_classes() -> None:
    assert regularizers.l2(0.5).get_config() == {"l2": 0.5}
    assert constraints.max_norm(3).get_config() == {"max_value": 3.0, "axis": 0}


def test_penalties() -> None:
    assert L1(0.5)(WEIGHTS) == pytest.approx(4.2)
    assert L2(0.5)(WEIGHTS) == pytest.approx(13.0)
    assert L1L2(0.5, 0.5)(WEIGHTS) == pytest.approx(17.2)


def test_constrained_weights() -> None:
    np.testing.assert_allclose(NonNeg()(WEIGHTS), [[3, 0], [0, 0.8]])
    np.testing.assert_allclose(MaxNorm(2.0)(WEIGHTS), [[1.2, -0.6], [-1.6, 0.8]], rtol=1e-6)
    np.testing.assert_allclose(UnitNorm()(WEIGHTS), [[0.6, -0.6], [-0.8, 0.8]], rtol=1e-6)
    halfway = MinMaxNorm(2.0, 3.0, rate=0.5)(WEIGHTS)
    np.testing.assert_allclose(halfway, [[2.4, -0.9], [-3.2, 1.2]], rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(UnitNorm(axis=(0, 1))(WEIGHTS)), 1.0, rtol=1e-6)


def test_axes_count_from_either_end() -> None:
    assert MaxNorm(axis=-1).rule((3, 3, 2, 8))["axes"] == [3]
    assert MaxNorm(axis=[0, 1, 2]).rule((3, 3, 2, 8))["axes"] == [0, 1, 2]
    assert MaxNorm(axis=(1, -1)).axes((4, 5)) == (1,)


def test_layers_know_those_of_their_weights() -> None:
    conv = layers.SeparableConv2D(
        4,
        3,
        depthwise_regularizer="l1",
        pointwise_regularizer=L2(0.5),
        bias_constraint="non_neg",
        depthwise_constraint=MaxNorm(1.0, axis=(0, 1)),
    )
    conv.build((None, 8, 8, 2))
    assert [weight.rule() for weight in conv.weights] == [
        {"l1": 0.01, "l2": 0.0, "low": 0.0, "high": 1.0, "rate": 1.0, "axes": [0, 1]},
        {"l1": 0.0, "l2": 0.5},
        {"non_negative": 1.0},
    ]
    depthwise = layers.DepthwiseConv2D(3, depthwise_regularizer="l2", bias_regularizer="l1")
    depthwise.build((None, 8, 8, 2))
    assert [weight.regularizer for weight in depthwise.weights] == [
        depthwise.depthwise_regularizer,  # type: ignore[attr-defined]
        depthwise.bias_regularizer,  # type: ignore[attr-defined]
    ]
    norm = layers.BatchNormalization(gamma_regularizer="l2", beta_constraint="non_neg")
    norm.build((None, 4))
    assert [weight.rule() for weight in norm.weights] == [
        {"l1": 0.0, "l2": 0.01},
        {"non_negative": 1.0},
        {},
        {},
    ]
    again = layers.BatchNormalization.from_config(norm.get_config())
    assert again.get_config() == norm.get_config()


class Own(Regularizer):
    """What the engine does not compute."""


class OwnConstraint(Constraint):
    """What the engine does not compute."""


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: L1(-1), ArgumentError, "L1: l1 must be a finite number of at least 0"),
        (lambda: L2(float("inf")), ArgumentError, "L2: l2 must be a finite number of at least 0"),
        (lambda: MaxNorm(-1), ArgumentError, "MaxNorm: max_value must be a finite number"),
        (lambda: MinMaxNorm(2, 1), ArgumentError, "MinMaxNorm: max_value must be a finite number"),
        (lambda: MinMaxNorm(rate=2), ArgumentError, "MinMaxNorm: rate must be a finite number"),
        (
            lambda: UnitNorm("x"),  # type: ignore[arg-type]
            ArgumentError,
            r"UnitNorm: axis must be a whole number or a tuple of them, received 'x'. Write",
        ),
        (lambda: UnitNorm(True), ArgumentError, "UnitNorm: axis must be a whole number"),
        (
            lambda: layers.Dense(2, kernel_regularizer="l3"),
            UnknownNameError,
            "Dense 'dense': expected a known regularizer, received 'l3'. Did you mean",
        ),
        (
            lambda: layers.Dense(2, kernel_constraint="norm"),
            UnknownNameError,
            "Dense 'dense': expected a known constraint, received 'norm'.",
        ),
        (
            lambda: layers.Dense(2, kernel_regularizer=Own()),
            ArgumentError,
            "Dense 'dense': expected L1, L2 or L1L2, which the engine computes, received a Own.",
        ),
        (
            lambda: layers.Dense(2, kernel_constraint=OwnConstraint()),
            ArgumentError,
            "Dense 'dense': expected MaxNorm, NonNeg, UnitNorm or MinMaxNorm, which the engine",
        ),
        (
            lambda: layers.Dense(2, gamma_regularizer="l2"),
            ArgumentError,
            "Dense: expected its known arguments, received 'gamma_regularizer'.",
        ),
        (
            lambda: layers.Dense(2, bias_constraint=MaxNorm(axis=1)).build((None, 3)),
            ShapeError,
            r"MaxNorm: expected axes of weights of shape \(2,\), received axis=1. Count from 0",
        ),
    ],
)
def test_errors(make: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{message}"):
        make()


@pytest.mark.parametrize("part", [Constraint(), OwnConstraint()])
def test_a_base_must_be_filled_in(part: Constraint) -> None:
    with pytest.raises(NotImplementedError):
        part(WEIGHTS)
    with pytest.raises(NotImplementedError):
        part.rule((2, 2))
