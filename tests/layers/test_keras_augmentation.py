"""Augmented pictures against Keras's: `tools/make_keras_augmentation.py` made the numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import augmentation_cases
import numpy as np
import pytest
from sessions import training_outputs

import galago
from galago.graph import GraphBuilder

NUMBERS = Path(__file__).parent / "contract" / "keras_augmentation.npz"
CASES = dict(augmentation_cases.cases())


def test_all_cases_are_stored() -> None:
    with np.load(NUMBERS) as stored:
        assert set(stored.files) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_pictures_are_those_of_keras(name: str) -> None:
    make: Callable[[Any], Any] = CASES[name]
    x = augmentation_cases.pictures()
    builder = GraphBuilder()
    source = builder.add("input", "input", (), x.shape[1:])
    layer = make(galago.layers)
    graph = builder.finish(layer.lower(builder, source, x.shape[1:]))
    with np.load(NUMBERS) as stored:
        np.testing.assert_allclose(training_outputs(graph, x), stored[name], atol=2e-6)
