"""Weights change as Keras changes them, in float64, and the optimizer keeps what Keras's keeps."""

from __future__ import annotations

from pathlib import Path

import keras_optimizers
import numpy as np
import pytest
from keras_optimizers import CASES, Array

import galago
from galago import optimizers

FILE = Path(__file__).parent / "keras_optimizers.npz"


@pytest.fixture(scope="module")
def stored() -> dict[str, Array]:
    with np.load(FILE) as file:
        return dict(file)


def test_every_case_is_compared(stored: dict[str, Array]) -> None:
    assert {name.partition("/")[0] for name in stored} == set(CASES)


def test_every_optimizer_and_schedule_is_a_case() -> None:
    made = [case.optimizer(galago) for case in CASES.values()]
    assert {type(optimizer).__name__ for optimizer in made} == set(optimizers.OPTIMIZERS)
    schedules = [optimizer.arguments()["learning_rate"] for optimizer in made]
    known = set(optimizers.schedules.SCHEDULES)
    assert {type(schedule).__name__ for schedule in schedules} == known | {"float"}


@pytest.mark.parametrize("name", CASES)
def test_fit_is_keras(name: str, stored: dict[str, Array]) -> None:
    galago.config.set_floatx("float64")
    found, tolerance = keras_optimizers.train(galago, name), CASES[name].tolerance
    expected = {key.partition("/")[2]: v for key, v in stored.items() if key.startswith(f"{name}/")}
    assert found.keys() == expected.keys()
    for key, value in found.items():
        assert value.shape == expected[key].shape
        np.testing.assert_allclose(
            value, expected[key], rtol=tolerance, atol=tolerance / 100, err_msg=key
        )
