"""A small model to watch, with data that it learns quickly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago import layers


def make_model() -> galago.Sequential:
    """A compiled model for data()."""
    model = galago.Sequential([layers.Dense(3, activation="softmax", input_shape=(4,))])
    model.compile(
        galago.optimizers.SGD(0.5), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


@pytest.fixture
def model() -> galago.Sequential:
    return make_model()


@pytest.fixture
def data() -> tuple[Any, Any]:
    """48 examples whose largest number is their class."""
    x = np.random.default_rng(3).random((48, 4), np.float32)
    return x, x[:, :3].argmax(axis=1)
