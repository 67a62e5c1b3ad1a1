"""Helpers under Keras's names."""

from __future__ import annotations

import random as python_random

import numpy as np

import galago
from galago.initializers import GlorotUniform


def test_set_random_seed_fixes_all_three() -> None:
    draws = []
    for _ in range(2):
        galago.utils.set_random_seed(5)
        draws.append(
            (python_random.random(), float(np.random.rand()), GlorotUniform()((2, 2)).tolist())
        )
    assert draws[0] == draws[1]


def test_set_seed_leaves_the_others_alone() -> None:
    np.random.seed(1)
    before = np.random.get_state()[1]
    galago.set_seed(5)
    assert np.array_equal(before, np.random.get_state()[1])
