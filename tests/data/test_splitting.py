"""Parts of a data set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from galago.data import Dataset
from galago.data.splitting import split_dataset
from galago.errors import ArgumentError, DataError


def parts(*arguments: Any, **named: Any) -> list[list[int]]:
    return [[int(element) for element in part] for part in split_dataset(*arguments, **named)]


X = np.arange(10)


@pytest.mark.parametrize(
    ("sizes", "left", "right"),
    [
        ({"left_size": 0.75}, 8, 2),
        ({"right_size": 0.25}, 8, 2),
        ({"left_size": 3}, 3, 7),
        ({"right_size": 3}, 7, 3),
        ({"left_size": 3, "right_size": 0.2}, 3, 2),
    ],
)
def test_sizes_are_keras(sizes: dict[str, Any], left: int, right: int) -> None:
    """The first elements and the last; round(10 * 0.75) is 8, and round(2.5) is 2."""
    assert parts(X, **sizes) == [list(range(left)), list(range(10 - right, 10))]


def test_arrays_stay_together() -> None:
    for data in ((X, -X), [X, -X], Dataset.from_tensor_slices((X, -X))):
        left, right = split_dataset(data, left_size=8)
        assert (len(left), len(right)) == (8, 2)
        assert [tuple(map(int, pair)) for pair in right] == [(8, -8), (9, -9)]


def test_shuffled_by_a_seed() -> None:
    found = [parts(X, 0.5, shuffle=True, seed=seed) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]
    assert sorted(found[0][0] + found[0][1]) == X.tolist()
    assert found[0][0] != sorted(found[0][0])


def test_parts_can_be_read_again() -> None:
    left, _ = split_dataset(X, 4)
    assert list(left) == list(left)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: split_dataset(X),
            ArgumentError,
            "split_dataset(): expected left_size or right_size, received neither. Pass for "
            "example left_size=0.8.",
        ),
        (
            lambda: split_dataset(X, 10),
            DataError,
            "split_dataset(): expected two parts of 10 elements in all, each with one at least, "
            "received parts of 10 and 0. Change left_size or right_size.",
        ),
        (
            lambda: split_dataset(X, 0.7, 0.7),
            DataError,
            "split_dataset(): expected two parts of 10 elements in all, each with one at least, "
            "received parts of 7 and 7. Change left_size or right_size.",
        ),
        (
            lambda: split_dataset(X, 1.5),
            ArgumentError,
            "split_dataset(): left_size must be a finite number from 0 to 1, received 1.5. Pass a "
            "float for left_size.",
        ),
        (
            lambda: split_dataset(Dataset.from_tensor_slices(X).repeat(), 0.5),
            ArgumentError,
            "split_dataset(): expected a Dataset that ends, received one that repeats for ever. "
            "Pass dataset.take(count).",
        ),
    ],
)
def test_errors(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
