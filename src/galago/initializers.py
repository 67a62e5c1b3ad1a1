"""Starting values of weights, under Keras's names and with Keras's limits.

Glorot: Glorot and Bengio, AISTATS 2010; He: He et al., ICCV 2015; LeCun: Efficient BackProp, 1998.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from galago import random
from galago.checks import real, whole
from galago.configurable import Configurable
from galago.errors import ArgumentError
from galago.registry import look_up
from galago.shapes import Shape


def fans(shape: Shape) -> tuple[int, int]:
    """Return (fan_in, fan_out) of a kernel; a convolution's count its taps.

    >>> fans((3, 3, 1, 64)), fans((1600, 128))
    ((9, 576), (1600, 128))
    """
    taps = math.prod(shape[:-2])
    return taps * shape[-2], taps * shape[-1]


class Initializer(Configurable):
    """Base: an object that is called with a shape and returns values."""

    def __call__(self, shape: Shape, dtype: str = "float32") -> npt.NDArray[Any]:
        """Return an array of this shape and number type."""
        return self.values(shape).astype(dtype)

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return the values in float64."""
        raise NotImplementedError


class Constant(Initializer):
    """The same value everywhere.

    >>> Constant(0.5)((2,)).tolist()
    [0.5, 0.5]
    """

    def __init__(self, value: float = 0.0) -> None:
        self.value = real(value, "value", "Constant")

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return the value, repeated."""
        return np.full(shape, self.value, dtype=np.float64)


class Zeros(Initializer):
    """Zero everywhere: the start of every bias."""

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return zeros."""
        return np.zeros(shape, dtype=np.float64)


class Ones(Initializer):
    """One everywhere."""

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return ones."""
        return np.ones(shape, dtype=np.float64)


class RandomUniform(Initializer):
    """Even between two limits.

    With a seed of its own an initializer gives the same values at every call; without one, each
    call counts on from galago.set_seed().

    >>> float(np.abs(RandomUniform(-0.1, 0.1, seed=1)((100,))).max()) <= 0.1
    True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None):
        self.minval = real(minval, "minval", "RandomUniform")
        self.maxval = real(maxval, "maxval", "RandomUniform", low=self.minval)
        self.seed = _seed(seed, "RandomUniform")

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return random values from minval to maxval."""
        return _uniform(shape, self.minval, self.maxval, self.seed)


class _ScaledUniform(Initializer):
    """Even between -limit and +limit, with a limit that depends on the kernel's fans."""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = _seed(seed, type(self).__name__)

    def limit(self, shape: Shape) -> float:
        """Return the largest absolute value."""
        raise NotImplementedError

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return random values from -limit to +limit."""
        if len(shape) < 2:
            raise ArgumentError(
                f"{type(self).__name__}: expected the shape of a kernel (two axes or more), "
                f"received {shape}. Use 'zeros' or 'random_uniform' for a bias."
            )
        limit = self.limit(shape)
        return _uniform(shape, -limit, limit, self.seed)


class GlorotUniform(_ScaledUniform):
    """Limit sqrt(6 / (fan_in + fan_out)): Keras's choice for every kernel.

    >>> round(GlorotUniform().limit((3, 3, 1, 64)), 7)
    0.1012739
    """

    def limit(self, shape: Shape) -> float:
        """Return the largest absolute value."""
        return math.sqrt(6.0 / sum(fans(shape)))


class HeUniform(_ScaledUniform):
    """Limit sqrt(6 / fan_in), made for ReLU."""

    def limit(self, shape: Shape) -> float:
        """Return the largest absolute value."""
        return math.sqrt(6.0 / fans(shape)[0])


class LecunUniform(_ScaledUniform):
    """Limit sqrt(3 / fan_in), made for SELU."""

    def limit(self, shape: Shape) -> float:
        """Return the largest absolute value."""
        return math.sqrt(3.0 / fans(shape)[0])


_CLASSES: Mapping[str, type[Initializer]] = {
    "glorot_uniform": GlorotUniform,
    "he_uniform": HeUniform,
    "lecun_uniform": LecunUniform,
    "random_uniform": RandomUniform,
    "zeros": Zeros,
    "ones": Ones,
    "constant": Constant,
}
#: Every initializer by its class name: what a stored configuration may name.
INITIALIZERS: Mapping[str, type[Initializer]] = {
    known.__name__: known for known in _CLASSES.values()
}


def get(identifier: Any, *, owner: str = "") -> Initializer:
    """Return an initializer from its name, its stored configuration, or itself.

    >>> get("he_uniform")
    HeUniform(seed=None)
    """
    if isinstance(identifier, Initializer):
        return identifier
    if isinstance(identifier, Mapping):
        name = identifier.get("class_name")
        found = look_up(INITIALIZERS, name, kind="initializer", owner=owner)
        return found.from_config(identifier.get("config", {}))
    if isinstance(identifier, str) and identifier in INITIALIZERS:
        return INITIALIZERS[identifier]()
    return look_up(_CLASSES, identifier, kind="initializer", owner=owner)()


def _seed(seed: int | None, owner: str) -> int | None:
    return None if seed is None else whole(seed, "seed", owner, minimum=0)


def _uniform(shape: Shape, low: float, high: float, seed: int | None) -> npt.NDArray[np.float64]:
    draw = random.next_draw(random.WEIGHTS) if seed is None else 0
    return random.uniform(shape, low, high, random.WEIGHTS, draw, seed=seed)
