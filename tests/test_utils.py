"""Helpers under Keras's names."""

from __future__ import annotations

import random as python_random
from typing import Any

import numpy as np
import pytest

import galago
from galago import utils
from galago.errors import DataError
from galago.initializers import GlorotUniform


def test_set_random_seed_fixes_all_three() -> None:
    draws = []
    for _ in range(2):
        galago.utils.set_random_seed(5)
        draws.append(
            (python_random.random(), float(np.random.rand()), GlorotUniform()((2, 2)).tolist())
        )
    assert draws[0] == draws[1]


def test_set_seed_leaves_the_others_alone() -> None:
    np.random.seed(1)
    before = np.random.get_state()[1]
    galago.set_seed(5)
    assert np.array_equal(before, np.random.get_state()[1])


@pytest.mark.parametrize(
    ("x", "classes", "expected"),
    [
        ([0, 2, 1], None, np.eye(3)[[0, 2, 1]]),
        ([[0], [1]], 3, np.eye(3)[:2]),
        ([[0, 1], [1, 1]], None, np.eye(2)[[[0, 1], [1, 1]]]),
        (np.array([1.0, 0.0]), None, np.eye(2)[[1, 0]]),
    ],
)
def test_to_categorical(x: Any, classes: int | None, expected: Any) -> None:
    found = utils.to_categorical(x, classes)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("x", [[0.5], [-1], [], ["cat"], [np.nan]])
def test_to_categorical_of_what_are_no_classes(x: Any) -> None:
    with pytest.raises(DataError, match="expected whole class numbers from 0, received"):
        utils.to_categorical(x)


def test_to_categorical_of_too_few_classes() -> None:
    with pytest.raises(DataError) as caught:
        utils.to_categorical([0, 5], 3)
    assert str(caught.value) == (
        "to_categorical(): expected class numbers below num_classes=3, received 5. Pass "
        "num_classes=6."
    )


def test_normalize() -> None:
    x = np.array([[3.0, 0.0], [4.0, 0.0]])
    np.testing.assert_array_equal(utils.normalize(x, axis=0), [[0.6, 0.0], [0.8, 0.0]])
    np.testing.assert_array_equal(utils.normalize(x, order=1), [[1.0, 0.0], [1.0, 0.0]])


def test_keras_names() -> None:
    assert utils.PyDataset is galago.data.PyDataset
    assert len(utils.split_dataset(np.arange(4), 0.5)) == 2
