"""Pictures made of other pictures in plain NumPy, as naive.py has the rest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from naive import Array

RADIUS = {"bilinear": 1.0, "bicubic": 2.0, "lanczos3": 3.0, "lanczos5": 5.0}


def _cubic(x: Array) -> Array:
    near, far = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, far)


KERNELS: dict[str, Callable[[Array], Array]] = {
    "bilinear": lambda x: 1 - x,
    "bicubic": _cubic,
    "lanczos3": lambda x: np.asarray(np.sinc(x) * np.sinc(x / 3)),
    "lanczos5": lambda x: np.asarray(np.sinc(x) * np.sinc(x / 5)),
}


def resize_matrix(
    interpolation: str, antialias: bool, size: int, start: int, extent: int, count: int
) -> tuple[Array, Array]:
    """(count, size): how much of each position is in those that a part of an axis becomes.

    And the share of what lies outside of the axis in each of them.
    """
    places = np.arange(extent)
    if interpolation == "nearest":
        chosen = (2 * np.arange(count) + 1) * extent // (2 * count)
        weights = (chosen[:, None] == places).astype(np.float64)
    else:
        centres = (np.arange(count) + 0.5) * extent / count - 0.5
        wide = max(extent / count, 1.0) if antialias else 1.0
        away = np.abs(centres[:, None] - places) / wide
        weights = np.where(away < RADIUS[interpolation], KERNELS[interpolation](away), 0.0)
        weights /= weights.sum(axis=1, keepdims=True)
    matrix, outside = np.zeros((count, size)), np.zeros(count)
    for place in range(extent):
        if 0 <= start + place < size:
            matrix[:, start + place] = weights[:, place]
        else:
            outside += weights[:, place]
    return matrix, outside


def resize(x: Array, size: tuple[int, ...], a: dict[str, object]) -> Array:
    """A box of maps stretched over (height, width)."""
    (by_row, above), (by_col, beside) = _matrices(x.shape, size, a)
    inside = np.outer(1 - above, 1 - beside)[None, :, :, None]
    return np.einsum("ir,nrcf,jc->nijf", by_row, x, by_col) + float(str(a["fill"])) * (1 - inside)


def resize_gradient(x: Array, grad: Array, a: dict[str, object]) -> Array:
    """The gradient of what was resized."""
    (by_row, _), (by_col, _) = _matrices(x.shape, grad.shape[1:3], a)
    return np.einsum("ir,nijf,jc->nrcf", by_row, grad, by_col)


def _matrices(
    shape: tuple[int, ...], size: tuple[int, ...], a: dict[str, object]
) -> list[tuple[Array, Array]]:
    """Of the rows and of the columns."""
    box: tuple[int, ...] = a["box"]  # type: ignore[assignment]
    how = (str(a["interpolation"]), bool(a["antialias"]))
    return [
        resize_matrix(*how, shape[1 + axis], box[axis], box[2 + axis], size[axis])
        for axis in (0, 1)
    ]
