"""Weights of layers and models, under both of Keras's names."""

from __future__ import annotations

import numpy as np
import pytest

import galago
from galago import layers
from galago.errors import NotBuiltError
from galago.layers import Input


def model() -> galago.Model:
    inputs = Input((4, 4, 2))
    x = layers.BatchNormalization(name="norm")(inputs)
    return galago.Model(inputs, layers.Dense(3, name="dense")(layers.Flatten()(x)))


def test_which_weights_are_trained() -> None:
    net = model()
    norm = net.get_layer("norm")
    assert [v.name for v in norm.trainable_variables] == ["gamma", "beta"]
    assert [v.name for v in norm.non_trainable_variables] == ["moving_mean", "moving_variance"]
    assert norm.variables == norm.weights
    assert len(net.variables) == 6
    assert len(net.trainable_variables) == 4
    net.trainable = False
    assert net.trainable_variables == []
    assert net.non_trainable_variables == net.variables == net.weights


def test_weights_as_arrays() -> None:
    dense = layers.Dense(2)
    assert dense.weights == []
    with pytest.raises(NotBuiltError, match="expected a built layer"):
        dense.count_params()
    dense.build((None, 3))
    assert dense.count_params() == 8
    dense.set_weights([np.ones((3, 2)), np.zeros(2)])
    assert dense.get_weights()[0].sum() == 6
