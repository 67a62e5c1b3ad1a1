"""Layers that augment, with ranges of one value: Keras and Galago must make the same pictures.

`k` is keras.layers or galago.layers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILL_MODES = ("constant", "nearest", "reflect", "wrap")
#: Values that float32 holds, in which Keras makes its matrices.
TURNS, SHIFTS, ZOOMS = (0.125, -0.3125, 0.5), (0.125, -0.71875, 1.0), (0.375, -0.4375, 0.90625)


def one(value: float) -> tuple[float, float]:
    """A range of one value."""
    return value, value


def cases() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Names, and how to make each layer."""
    for mode, how in itertools.product(FILL_MODES, ("nearest", "bilinear")):
        end: dict[str, Any] = {"fill_mode": mode, "interpolation": how, "fill_value": 0.25}
        for v, w in zip(SHIFTS, SHIFTS[::-1], strict=True):
            yield (
                f"translation {v} {mode} {how}",
                lambda k, v=v, w=w, end=end: k.RandomTranslation(one(v), one(w), **end),
            )
        for v, w in zip(ZOOMS, ZOOMS[::-1], strict=True):
            yield (
                f"zoom {v} {mode} {how}",
                lambda k, v=v, w=w, end=end: k.RandomZoom(one(v), one(w), **end),
            )
        yield f"zoom {mode} {how}", lambda k, end=end: k.RandomZoom(one(0.375), **end)
        for v in TURNS:
            yield (
                f"rotation {v} {mode} {how}",
                lambda k, v=v, end=end: k.RandomRotation(one(v), **end),
            )
    for v in (0.25, -0.375):
        yield f"brightness {v}", lambda k, v=v: k.RandomBrightness(one(v), (0, 1))
        yield f"contrast {v}", lambda k, v=v: _contrast(k, 2 * v)


def _contrast(k: Any, amount: float) -> Any:
    """A contrast of 1 + amount: ranges begin at 1 - lower and end at 1 + upper."""
    layer = k.RandomContrast((0.25, 0.75), value_range=(0, 1))
    layer.factor = (-amount, amount)
    return layer


def pictures() -> NDArray[np.float64]:
    """Three of a size that is no square, with values of 0 to 1."""
    return np.random.default_rng(5).integers(0, 2**12, (3, 7, 6, 2)) / 2**12
