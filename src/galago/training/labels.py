"""Labels as each loss takes them: every mistake is named with its row before any work."""

from __future__ import annotations

from typing import Any

import numpy as np

from galago.errors import DataError, ShapeError
from galago.losses import Loss, SparseCategoricalCrossentropy
from galago.shapes import Shape, with_batch
from galago.training.adapters import Array, numbers, readable, require_finite, with_last_axis

#: Types of targets that the engine reads where they lie.
_DIRECT = frozenset(map(np.dtype, ("float32", "float64")))


def labels(values: Any, loss: Loss, shape: Shape, last_layer: str, name: str, owner: str) -> Array:
    """Return labels for a loss and a model with outputs of a shape. Raises DataError, ShapeError.

    Class numbers come back as int64 of shape (n,), of maps (n, rows, columns), anything else as
    floats of the outputs' shape (n, *shape). `last_layer` ("Dense 'dense_1'"), `name` ("y") and
    `owner` ("fit()") are for the message.
    """
    array = numbers(values, name, owner)
    if isinstance(loss, SparseCategoricalCrossentropy):
        return _classes(array, loss, shape, last_layer, name, owner)
    array = with_last_axis(array, shape)
    if array.shape[1:] != shape:
        raise DataError(_wrong_shape(array, loss, shape, last_layer, name, owner))
    if loss.activation == "sigmoid":
        _require_unit_interval(array, loss, name, owner)
    require_finite(array, name, owner)
    return readable(array, _DIRECT)


def _classes(
    array: Array,
    loss: SparseCategoricalCrossentropy,
    shape: Shape,
    last_layer: str,
    name: str,
    owner: str,
) -> Array:
    places, units = shape[:-1], shape[-1]
    if array.ndim == len(places) + 2 and array.shape[-1] == 1:
        array = array[..., 0]
    if places and array.shape[1:] != places:
        raise ShapeError(
            f"{owner}: loss 'sparse_categorical_crossentropy' expects a class number for each "
            f"place of the outputs {with_batch(shape)} of {last_layer}, received {name} of shape "
            f"{array.shape}. For one class an example put Flatten() before the last Dense."
        )
    if array.ndim != 1 + len(places):
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
            place = _first(broken)
            raise DataError(
                f"{owner}: expected whole class numbers in {name}, received {array[place]} at row "
                f"{place[0]}. For values that are not classes use loss='mean_squared_error'."
            )
    outside = (classes < 0) | (classes >= units)
    if loss.ignore_class is not None:
        outside &= classes != loss.ignore_class
    if outside.any():
        place = _first(outside)
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
            f"of {last_layer}, received {classes[place]} at row {place[0]} of {name}. {advice}"
        )
    return np.ascontiguousarray(classes)


def _first(wrong: Array) -> tuple[int, ...]:
    """Where the first wrong label is."""
    return tuple(int(at) for at in np.argwhere(wrong)[0])


def _wrong_shape(
    array: Array, loss: Loss, shape: Shape, last_layer: str, name: str, owner: str
) -> str:
    message = (
        f"{owner}: loss {loss.kind!r} expects {name} of shape {(len(array), *shape)}, one value "
        f"for each output of {last_layer}, received {array.shape}. "
    )
    class_numbers = array.ndim == 1 or array.shape[1:] == (1,)
    if loss.activation == "softmax" and class_numbers:
        return message + "For class numbers use loss='sparse_categorical_crossentropy'."
    if loss.activation == "sigmoid" and class_numbers:
        return message + (
            "For two classes end the model with Dense(1, activation='sigmoid'); for several use "
            "loss='sparse_categorical_crossentropy' and softmax."
        )
    if array.ndim == 2 and len(shape) == 1:
        return message + f"Give the last layer {array.shape[1]} outputs, or correct the labels."
    return message + "Bring the labels to that shape."


def _require_unit_interval(array: Array, loss: Loss, name: str, owner: str) -> None:
    outside = ~((array >= 0) & (array <= 1))
    if outside.any():
        place = _first(outside)
        raise DataError(
            f"{owner}: loss {loss.kind!r} expects labels from 0 to 1, received "
            f"{array[place]} at row {place[0]} of {name}. For several classes use "
            "loss='sparse_categorical_crossentropy' and softmax."
        )
