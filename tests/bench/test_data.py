"""Real images for the shapes that have some, made ones for others; always the same."""

from __future__ import annotations

import numpy as np
import pytest

from galago.bench.data import MADE, examples


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1)])
def test_fashion_mnist(shape: tuple[int, ...]) -> None:
    x, y, what = examples(shape, 10)
    assert what == "Fashion-MNIST"
    assert x.shape == (len(y), *shape)
    assert (x.dtype, y.dtype) == (np.float32, np.int64)
    assert (x.min(), x.max()) == (0, 1)
    assert set(y[:1000]) == set(range(10))


@pytest.mark.parametrize(("shape", "classes"), [((32, 32, 3), 10), ((28, 28, 1), 3), ((7,), 2)])
def test_made_up_images(shape: tuple[int, ...], classes: int) -> None:
    x, y, what = examples(shape, classes)
    again, _, _ = examples(shape, classes)
    assert what == "made-up images"
    np.testing.assert_array_equal(x, again)
    assert x.shape == (MADE, *shape)
    assert (x.dtype, y.dtype) == (np.float32, np.int64)
    assert 0 <= x.min() < x.max() <= 1
    assert set(y) == set(range(classes))
    means = np.stack([x[y == place].mean(axis=0) for place in range(classes)])
    nearest = np.square(x[:200, None] - means).reshape(200, classes, -1).sum(-1).argmin(1)
    assert (nearest == y[:200]).mean() > 0.9  # they can be learnt
