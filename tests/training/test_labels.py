"""Labels as each loss takes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from galago import config, losses
from galago.errors import DataError
from galago.training.labels import labels

SPARSE = losses.SparseCategoricalCrossentropy()
DENSE = losses.CategoricalCrossentropy()
BINARY = losses.BinaryCrossentropy()
MSE = losses.MeanSquaredError()


def read(values: Any, loss: losses.Loss, units: int = 3) -> Any:
    return labels(values, loss, (units,), "Dense 'last'", "y", "fit()")


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int8, np.int32, np.int64, np.uint64, np.float32, np.float64, ">i4"]
)
@pytest.mark.parametrize("column", [False, True])
def test_class_numbers_of_any_type(dtype: Any, column: bool) -> None:
    y = np.array([0, 2, 1], dtype)
    found = read(y[:, None] if column else y, SPARSE)
    assert found.dtype == np.int64
    assert found.tolist() == [0, 2, 1]


def test_class_numbers_as_a_list() -> None:
    assert read([True, False], SPARSE, 2).tolist() == [1, 0]


@pytest.mark.parametrize("loss", [DENSE, MSE, BINARY])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_floats_are_not_copied(loss: losses.Loss, dtype: Any) -> None:
    y = np.eye(3, dtype=dtype)
    assert read(y, loss) is y


def test_rows_of_other_numbers_become_float32() -> None:
    assert read(np.eye(3, dtype=np.uint8), DENSE).dtype == np.float32


@pytest.mark.parametrize("loss", [BINARY, MSE])
def test_a_row_of_labels_for_one_output(loss: losses.Loss) -> None:
    assert read([0, 1, 1], loss, 1).tolist() == [[0.0], [1.0], [1.0]]


@pytest.mark.parametrize(
    ("values", "loss", "units", "message"),
    [
        (
            np.eye(3),
            SPARSE,
            3,
            "fit(): loss 'sparse_categorical_crossentropy' expects class numbers of shape (n,), "
            "received y of shape (3, 3). For one-hot rows use loss='categorical_crossentropy', or "
            "pass y.argmax(axis=1).",
        ),
        (
            [0, 1, 2],
            DENSE,
            3,
            "fit(): loss 'categorical_crossentropy' expects y of shape (3, 3), one value for each "
            "output of Dense 'last', received (3,). For class numbers use "
            "loss='sparse_categorical_crossentropy'.",
        ),
        (
            [[0], [1], [2]],
            DENSE,
            3,
            "fit(): loss 'categorical_crossentropy' expects y of shape (3, 3), one value for each "
            "output of Dense 'last', received (3, 1). For class numbers use "
            "loss='sparse_categorical_crossentropy'.",
        ),
        (
            np.eye(4),
            DENSE,
            3,
            "fit(): loss 'categorical_crossentropy' expects y of shape (4, 3), one value for each "
            "output of Dense 'last', received (4, 4). Give the last layer 4 outputs, or correct "
            "the labels.",
        ),
        (
            [0, 1],
            BINARY,
            2,
            "fit(): loss 'binary_crossentropy' expects y of shape (2, 2), one value for each "
            "output of Dense 'last', received (2,). For two classes end the model with Dense(1, "
            "activation='sigmoid'); for several use loss='sparse_categorical_crossentropy' and "
            "softmax.",
        ),
        (
            np.zeros((2, 2, 2)),
            MSE,
            2,
            "fit(): loss 'mean_squared_error' expects y of shape (2, 2), one value for each "
            "output of Dense 'last', received (2, 2, 2). Bring the labels to that shape.",
        ),
        (
            [0, 2, 1],
            BINARY,
            1,
            "fit(): loss 'binary_crossentropy' expects labels from 0 to 1, received 2 at row 1 of "
            "y. For several classes use loss='sparse_categorical_crossentropy' and softmax.",
        ),
        (
            [0.0, float("nan")],
            BINARY,
            1,
            "fit(): loss 'binary_crossentropy' expects labels from 0 to 1, received nan at row 1 "
            "of y. For several classes use loss='sparse_categorical_crossentropy' and softmax.",
        ),
        (
            [0, 1, 5, 9],
            SPARSE,
            5,
            "fit(): expected labels from 0 to 4, one for each of the 5 outputs of Dense 'last', "
            "received 5 at row 2 of y. Give the last layer 10 outputs, or correct the labels.",
        ),
        (
            [1, 2, 3],
            SPARSE,
            3,
            "fit(): expected labels from 0 to 2, one for each of the 3 outputs of Dense 'last', "
            "received 3 at row 2 of y. Labels count from 0: pass y - 1.",
        ),
        (
            [0, -1],
            SPARSE,
            3,
            "fit(): expected labels from 0 to 2, one for each of the 3 outputs of Dense 'last', "
            "received -1 at row 1 of y. Correct the labels; classes count from 0.",
        ),
        (
            [0, 0.5, 1],
            SPARSE,
            3,
            "fit(): expected whole class numbers in y, received 0.5 at row 1. For values that are "
            "not classes use loss='mean_squared_error'.",
        ),
        (
            [0, 1, float("nan")],
            SPARSE,
            3,
            "fit(): expected whole class numbers in y, received nan at row 2. For values that are "
            "not classes use loss='mean_squared_error'.",
        ),
    ],
)
def test_mistakes(values: Any, loss: losses.Loss, units: int, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read(values, loss, units)
    assert str(caught.value) == message


def test_the_search_for_nan_covers_labels() -> None:
    y = np.array([[0.0], [np.nan]])
    assert read(y, MSE, 1) is y
    config.set_check_inputs(True)
    with pytest.raises(DataError) as caught:
        read(y, MSE, 1)
    assert str(caught.value) == (
        "fit(): expected finite numbers, received nan at y[1, 0]. Remove or repair that row."
    )
