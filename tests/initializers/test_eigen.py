from __future__ import annotations

import numpy as np
import pytest

from galago.initializers.eigen import eigen


@pytest.mark.parametrize("size", [1, 2, 9, 27])
def test_against_lapack(size: int) -> None:
    matrix = np.random.default_rng(size).normal(size=(size, size + 3))
    matrix = matrix @ matrix.T
    values, vectors = eigen(matrix)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix)[::-1], rtol=1e-10)
    np.testing.assert_allclose(vectors @ np.diag(values) @ vectors.T, matrix, atol=1e-10)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(size), atol=1e-12)


def test_largest_components_are_positive() -> None:
    matrix = np.random.default_rng(0).normal(size=(6, 6))
    _, vectors = eigen(matrix + matrix.T)
    assert (vectors[np.abs(vectors).argmax(axis=0), np.arange(6)] > 0).all()


def test_matrices_without_anything_beside_the_diagonal() -> None:
    values, vectors = eigen(np.diag([1.0, 3.0, 2.0]))
    assert values.tolist() == [3, 2, 1]
    assert vectors.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    assert eigen(np.zeros((2, 2)))[0].tolist() == [0, 0]
