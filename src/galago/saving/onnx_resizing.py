"""Resized images as ONNX has them: what is cut out or framed first, settings and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.saving.onnx_messages import Attribute
from galago.shapes import Shape

Array = npt.NDArray[Any]

LINEAR: dict[str, Attribute] = {
    "mode": "linear",
    "coordinate_transformation_mode": "half_pixel",
}


def _keys(x: Array) -> Array:
    """The cubic of Keys, IEEE Transactions on Acoustics, Speech and Signal Processing, 1981."""
    near, far = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, far)


#: How far each interpolation looks, and how much a source counts at a distance.
_WINDOWS: dict[str, tuple[float, Callable[[Array], Array]]] = {
    "bilinear": (1.0, lambda x: 1 - x),
    "bicubic": (2.0, _keys),
    "lanczos3": (3.0, lambda x: np.asarray(np.sinc(x) * np.sinc(x / 3))),
    "lanczos5": (5.0, lambda x: np.asarray(np.sinc(x) * np.sinc(x / 5))),
}


def framing(
    box: Sequence[int], size: Shape, fill: float, dtype: str
) -> Iterator[tuple[str, list[Array]]]:
    """Yield the operators, with their tensors, that make an image of a box of another one.

    Arguments: box, (row, column, height, width), which may reach over the border; size of the
    image, (height, width); what is outside of it, and of which type. Maps have the channels first.
    """
    starts = [max(0, box[axis]) for axis in (0, 1)]
    ends = [min(size[axis], box[axis] + box[2 + axis]) for axis in (0, 1)]
    if [starts, ends] != [[0, 0], [*size]]:
        yield "Slice", [np.array(numbers, np.int64) for numbers in (starts, ends, (2, 3))]
    before = [starts[axis] - box[axis] for axis in (0, 1)]
    behind = [box[axis] + box[2 + axis] - ends[axis] for axis in (0, 1)]
    if any(before + behind):
        yield "Pad", [np.array([0, 0, *before, 0, 0, *behind], np.int64), np.array(fill, dtype)]


def nearest(extent: int, count: int) -> Array:
    """Return which of the positions each of `count` others is, by centres."""
    return np.asarray((2 * np.arange(count, dtype=np.int64) + 1) * extent // (2 * count))


def matrix(interpolation: str, antialias: bool, extent: int, count: int) -> Array:
    """Return how much of each of the positions is in each of `count` others: (count, extent).

    ONNX Runtime refuses to make maps smaller by a bicubic Resize behind a Transpose, and ONNX knows
    no other window, nor means before opset 18.
    """
    centres = (np.arange(count) + 0.5) * extent / count - 0.5
    wide = max(extent / count, 1.0) if antialias else 1.0
    radius, window = _WINDOWS[interpolation]
    away = np.abs(centres[:, None] - np.arange(extent)) / wide
    weights = np.where(away < radius, window(away), 0.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def scales_to(extent: Shape, size: Shape) -> Array:
    """Return factors of the four axes, rounded so that sizes come out as they shall."""
    scales = np.array([1, 1, *(np.divide(size, extent))], np.float32)
    for axis in (0, 1):
        while int(scales[2 + axis] * np.float32(extent[axis])) < size[axis]:
            scales[2 + axis] = np.nextafter(scales[2 + axis], np.float32(np.inf))
    return scales
