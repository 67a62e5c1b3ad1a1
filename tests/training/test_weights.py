"""Weights of examples, one by one and by class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from galago import losses
from galago.errors import ArgumentError, DataError
from galago.training.weights import class_weights, sample_weights

SPARSE = losses.SparseCategoricalCrossentropy()
DENSE = losses.CategoricalCrossentropy()


def read(values: Any, places: tuple[int, ...] = ()) -> Any:
    return sample_weights(values, 3, places, "sample_weight", "fit()")


def by_class(weights: Any, labels: Any, loss: losses.Loss = SPARSE, units: int = 3) -> Any:
    return class_weights(weights, np.asarray(labels), loss, units, "fit()").tolist()


def test_no_weights_are_none() -> None:
    assert read(None) is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_are_not_copied(dtype: Any) -> None:
    weights = np.ones(3, dtype)
    assert read(weights) is weights


def test_a_column_and_other_numbers() -> None:
    found = read([[1], [2], [0]])
    assert found.tolist() == [1.0, 2.0, 0.0]
    assert found.dtype == np.float32


def test_weights_of_places() -> None:
    assert read(np.ones((3, 2, 4)), (2, 4)).shape == (3, 2, 4)
    assert read(np.ones((3, 1)), (2, 4)).shape == (3,)
    assert read(np.ones((3, 1)), (1,)).shape == (3, 1)


@pytest.mark.parametrize(
    ("values", "places", "message"),
    [
        (
            np.ones(4),
            (),
            "fit(): expected sample_weight of shape (3,), received (4,). Pass one weight for each "
            "example.",
        ),
        (
            np.ones((3, 2)),
            (2, 4),
            "fit(): expected sample_weight of shape (3,) or (3, 2, 4), received (3, 2). Pass one "
            "weight for each example.",
        ),
        (
            [1.0, np.nan, 1.0],
            (),
            "fit(): expected finite numbers in sample_weight, received nan at row 1. Pass 0 for an "
            "example that does not count.",
        ),
    ],
)
def test_weights_that_are_refused(values: Any, places: tuple[int, ...], message: str) -> None:
    with pytest.raises(DataError) as caught:
        read(values, places)
    assert str(caught.value) == message


def test_classes_of_every_kind_of_labels() -> None:
    assert by_class({0: 2, 2: 0.5}, [0, 1, 2]) == [2, 1, 0.5]
    assert by_class({0: 2, 2: 0.5}, np.eye(3), DENSE) == [2, 1, 0.5]
    binary = losses.BinaryCrossentropy()
    assert by_class({1: 3.0}, [[0.0], [1.0], [0.8]], binary, 1) == [1, 3, 3]
    assert by_class({1: 3.0}, [[-1.0], [7.0]], losses.MeanSquaredError(), 1) == [1, 1]
    assert by_class({1: 4.0}, [[[0, 1], [1, 2]]]) == [[[1, 4], [4, 1]]]
    assert by_class({1: 4.0}, [255, 1]) == [1, 4]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            [1.0, 2.0],
            "fit(): expected class_weight as a dict from classes to numbers, received [1.0, 2.0]. "
            "Pass for example class_weight={0: 1.0, 1: 5.0}.",
        ),
        (
            {3: 1.0},
            "fit(): expected classes from 0 to 2 in class_weight, received 3. Remove it, or "
            "correct the labels.",
        ),
        (
            {"cat": 1.0},
            "fit(): class_weight's class must be a whole number of at least 0, received 'cat'. "
            "Pass an int, such as class_weight's class=1.",
        ),
        (
            {1: "much"},
            "fit(): class_weight[1] must be a finite number, received 'much'. Pass a float for "
            "class_weight[1].",
        ),
    ],
)
def test_class_weights_that_are_refused(weights: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        by_class(weights, [0])
    assert str(caught.value) == message
