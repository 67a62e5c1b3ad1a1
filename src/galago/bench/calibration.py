"""Whether the machine was equally fast before and after a sample."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from galago.bench.timing import Timing, stopwatch

T = TypeVar("T")

_SIZE, _ROUNDS, _REPEATS = 8192, 500, 5


def calibrated(block: Callable[[], T]) -> tuple[T, Timing]:
    """Time a block between two runs of the calibrator; return its result and its timing."""
    before = speed()
    with stopwatch() as timing:
        result = block()
    after = speed()
    timing.drift = abs(after / before - 1)
    return result, timing


def speed() -> float:
    """Return how many products of two vectors a second this core makes, in its best 5 ms of 25.

    The vectors fill the first cache and spill into the second: multiply-adds and loads from both,
    as in a convolution.
    """
    first, second = np.full((2, _SIZE), 0.5, np.float32)
    best = float("inf")
    for _ in range(_REPEATS):
        start = time.perf_counter()
        for _ in range(_ROUNDS):
            np.dot(first, second)
        best = min(best, time.perf_counter() - start)
    return _ROUNDS / best
