"""Pictures as the engine takes them, and in the shape that the user had."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from galago.errors import DataError

Array: TypeAlias = npt.NDArray[Any]

#: Types that are computed with as they are, or in float32; all others in float64.
_SMALL = (np.dtype(np.uint8), np.dtype(np.float32), np.dtype(np.float16))


def as_picture(image: npt.ArrayLike, owner: str) -> Array:
    """Return a picture as uint8, float32 or float64 (height, width, channels). Raises DataError.

    >>> as_picture([[1, 2], [3, 4]], "pool").shape
    (2, 2, 1)
    """
    try:
        array = np.asarray(image)
    except ValueError:  # rows of different lengths
        array = np.asarray(None)
    if array.dtype.kind not in "uif":
        raise DataError(
            f"{owner}: expected a picture of numbers, received {type(image).__name__} of "
            f"{array.dtype}. Read one with galago.utils.load_img, or pass an array such as x[0]."
        )
    if array.ndim not in (2, 3) or not array.size:
        advice = "Pass one of them, x[0]." if array.ndim == 4 else "Pass an array such as x[0]."
        raise DataError(
            f"{owner}: expected one picture, (height, width) or (height, width, channels), "
            f"received an array of shape {array.shape}. {advice}"
        )
    if array.dtype == np.float16:
        array = array.astype(np.float32)
    elif array.dtype not in _SMALL:
        array = array.astype(np.float64)
    return np.ascontiguousarray(array).reshape(*array.shape[:2], -1)


def like(result: Array, image: npt.ArrayLike) -> Array:
    """Return a result without an axis of channels where the picture had none."""
    return result if np.ndim(image) == 3 else result[..., 0]
