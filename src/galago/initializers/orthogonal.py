"""Kernels whose columns, or rows, stand at right angles."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from galago.checks import real
from galago.initializers.base import RandomInitializer, require_kernel
from galago.shapes import Shape


class Orthogonal(RandomInitializer):
    """A random orthogonal matrix times `gain`; a convolution's kernel is (taps * inputs, outputs).

    With more outputs than inputs it is the rows that are orthogonal. Raises ArgumentError.

    Source: Saxe et al., ICLR 2014; Mezzadri, "How to generate random matrices from the classical
    compact groups", 2007.

    >>> kernel = Orthogonal(seed=1)((4, 3), "float64")
    >>> bool(np.allclose(kernel.T @ kernel, np.eye(3)))
    True
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        self.gain = real(gain, "gain", "Orthogonal")
        super().__init__(seed)

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return the kernel."""
        require_kernel(shape, "Orthogonal")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        matrix = orthonormal(self.normal((max(rows, columns), min(rows, columns))))
        return self.gain * (matrix if rows >= columns else matrix.T).reshape(shape)


def orthonormal(matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the Q of a matrix's QR decomposition whose R has a positive diagonal.

    By Gram and Schmidt, twice over, for the second time takes away what rounding has left. Sums
    are made in an order of our own: those of a library depend on the CPU.
    """
    found = matrix.copy()
    for _ in range(2):
        for column in range(found.shape[1]):
            unit = found[:, column : column + 1]
            unit /= np.sqrt(_sum_rows(unit * unit))
            later = found[:, column + 1 :]
            later -= unit * _sum_rows(unit * later)
    return found


def _sum_rows(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Add up the rows of a matrix: the second half to the first, again and again."""
    while (rows := len(values)) > 1:
        half = (rows + 1) // 2
        sums = values[:half].copy()
        sums[: rows - half] += values[half:]
        values = sums
    return np.asarray(values[0])
