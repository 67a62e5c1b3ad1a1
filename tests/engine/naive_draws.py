"""What augmentation does to each image, in plain NumPy: naive_images.py has what draws nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import naive_layers
import numpy as np
from naive import Array
from numpy.typing import NDArray

Place = tuple[float, float]


def words(image: int, seed: int, step: int) -> list[int]:
    """The four random words of an image."""
    counter = np.array([0, image, step & 0xFFFFFFFF, step >> 32], np.uint64)
    return [int(word) for word in naive_layers.philox(counter, seed)]


def transform(
    kind: str, ranges: tuple[float, ...], shares: list[float], size: tuple[int, ...]
) -> Array:
    """Keras's matrix of eight numbers for what an image drew: the last two are always 0."""
    height, width = size[:2]
    x, y = (width - 1) / 2, (height - 1) / 2
    if kind == "flip":
        flips = [ranges[i] > 0 and shares[i] >= 0.5 for i in (0, 1)]
        return np.array(
            [-1 if flips[0] else 1, 0, flips[0] * 2 * x, 0, -1 if flips[1] else 1, flips[1] * 2 * y]
        )
    if len(ranges) == 2:
        ranges, shares = (*ranges, *ranges), [shares[0], shares[0]]
    drawn = [ranges[2 * i] + (ranges[2 * i + 1] - ranges[2 * i]) * shares[i] for i in (0, 1)]
    if kind == "rotation":
        sine, cosine = math.sin(2 * math.pi * drawn[0]), math.cos(2 * math.pi * drawn[0])
        return np.array(
            [cosine, -sine, x - x * cosine + y * sine, sine, cosine, y - x * sine - y * cosine]
        )
    if kind == "translation":
        return np.array([1, 0, -drawn[1] * width, 0, 1, -drawn[0] * height])
    assert kind == "zoom"
    return np.array([1 + drawn[1], 0, -x * drawn[1], 0, 1 + drawn[0], -y * drawn[0]])


def matrices(a: dict[str, Any], shape: tuple[int, ...], step: int) -> list[Array]:
    """The transform of each image of a batch."""
    found = []
    for image in range(shape[0]):
        drawn = words(image, a["seed"], step)
        shares = [drawn[0] / 2**32, drawn[1] / 2**32]
        found.append(transform(a["kind"], a["ranges"], shares, shape[1:]))
    return found


def _inside(place: int, size: int, mode: str) -> int | None:
    """Where a place beyond the border is."""
    if 0 <= place < size:
        return place
    if mode == "constant":
        return None
    if mode == "nearest":
        return min(max(place, 0), size - 1)
    if mode == "wrap":
        return place % size
    within = place % (2 * size)
    return min(within, 2 * size - 1 - within)


def sampling(size: tuple[int, ...], t: Array, how: str, mode: str) -> tuple[Array, Array]:
    """(pixels, pixels): how much of each pixel is in each; and the share of the fill value."""
    height, width = size[:2]
    matrix, outside = np.zeros((height * width, height * width)), np.zeros(height * width)
    for row in range(height):
        for col in range(width):
            x, y = t[0] * col + t[1] * row + t[2], t[3] * col + t[4] * row + t[5]
            for at_row, r_weight in _axis(y, how):
                for at_col, c_weight in _axis(x, how):
                    r, c = _inside(at_row, height, mode), _inside(at_col, width, mode)
                    if r is None or c is None:
                        outside[row * width + col] += r_weight * c_weight
                    else:
                        matrix[row * width + col, r * width + c] += r_weight * c_weight
    return matrix, outside


def _axis(place: float, how: str) -> Iterator[tuple[int, float]]:
    """Whole places around one, and how much each counts."""
    if how == "nearest":
        yield math.floor(abs(place) + 0.5) * (1 if place > 0 else -1), 1.0
        return
    low = math.floor(place)
    yield low, 1 - (place - low)
    yield low + 1, place - low


def warp(x: Array, a: dict[str, Any], step: int) -> Array:
    """Every image seen through what it drew."""
    found = np.empty_like(x)
    for image, t in enumerate(matrices(a, x.shape, step)):
        matrix, outside = sampling(x.shape[1:], t, a["interpolation"], a["fill_mode"])
        flat = matrix @ x[image].reshape(len(matrix), -1) + a["fill"] * outside[:, None]
        found[image] = flat.reshape(x.shape[1:])
    return found


def warp_gradient(grad: Array, a: dict[str, Any], step: int) -> Array:
    """The gradient of what was seen."""
    found = np.empty_like(grad)
    for image, t in enumerate(matrices(a, grad.shape, step)):
        matrix, _ = sampling(grad.shape[1:], t, a["interpolation"], a["fill_mode"])
        found[image] = (matrix.T @ grad[image].reshape(len(matrix), -1)).reshape(grad.shape[1:])
    return found


def corners(shape: tuple[int, ...], size: tuple[int, ...], seed: int, step: int) -> list[Any]:
    """Where the part of each image begins."""
    starts = []
    for image in range(shape[0]):
        drawn = words(image, seed, step)
        starts.append([(shape[1 + i] - size[i] + 1) * drawn[i] >> 32 for i in (0, 1)])
    return starts


def crop(x: Array, size: tuple[int, ...], seed: int, step: int) -> Array:
    """A part of each image."""
    starts = corners(x.shape, size, seed, step)
    parts = (x[i, r : r + size[0], c : c + size[1]] for i, (r, c) in enumerate(starts))
    return np.stack(list(parts))


def crop_gradient(shape: tuple[int, ...], grad: Array, seed: int, step: int) -> Array:
    """Zeros around the gradient of each part."""
    found, size = np.zeros(shape), grad.shape[1:3]
    for i, (r, c) in enumerate(corners(shape, size, seed, step)):
        found[i, r : r + size[0], c : c + size[1]] = grad[i]
    return found


def _toned(x: Array, a: dict[str, Any], step: int) -> tuple[Array, NDArray[np.float64]]:
    """Values before the limits, and what each image drew."""
    low, high = a["range"]
    shares = np.array([words(image, a["seed"], step)[0] / 2**32 for image in range(len(x))])
    amount = (low + (high - low) * shares).reshape(-1, 1, 1, 1)
    if a["kind"] == "brightness":
        return x + amount, amount
    mean = x.mean(axis=(1, 2), keepdims=True)
    return mean + (x - mean) * amount, amount


def tone(x: Array, a: dict[str, Any], step: int) -> Array:
    """Contrast or brightness, and the limits."""
    return np.clip(_toned(x, a, step)[0], *a["limits"])


def tone_gradient(x: Array, grad: Array, a: dict[str, Any], step: int) -> Array:
    """The gradient of what was toned; where a limit holds, there is none."""
    value, amount = _toned(x, a, step)
    grad = grad * ((value >= a["limits"][0]) & (value <= a["limits"][1]))
    if a["kind"] == "brightness":
        return grad
    return grad * amount + (1 - amount) * grad.mean(axis=(1, 2), keepdims=True)
