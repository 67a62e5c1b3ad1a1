"""Losses, weights of examples and weighted metrics train as Keras trains them, in float64."""

from __future__ import annotations

from pathlib import Path

import keras_losses
import numpy as np
import pytest
from keras_losses import CASES, Array

import galago

FILE = Path(__file__).parent / "keras_losses.npz"


def load(name: str) -> dict[str, Array]:
    with np.load(FILE) as stored:
        parts = [key.partition("/") for key in stored]
        return {key: stored[f"{name}/{key}"] for case, _, key in parts if case == name}


def test_every_case_is_compared() -> None:
    with np.load(FILE) as stored:
        assert {key.partition("/")[0] for key in stored} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_fit_is_keras(name: str) -> None:
    galago.config.set_floatx("float64")
    found, stored = keras_losses.train(galago, name), load(name)
    assert found.keys() == stored.keys()
    # Keras rounds log(2) to float32 in this loss; its slope knows nothing of it.
    shift = (
        float(np.log(np.float32(2))) - np.log(2)
        if CASES[name].loss(galago).kind == "log_cosh"
        else 0.0
    )
    for key, value in found.items():
        wanted = stored[key] + shift if key.endswith("loss") else stored[key]
        np.testing.assert_allclose(value, wanted, rtol=1e-9, atol=1e-11, err_msg=key)
