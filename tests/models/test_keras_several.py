"""Trainings of several inputs and outputs against Keras: `python tools/make_keras_several.py`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from several_outputs import CASES, trained

import galago

STORED = json.loads((Path(__file__).parent / "keras_several.json").read_text())


@pytest.fixture(autouse=True)
def float64() -> Iterator[None]:
    """Compute in float64."""
    galago.config.set_floatx("float64")
    yield
    galago.config.set_floatx("float32")


@pytest.mark.parametrize("case", CASES)
def test_history_evaluation_and_weights_are_those_of_keras(case: str) -> None:
    found, expected = trained(galago, case), STORED[case]
    assert list(found["history"]) == list(expected["history"])
    for name, values in expected["history"].items():
        np.testing.assert_allclose(found["history"][name], values, rtol=1e-6, err_msg=name)
    np.testing.assert_allclose(found["evaluated"], expected["evaluated"], rtol=1e-6)
    for weight, exact in zip(found["weights"], expected["weights"], strict=True):
        np.testing.assert_allclose(weight, exact, rtol=1e-9, atol=1e-12)
