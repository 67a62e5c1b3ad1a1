"""galago.tf: its own names, and its version."""

from __future__ import annotations

import numpy as np
import pytest

import galago
from galago import activations, tf


def test_the_version_is_one_of_2_and_says_who_answers() -> None:
    assert tf.__version__.startswith("2.")
    assert [int(part) for part in tf.__version__.split(".")[:2]] >= [2, 0]
    assert tf.__version__.endswith("+galago")


def test_every_name_is_there() -> None:
    assert galago.tf is tf
    for name in dir(tf):
        assert getattr(tf, name) is not None
    for name in dir(tf.nn):
        assert getattr(tf.nn, name) is getattr(activations, name)
    for name in ("optimizers", "losses", "metrics", "initializers"):
        for public in dir(getattr(tf, name)):
            assert getattr(getattr(tf, name), public) is getattr(getattr(galago, name), public)


def test_short_names() -> None:
    assert isinstance(tf.optimizers.Adam(), galago.optimizers.Adam)
    assert tf.float32 is np.float32
    assert tf.random.set_seed is galago.set_seed
    batches = tf.data.Dataset.from_tensor_slices(np.arange(6)).batch(4).prefetch(tf.data.AUTOTUNE)
    assert [batch.tolist() for batch in batches] == [[0, 1, 2, 3], [4, 5]]


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match=r"tf has no 'kers'. Did you mean 'keras'\?"):
        tf.kers  # noqa: B018
    assert not hasattr(tf, "GradientTape")
