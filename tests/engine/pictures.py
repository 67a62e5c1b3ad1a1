"""Pictures and windows for the engine's filters, and what they should give."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sessions import bits

from galago.engine import Window, filter_image

PADS: dict[str, Any] = {"valid": None, "zero": "constant", "reflect": "reflect"}
REDUCTIONS = {"maximum": np.maximum.reduce, "minimum": np.minimum.reduce}


def naive(image: NDArray[Any], window: Window, size: tuple[int, int]) -> NDArray[np.float64]:
    """What filter_image() means, a tap at a time."""
    (height, width), (down, right) = window.size, window.strides
    (top, left), pad = window.before, PADS[window.border]
    far = [(n - 1) * s + k for n, s, k in zip(size, window.strides, window.size, strict=True)]
    after = [max(f - b - n, 0) for f, b, n in zip(far, window.before, image.shape, strict=False)]
    padded = image.astype(np.float64)
    if pad:
        padded = np.pad(padded, ((top, after[0]), (left, after[1]), (0, 0)), mode=pad)
    last = ((size[0] - 1) * down + 1, (size[1] - 1) * right + 1)
    taps = [
        padded[row : row + last[0] : down, col : col + last[1] : right]
        for row, col in itertools.product(range(height), range(width))
    ]
    if window.kind != "sum":
        return np.clip(REDUCTIONS[window.kind](taps), *window.limits)
    total = sum(np.multiply(tap, w) for tap, w in zip(taps, window.weights, strict=True))
    scaled = total / window.scale if window.divide else total * window.scale
    return np.clip(scaled, *window.limits)


def problem(number: int) -> tuple[NDArray[Any], Window, tuple[int, int]]:
    """A picture of whole numbers, a window and the size of the result."""
    rng = np.random.default_rng(number)
    channels = int(rng.integers(1, 5))
    rows, cols = (int(n) for n in rng.integers(1, (60, 1300 if number % 8 == 0 else 90)))
    image = rng.integers(0, 256, (rows, cols, channels))
    border = ("valid", "zero", "reflect")[number % 3]
    window = tuple(min(int(k), n) for k, n in zip(rng.integers(1, 8, 2), (rows, cols), strict=True))
    strides = (1, 1) if number % 2 else tuple(int(s) for s in rng.integers(1, 4, 2))
    outside = [(0 if border == "valid" else k - 1) for k in window]
    before = tuple(n // 2 for n in outside)
    axes = zip((rows, cols), outside, window, strides, strict=True)
    size = tuple((n + more - k) // s + 1 for n, more, k, s in axes)
    kind = ("sum", "sum", "maximum", "minimum")[number // 3 % 4]
    weights = rng.integers(-4, 5, window[0] * window[1]).tolist() if kind == "sum" else []
    limits = (-90.0, 200.0) if number % 5 == 0 else Window((1, 1)).limits
    made = Window(window, kind, weights, strides, border, before, 0.5, False, limits)  # type: ignore[arg-type]
    return image, made, size  # type: ignore[return-value]


def real_results(isa: str | None, dtype: str) -> list[bytes]:
    """Bits of results for real numbers, some of them NaN."""
    found = []
    for number in range(0, 48, 3):
        image, window, size = problem(number)
        rng = np.random.default_rng(number)
        real = (rng.integers(-999, 999, image.shape) / 256).astype(dtype)
        real.reshape(-1)[::97] = np.nan
        weights = (rng.integers(-999, 999, len(window.weights)) / 512).tolist()
        out = np.empty((*size, image.shape[2]), dtype)
        filter_image(real, out, window._replace(weights=weights, scale=0.3), isa=isa)
        found.append(bits(out))
        rest = np.empty_like(out, np.uint8)
        limited = window._replace(weights=weights, limits=(0.0, 255.0))
        filter_image(real, rest, limited, isa=isa)
        found.append(rest.tobytes())
    return found
