"""Weights of examples, as the engine takes them: given one by one, or by class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from galago.checks import real, whole
from galago.errors import ArgumentError, DataError
from galago.losses import Loss
from galago.shapes import Shape
from galago.training.adapters import Array, numbers, readable

#: Types of weights that the engine reads where they lie.
_DIRECT = frozenset(map(np.dtype, ("float32", "float64")))


def sample_weights(values: Any, rows: int, places: Shape, name: str, owner: str) -> Array | None:
    """Return a weight for each example, or for each place of a map; None for None.

    Arguments: weights of shape (rows,), (rows, 1) or (rows, *places); name ("sample_weight") and
    owner ("fit()") are for the message. Raises DataError.

    >>> sample_weights([[1.0], [0.5]], 2, (), "sample_weight", "fit()")
    array([1. , 0.5])
    """
    if values is None:
        return None
    array = numbers(values, name, owner)
    if array.shape == (rows, 1) and len(places) != 1:
        array = array[:, 0]
    if array.shape not in ((rows,), (rows, *places)):
        wanted = f"({rows},)" + (f" or {(rows, *places)}" if places else "")
        raise DataError(
            f"{owner}: expected {name} of shape {wanted}, received {array.shape}. Pass one weight "
            "for each example."
        )
    finite = np.isfinite(array)
    if not finite.all():
        place = tuple(int(at) for at in np.argwhere(~finite)[0])
        raise DataError(
            f"{owner}: expected finite numbers in {name}, received {array[place]} at row "
            f"{place[0]}. Pass 0 for an example that does not count."
        )
    return readable(array, _DIRECT)


def class_weights(weights: Any, labels: Array, loss: Loss, units: int, owner: str) -> Array:
    """Return a weight for each label by its class; a class that is not named counts 1.

    The class of a row of labels is its largest one, that of a single value the nearest whole
    number. Raises ArgumentError.

    >>> from galago.losses import SparseCategoricalCrossentropy
    >>> loss = SparseCategoricalCrossentropy()
    >>> class_weights({1: 3.0}, np.array([0, 1]), loss, 2, "fit()")
    array([1., 3.], dtype=float32)
    """
    if not isinstance(weights, Mapping):
        raise ArgumentError(
            f"{owner}: expected class_weight as a dict from classes to numbers, received "
            f"{weights!r}. Pass for example class_weight={{0: 1.0, 1: 5.0}}."
        )
    classes = max(units, 2)
    table = np.ones(classes, np.float32)
    for key, weight in weights.items():
        number = whole(key, "class_weight's class", owner, minimum=0)
        if number >= classes:
            raise ArgumentError(
                f"{owner}: expected classes from 0 to {classes - 1} in class_weight, received "
                f"{number}. Remove it, or correct the labels."
            )
        table[number] = real(weight, f"class_weight[{number}]", owner)
    if loss.labels == "classes":
        found = labels
    elif labels.shape[-1] > 1:
        found = labels.argmax(axis=-1)
    else:
        found = np.rint(labels[..., 0]).astype(np.int64)
    known = (found >= 0) & (found < classes)
    return np.where(known, table[np.where(known, found, 0)], np.float32(1))
