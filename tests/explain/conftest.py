"""A small trained network that the tests of explanations share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago.datasets import fashion_mnist

CLASSES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat")
CLASSES = (*CLASSES, "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


@pytest.fixture(scope="session")
def images() -> Any:
    """Test images from 0 to 1, and their labels."""
    _, (x, y) = fashion_mnist.load_data(subset=True)
    return x / 255.0, y


@pytest.fixture(scope="session")
def trained() -> galago.Sequential:
    """The reference network with six filters after an epoch of the small set."""
    galago.naming.reset()
    galago.set_seed(20)
    (x, y), _ = fashion_mnist.load_data(subset=True)
    model = galago.applications.reference(6)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x[..., None] / 255.0, y, epochs=1, verbose=0)
    model.class_names = CLASSES
    assert np.isfinite(model.get_weights()[0]).all()
    return model
