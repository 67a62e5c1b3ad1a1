"""Helpers under Keras's names."""

from __future__ import annotations

import random as python_random
from typing import Any

import numpy as np
import numpy.typing as npt

from galago import naming
from galago.checks import whole
from galago.data import PyDataset
from galago.data.splitting import split_dataset
from galago.errors import DataError
from galago.random import set_seed

__all__ = [
    "PyDataset",
    "clear_session",
    "normalize",
    "set_random_seed",
    "split_dataset",
    "to_categorical",
]


def set_random_seed(seed: int) -> None:
    """Fix Galago's seed together with those of Python's `random` and of NumPy, as Keras does.

    Arguments: a whole number from 0 to 2**32 - 1, NumPy's limit. `galago.set_seed` leaves the
    other two alone.

    >>> set_random_seed(1)
    """
    set_seed(seed)
    python_random.seed(seed)
    np.random.seed(seed)


def clear_session() -> None:
    """Start the automatic names of layers and models again: the next Dense is "dense".

    >>> from galago.layers import Dense
    >>> clear_session()
    >>> Dense(1).name
    'dense'
    """
    naming.reset()


def to_categorical(x: npt.ArrayLike, num_classes: int | None = None) -> npt.NDArray[np.float64]:
    """Return class numbers of shape (n,) or (n, 1) as one-hot rows, (n, num_classes).

    Without `num_classes` there are as many as the largest number needs. Raises DataError for
    what is no class number.

    >>> to_categorical([0, 2], num_classes=3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    given = np.asarray(x)
    with np.errstate(invalid="ignore"):  # NaN is found below
        classes = given.astype(np.int64) if given.dtype.kind in "buif" else np.empty(0, np.int64)
    if classes.size == 0 or (classes != given).any() or classes.min() < 0:
        raise DataError(
            "to_categorical(): expected whole class numbers from 0, received "
            f"{given.dtype} of shape {given.shape} that holds others or none. Number the classes."
        )
    count = int(classes.max()) + 1
    if num_classes is not None:
        count = whole(num_classes, "num_classes", "to_categorical()")
    if classes.max() >= count:
        raise DataError(
            f"to_categorical(): expected class numbers below num_classes={count}, received "
            f"{classes.max()}. Pass num_classes={classes.max() + 1}."
        )
    if classes.ndim > 1 and classes.shape[-1] == 1:
        classes = classes[..., 0]
    return np.asarray(classes[..., None] == np.arange(count), dtype=np.float64)


def normalize(x: npt.ArrayLike, axis: int = -1, order: float = 2) -> npt.NDArray[Any]:
    """Return an array divided by its norms along an axis, so that they become 1; zeros stay.

    >>> normalize([[3.0, 4.0], [0.0, 0.0]]).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    array = np.asarray(x)
    norm = np.linalg.norm(array, order, axis, keepdims=True)
    return np.asarray(array / np.where(norm == 0, 1, norm))
