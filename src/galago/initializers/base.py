"""What every initializer is, and the sizes that most of them ask for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from galago import random
from galago.checks import MOST_SEED, whole
from galago.configurable import Configurable
from galago.errors import ArgumentError
from galago.shapes import Shape


def fans(shape: Shape) -> tuple[int, int]:
    """Return (fan_in, fan_out) of the shape of a kernel; a convolution's count its taps.

    A depthwise kernel counts as any other, as in Keras: its inputs are all channels.

    >>> fans((3, 3, 1, 64)), fans((1600, 128)), fans((3, 3, 32, 1))
    ((9, 576), (1600, 128), (288, 9))
    """
    taps = math.prod(shape[:-2])
    return taps * shape[-2], taps * shape[-1]


class Initializer(Configurable):
    """Base: an object that is called with a shape and returns values.

    Layers take any of them, one of your own too.

    >>> import numpy as np
    >>> class Counting(Initializer):
    ...     def __call__(self, shape, dtype="float32"):
    ...         return np.arange(np.prod(shape), dtype=dtype).reshape(shape)
    >>> Counting()((2, 2)).tolist()
    [[0.0, 1.0], [2.0, 3.0]]
    """

    def __call__(self, shape: Shape, dtype: str = "float32") -> npt.NDArray[Any]:
        """Return an array of this shape and number type, dtype."""
        return self.values(shape).astype(dtype)

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return the values in float64."""
        raise NotImplementedError


class RandomInitializer(Initializer):
    """Base of those that draw.

    Arguments:
        seed: with one, a whole number from 0, the values are the same at every call; with None
            each call counts on from galago.set_seed()
    Raises ArgumentError.
    """

    def __init__(self, seed: int | None = None) -> None:
        owner = type(self).__name__
        self.seed = (
            None if seed is None else whole(seed, "seed", owner, minimum=0, maximum=MOST_SEED)
        )

    def draw(self) -> int:
        """Return the counter of this call, for the functions of galago.random."""
        return random.next_draw(random.WEIGHTS) if self.seed is None else 0

    def uniform(self, shape: Shape, low: float, high: float) -> npt.NDArray[np.float64]:
        """Return numbers drawn evenly from [low, high)."""
        return random.uniform(shape, low, high, random.WEIGHTS, self.draw(), seed=self.seed)

    def normal(self, shape: Shape, truncated: bool = False) -> npt.NDArray[np.float64]:
        """Return normal numbers of mean 0 and deviation 1; truncated, only those up to 2."""
        return random.normal(
            shape, random.WEIGHTS, self.draw(), truncated=truncated, seed=self.seed
        )


def require_kernel(shape: Shape, owner: str) -> None:
    """Raise ArgumentError unless a shape has two axes or more."""
    if len(shape) < 2:
        raise ArgumentError(
            f"{owner}: expected the shape of a kernel (two axes or more), "
            f"received {shape}. Use 'zeros' or 'random_uniform' for a bias."
        )
