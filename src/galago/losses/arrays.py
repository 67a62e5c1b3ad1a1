"""Labels, outputs and weights brought to each other's type and shape, as Keras does it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from galago import config
from galago.errors import DataError

Array = npt.NDArray[Any]

#: Keras's backend epsilon.
EPSILON = 1e-7


def floats(y_true: Any, y_pred: Any) -> tuple[Array, Array]:
    """Return labels and outputs of one float type and one number of axes. Raises DataError.

    The type is that of the outputs if they are a float array, else config.floatx().

    >>> labels, outputs = floats([1, 0], np.array([[0.5], [0.25]]))
    >>> labels.shape, labels.dtype
    ((2, 1), dtype('float64'))
    """
    outputs = as_floats(y_pred)
    labels = np.asarray(y_true).astype(outputs.dtype, copy=False)
    labels, outputs = same_rank(labels, outputs)
    if labels.shape != outputs.shape:
        raise DataError(
            f"expected y_true and y_pred of one shape, received {labels.shape} and "
            f"{outputs.shape}. Bring them to one shape."
        )
    return labels, outputs


def as_floats(values: Any) -> Array:
    """Return an array of floats; a float32 or float64 array keeps its type."""
    array = np.asarray(values)
    known = isinstance(values, (np.ndarray, np.generic)) and array.dtype.kind == "f"
    return array if known else array.astype(config.floatx())


def same_rank(first: Array, second: Array) -> tuple[Array, Array]:
    """Add or take away a last axis of size 1 where the one array has an axis more.

    >>> [array.shape for array in same_rank(np.zeros((3, 1)), np.zeros(3))]
    [(3, 1), (3, 1)]
    >>> [array.shape for array in same_rank(np.zeros((3, 2, 1)), np.zeros((3, 2)))]
    [(3, 2), (3, 2)]
    """
    if first.ndim == second.ndim + 1:
        second, first = same_rank(second, first)
    elif second.ndim == first.ndim + 1 and second.shape[-1] == 1:
        if first.ndim == 1:
            first = first[:, None]
        else:
            second = second[..., 0]
    return first, second


def checked_weights(sample_weight: Any, values: Array) -> Array:
    """Return weights with one for each value. Raises DataError.

    They may have fewer axes than the values: then the ones that are there are the first.

    >>> checked_weights([1, 2], np.zeros((2, 3))).tolist()
    [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]
    """
    weights = np.asarray(sample_weight, dtype=values.dtype)
    if weights.ndim == values.ndim + 1 and weights.shape[-1] == 1:
        weights = weights[..., 0]
    given = weights.shape
    weights = weights.reshape(given + (1,) * (values.ndim - weights.ndim))
    try:
        return np.broadcast_to(weights, values.shape)
    except ValueError:
        raise DataError(
            f"expected sample_weight to have one value for each of {values.shape}, received shape "
            f"{given}. Pass one weight for each example."
        ) from None
