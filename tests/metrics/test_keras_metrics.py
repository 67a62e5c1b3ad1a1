"""Metrics are Keras's, in float64, over batches of several sizes with and without weights."""

from __future__ import annotations

from pathlib import Path

import keras_metrics
import numpy as np
import pytest
from keras_metrics import CASES

import galago

FILE = Path(__file__).parent / "keras_metrics.npz"


def test_every_case_is_compared() -> None:
    with np.load(FILE) as stored:
        assert set(stored) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_it_is_keras(name: str) -> None:
    galago.config.set_floatx("float64")
    with np.load(FILE) as stored:
        expected = stored[name]
    if name == "LogCoshError":  # for which Keras rounds log(2) to float32
        expected += float(np.log(np.float32(2))) - np.log(2)
    exact = 1e-6 if "IoU" in name else 1e-9  # Keras divides overlaps in float32
    found = keras_metrics.compute(galago, name)
    np.testing.assert_allclose(found, expected, rtol=exact, atol=exact / 100)
