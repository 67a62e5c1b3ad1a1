"""A pool keeps one number of each window of a picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from galago.checks import pair
from galago.engine import Window, filter_image
from galago.image.pictures import Array, as_picture, like
from galago.registry import look_up
from galago.shapes import Pair, WindowError, slide

#: What is made of a window.
_KINDS = {"max": "maximum", "average": "sum", "min": "minimum"}


def pool(
    image: npt.ArrayLike, size: int | Pair = 2, stride: int | Pair | None = None, mode: str = "max"
) -> Array:
    """Return the largest, mean or smallest number of each window, for each channel by itself.

    `image` is (height, width) or (height, width, channels); `stride`, the size unless given, is
    how far the windows lie apart; `mode` is "max", "average" or "min". Rows and columns that fill
    no window are left out, as in Keras. Returns the picture's type for "max" and "min" of uint8
    and floats, else float32, or float64 as `convolve` does. Raises ArgumentError, DataError,
    WindowError.

    >>> lecture = [[0, 64, 128, 128], [48, 192, 144, 144], [142, 226, 168, 0], [255, 0, 0, 64]]
    >>> pool(lecture).astype(int)
    array([[192, 144],
           [255, 168]])
    """
    picture = as_picture(image, "pool")
    kind = look_up(_KINDS, mode, kind="mode", owner="pool")
    window = pair(size, "size", "pool")
    strides = window if stride is None else pair(stride, "stride", "pool")
    words = f"pool: a window of {window[0]}x{window[1]}"
    height, width = picture.shape[:2]
    try:
        placed = slide((height, width), window, strides, "valid", what=words)
    except WindowError:
        advice = "Use a smaller window or a larger picture."
        raise WindowError(words, (height, width), advice=advice) from None
    averages = kind == "sum"
    result = np.dtype(np.float32) if averages and picture.dtype == np.uint8 else picture.dtype
    out = np.empty((*placed.size, picture.shape[2]), result)
    cells = window[0] * window[1]
    weights = [1.0] * cells if averages else []
    scale = float(cells) if averages else 1.0
    filter_image(picture, out, Window(window, kind, weights, strides, scale=scale, divide=averages))
    return like(out, image)
