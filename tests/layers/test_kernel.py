"""What layers with a kernel share."""

from __future__ import annotations

import numpy as np
import pytest

from galago.errors import ArgumentError, NotBuiltError
from galago.initializers import Constant
from galago.layers import Dense


def test_defaults() -> None:
    layer = Dense(3)
    layer.build((None, 4))
    assert layer.activation == "linear"
    assert np.abs(layer.kernel.numpy()).max() > 0
    assert layer.bias is not None
    assert layer.bias.numpy().tolist() == [0.0] * 3


def test_initializers_by_name_and_as_objects() -> None:
    layer = Dense(2, kernel_initializer="ones", bias_initializer=Constant(5.0))
    layer.build((None, 1))
    assert [values.tolist() for values in layer.get_weights()] == [[[1.0, 1.0]], [5.0, 5.0]]


def test_without_bias() -> None:
    layer = Dense(2, use_bias=False)
    layer.build((None, 3))
    assert layer.bias is None
    assert [variable.path for variable in layer.weights] == ["dense/kernel"]


def test_an_unbuilt_layer_has_no_kernel() -> None:
    layer = Dense(2)
    assert layer.bias is None
    with pytest.raises(NotBuiltError) as caught:
        _ = layer.kernel
    assert str(caught.value) == (
        "Dense 'dense': expected a built layer, but its input shape is not known yet, so it has "
        "no kernel. Add it to a model with an input shape or call layer.build()."
    )


def test_use_bias_is_a_bool() -> None:
    with pytest.raises(ArgumentError, match="Dense 'dense': use_bias must be True or False, rec"):
        Dense(2, use_bias=None)  # type: ignore[arg-type]
