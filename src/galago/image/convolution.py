"""A filter slides over a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from galago import filters
from galago.checks import pair, real
from galago.engine import Window, filter_image
from galago.errors import ArgumentError
from galago.filters import Filter
from galago.image.pictures import Array, as_picture, like
from galago.registry import look_up
from galago.shapes import Pair, WindowError, slide

#: How the numbers of a filter meet those of a patch.
CONVENTIONS: Mapping[str, Callable[[Filter], Filter]] = {
    "correlation": lambda table: table,
    "convolution": lambda table: table[::-1, ::-1],
    "course2019": lambda table: table.T,
}
#: What a border is to the engine.
BORDERS = {"valid": "valid", "same": "zero", "keep": "valid", "reflect": "reflect"}


def convolve(
    image: npt.ArrayLike,
    filter: str | npt.ArrayLike,
    *,
    convention: str = "correlation",
    border: str = "valid",
    weight: float = 1.0,
    clamp: tuple[float, float] | None = None,
    stride: int | Pair = 1,
) -> Array:
    """Return what a filter makes of a picture, each channel by itself.

    Arguments:
        image: (height, width) or (height, width, channels)
        filter: a table of numbers, or a name of galago.image.filters
        convention: "correlation", as networks compute and courses teach; "convolution", the filter
            turned round; "course2019", an old notebook's exchanged indices
        border: "valid" (a 3x3 filter leaves two rows and columns less), "same" (zeros around),
            "reflect" (the picture goes on mirrored) or "keep" (border pixels stay as they are)
        weight: what sums are multiplied by
        clamp: what results are limited to, as (0, 255)
        stride: how far windows lie apart, one number or (rows, columns)
    Returns float32, float64 for float64 and integers beyond uint8; uint8 for uint8 with a clamp
    within 0 to 255, digits behind the point cut off. Raises ArgumentError, DataError, WindowError.

    >>> patch = [[0, 64, 128], [48, 192, 144], [142, 226, 168]]
    >>> float(convolve(patch, [[-1, 0, -2], [0.5, 4.5, -1.5], [1.5, 2, -3]])[0, 0])
    577.0
    """
    picture = as_picture(image, "convolve")
    table = oriented(filter, convention)
    limits = limits_of(clamp)
    strides = pair(stride, "stride", "convolve")
    look_up(BORDERS, border, kind="border", owner="convolve")
    if border == "keep" and strides != (1, 1):
        raise ArgumentError(
            f"convolve: expected stride 1 with border='keep', received {stride!r}. A border that "
            "stays needs an output as large as the picture; use border='same' or 'reflect'."
        )
    padding = "valid" if BORDERS[border] == "valid" else "same"
    height, width = picture.shape[:2]
    size = (table.shape[0], table.shape[1])
    words = f"convolve: a filter of {size[0]}x{size[1]}"
    try:
        placed = slide((height, width), size, strides, padding, what=words)
    except WindowError:
        advice = "Use a smaller filter, a larger picture or border='same'."
        raise WindowError(words, (height, width), advice=advice) from None
    if border == "reflect" and not _mirrors(placed.padding, (height, width)):
        raise WindowError(words, (height, width), " and its mirror image", "Use border='same'.")
    window = Window(
        size,
        weights=table.ravel().tolist(),
        strides=strides,
        border=BORDERS[border],
        before=(placed.padding[0], placed.padding[2]),
        scale=real(weight, "weight", "convolve"),
        limits=limits,
    )
    kind = result_type(picture.dtype, clamp)
    if border == "keep":
        out = picture.astype(kind)
        top, left = (size[0] - 1) // 2, (size[1] - 1) // 2
        inside = out[top : top + placed.size[0], left : left + placed.size[1]]
    else:
        out = inside = np.empty((*placed.size, picture.shape[2]), kind)
    filter_image(picture, inside, window)
    return like(out, image)


def oriented(filter: str | npt.ArrayLike, convention: str) -> Filter:
    """Return a filter's numbers in the order in which they meet a patch. Raises ArgumentError."""
    turn = look_up(CONVENTIONS, convention, kind="convention", owner="convolve")
    return np.ascontiguousarray(turn(filters.get(filter)))


def limits_of(clamp: Any) -> tuple[float, float]:
    """Return the limits of results, infinite ones for None. Raises ArgumentError."""
    if clamp is None:
        return -math.inf, math.inf
    try:
        low, high = (float(limit) for limit in clamp)
    except (TypeError, ValueError):
        low, high = math.inf, -math.inf
    if not low <= high:
        raise ArgumentError(
            f"convolve: clamp must be two numbers, (low, high), received {clamp!r}. Pass for "
            "example clamp=(0, 255)."
        )
    return low, high


def result_type(kind: np.dtype[Any], clamp: Any) -> np.dtype[Any]:
    """Return the type of what becomes of a picture of a type."""
    low, high = limits_of(clamp)
    if kind == np.uint8:
        return np.dtype(np.uint8 if low >= 0 and high <= 255 else np.float32)
    return kind


def _mirrors(padding: tuple[int, int, int, int], size: Pair) -> bool:
    top, bottom, left, right = padding
    return max(top, bottom) < size[0] and max(left, right) < size[1]
