"""Moving statistics become those of a batch; nothing else changes."""

from __future__ import annotations

import numpy as np

from galago import Sequential
from galago.bench.settle import settled
from galago.layers import BatchNormalization, Dense


def test_the_statistics_of_a_batch() -> None:
    model = Sequential([BatchNormalization(input_shape=(3,)), Dense(2, activation="softmax")])
    rng = np.random.default_rng(1)
    x, y = rng.normal(2.0, 3.0, (64, 3)).astype(np.float32), rng.integers(0, 2, 64)
    before = model.get_weights()
    after = settled(model.to_graph(), before, x, y)
    np.testing.assert_allclose(after[2], x.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(after[3], x.var(axis=0), rtol=1e-5)
    for place in (0, 1, 4, 5):
        np.testing.assert_array_equal(after[place], before[place])


def test_without_normalization_nothing_changes() -> None:
    model = Sequential([Dense(2, activation="softmax", input_shape=(3,))])
    weights = model.get_weights()
    x, y = np.ones((4, 3), np.float32), np.zeros(4, np.int64)
    for one, other in zip(settled(model.to_graph(), weights, x, y), weights, strict=True):
        assert one is other
