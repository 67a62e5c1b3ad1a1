"""Eigenvectors of small symmetric matrices, with the same bits on every machine."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

#: Sweeps until nothing is left beside the diagonal; ten are enough for any matrix.
_SWEEPS = 30
#: What counts as nothing, next to the largest element.
_NOTHING = 1e-15


def eigen(matrix: Matrix) -> tuple[Matrix, Matrix]:
    """Return the eigenvalues, the largest first, and the eigenvectors in the columns.

    Each vector's largest component is positive. By rotations of two axes at a time (Jacobi, 1846),
    which need nothing but operations that IEEE 754 rounds exactly.

    >>> values, vectors = eigen(np.array([[2.0, 1.0], [1.0, 2.0]]))
    >>> values.round(12).tolist(), np.abs(vectors).round(6).tolist()
    ([3.0, 1.0], [[0.707107, 0.707107], [0.707107, 0.707107]])
    """
    a, size = matrix.astype(np.float64), len(matrix)
    vectors = np.eye(size)
    least = _NOTHING * float(np.abs(a).max(initial=0.0))
    for _ in range(_SWEEPS):
        rotated = False
        for p in range(size - 1):
            for q in range(p + 1, size):
                if abs(a[p, q]) > least:
                    _rotate(a, vectors, p, q)
                    rotated = True
        if not rotated:
            break
    values = a.diagonal()
    order = np.argsort(-values, kind="stable")
    vectors = vectors[:, order]
    largest = np.abs(vectors).argmax(axis=0)
    signs = np.sign(vectors[largest, np.arange(size)])
    return values[order].copy(), vectors * signs


def _rotate(a: Matrix, vectors: Matrix, p: int, q: int) -> None:
    """Turn the axes p and q so that their common element becomes 0."""
    theta = (a[q, q] - a[p, p]) / (2.0 * a[p, q])
    t = math.copysign(1.0, theta) / (abs(theta) + math.sqrt(theta * theta + 1.0))
    c = 1.0 / math.sqrt(t * t + 1.0)
    s = t * c
    for array in (a.T, a, vectors.T):  # columns, then rows
        row = array[p].copy()
        array[p] = c * row - s * array[q]
        array[q] = s * row + c * array[q]
    a[p, q] = a[q, p] = 0.0
