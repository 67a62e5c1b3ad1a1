"""Labels as each loss takes them: every mistake is named with its row before any work."""

from __future__ import annotations

from typing import Any

import numpy as np

from galago.errors import DataError
from galago.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    SparseCategoricalCrossentropy,
)
from galago.training.adapters import Array, numbers, readable, require_finite

#: Types of targets that the engine reads where they lie.
_DIRECT = frozenset(map(np.dtype, ("float32", "float64")))


def labels(values: Any, loss: Loss, units: int, last_layer: str, name: str, owner: str) -> Array:
    """Return labels for a loss and a model with `units` outputs. Raises DataError.

    Class numbers come back as int64 of shape (n,), anything else as floats of shape (n, units).
    `last_layer` ("Dense 'dense_1'"), `name` ("y") and `owner` ("fit()") are for the message.
    """
    array = numbers(values, name, owner)
    if isinstance(loss, SparseCategoricalCrossentropy):
        return _classes(array, units, last_layer, name, owner)
    if array.ndim == 1 and units == 1:
        array = array[:, None]
    if array.shape != (len(array), units):
        raise DataError(_wrong_shape(array, loss, units, last_layer, name, owner))
    if isinstance(loss, BinaryCrossentropy):
        _require_unit_interval(array, name, owner)
    require_finite(array, name, owner)
    return readable(array, _DIRECT)


def _classes(array: Array, units: int, last_layer: str, name: str, owner: str) -> Array:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(
            f"{owner}: loss 'sparse_categorical_crossentropy' expects class numbers of shape "
            f"(n,), received {name} of shape {array.shape}. For one-hot rows use "
            f"loss='categorical_crossentropy', or pass {name}.argmax(axis=1)."
        )
    with np.errstate(invalid="ignore"):  # NaN is found below
        classes = array.astype(np.int64)
    if array.dtype.kind == "f":
        broken = ~(np.isfinite(array) & (classes == array))
        if broken.any():
            row = int(np.argmax(broken))
            raise DataError(
                f"{owner}: expected whole class numbers in {name}, received {array[row]} at row "
                f"{row}. For values that are not classes use loss='mean_squared_error'."
            )
    outside = (classes < 0) | (classes >= units)
    if outside.any():
        row = int(np.argmax(outside))
        highest, lowest = int(classes.max()), int(classes.min())
        advice = (
            f"Labels count from 0: pass {name} - 1."
            if lowest == 1 and highest == units
            else f"Give the last layer {highest + 1} outputs, or correct the labels."
            if lowest >= 0
            else "Correct the labels; classes count from 0."
        )
        raise DataError(
            f"{owner}: expected labels from 0 to {units - 1}, one for each of the {units} outputs "
            f"of {last_layer}, received {classes[row]} at row {row} of {name}. {advice}"
        )
    return np.ascontiguousarray(classes)


def _wrong_shape(
    array: Array, loss: Loss, units: int, last_layer: str, name: str, owner: str
) -> str:
    message = (
        f"{owner}: loss {loss.kind!r} expects {name} of shape ({len(array)}, {units}), one value "
        f"for each output of {last_layer}, received {array.shape}. "
    )
    class_numbers = array.ndim == 1 or array.shape[1:] == (1,)
    if isinstance(loss, CategoricalCrossentropy) and class_numbers:
        return message + "For class numbers use loss='sparse_categorical_crossentropy'."
    if isinstance(loss, BinaryCrossentropy) and class_numbers:
        return message + (
            "For two classes end the model with Dense(1, activation='sigmoid'); for several use "
            "loss='sparse_categorical_crossentropy' and softmax."
        )
    if array.ndim == 2:
        return message + f"Give the last layer {array.shape[1]} outputs, or correct the labels."
    return message + "Bring the labels to that shape."


def _require_unit_interval(array: Array, name: str, owner: str) -> None:
    outside = ~((array >= 0) & (array <= 1))
    if outside.any():
        row, column = (int(place) for place in np.argwhere(outside)[0])
        raise DataError(
            f"{owner}: loss 'binary_crossentropy' expects labels from 0 to 1, received "
            f"{array[row, column]} at row {row} of {name}. For several classes use "
            "loss='sparse_categorical_crossentropy' and softmax."
        )
