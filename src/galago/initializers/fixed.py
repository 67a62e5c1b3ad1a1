"""Starting values that are not drawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from galago.checks import real
from galago.errors import ArgumentError
from galago.initializers.base import Initializer
from galago.shapes import Shape


class Constant(Initializer):
    """The same value everywhere. Raises ArgumentError.

    >>> Constant(0.5)((2,)).tolist()
    [0.5, 0.5]
    """

    def __init__(self, value: float = 0.0) -> None:
        self.value = real(value, "value", "Constant")

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return the value, repeated."""
        return np.full(shape, self.value, dtype=np.float64)


class Zeros(Initializer):
    """Zero everywhere: the start of every bias.

    >>> Zeros()((2,)).tolist()
    [0.0, 0.0]
    """

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return zeros."""
        return np.zeros(shape, dtype=np.float64)


class Ones(Initializer):
    """One everywhere.

    >>> Ones()((2,)).tolist()
    [1.0, 1.0]
    """

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return ones."""
        return np.ones(shape, dtype=np.float64)


class Identity(Initializer):
    """`gain` on the diagonal of a matrix, zero elsewhere. Raises ArgumentError.

    >>> Identity(2.0)((2, 3)).tolist()
    [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = real(gain, "gain", "Identity")

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return the matrix."""
        if len(shape) != 2:
            raise ArgumentError(
                f"Identity: expected the shape of a matrix (two axes), received {shape}. Use "
                "'orthogonal' for other kernels."
            )
        return self.gain * np.eye(*shape)
