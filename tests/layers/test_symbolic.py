"""Layers called on symbolic tensors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import galago
from galago import layers
from galago.errors import ArgumentError, NotBuiltError, ShapeError
from galago.layers import Input, KerasTensor


def test_a_call_builds_the_layer() -> None:
    inputs, layer = Input((28, 28, 1)), layers.Conv2D(8, 3)
    tensor = layer(inputs)
    assert layer.built
    assert (tensor.shape, tensor.dtype) == ((None, 26, 26, 8), "float32")
    assert tensor.inputs == (inputs,)
    assert (layer.input, layer.output) == (inputs, tensor)


def test_the_first_call_counts() -> None:
    relu = layers.ReLU()
    first, second = relu(Input((4,))), relu(Input((7,)))
    assert relu.output is first
    assert [first.call, second.call] == [0, 1]


def test_input_and_output_of_a_merge_and_of_the_start() -> None:
    one, two, merge = Input((4,)), Input((4,)), layers.Add()
    merge([one, two])
    assert merge.input == [one, two]
    assert one.layer.input is one.layer.output is one


def test_a_failed_call_leaves_the_layer_as_it_was() -> None:
    layer = layers.Conv2D(8, 3)
    with pytest.raises(ShapeError):
        layer(Input((2, 2, 1)))
    assert not layer.built
    layer(Input((4, 4, 1)))
    assert layer.output.shape == (None, 2, 2, 8)


def test_names_and_words() -> None:
    tensor = layers.Dense(3)(Input((4,)))
    assert repr(tensor) == "<KerasTensor shape=(None, 3), dtype=float32, name=keras_tensor_1>"
    assert galago.KerasTensor is KerasTensor


def float64_layer() -> KerasTensor:
    inputs = Input((4,))
    galago.config.set_floatx("float64")
    return layers.Dense(3)(inputs)


def shrunk() -> KerasTensor:
    x = layers.MaxPooling2D(3)(layers.Conv2D(4, 3)(Input((8, 8, 1))))
    return layers.Conv2D(4, 3)(x)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: layers.Dense(3)(np.zeros((2, 4))),
            ArgumentError,
            "Dense 'dense': expected to be called with one symbolic tensor, such as Input(shape) "
            "gives, received an array of shape (2, 4). Arrays go to the predict() of a model.",
        ),
        (
            lambda: layers.Dense(3)([Input((4,)), Input((4,))]),
            ArgumentError,
            "Dense 'dense': expected to be called with one symbolic tensor, such as Input(shape) "
            "gives, received a list of 2. Arrays go to the predict() of a model.",
        ),
        (
            lambda: layers.Dense(3)(layers.Dense(4)),
            ArgumentError,
            "Dense 'dense': expected to be called with one symbolic tensor, such as Input(shape) "
            "gives, received <Dense name=dense_1, built=False>. Arrays go to the predict() of a "
            "model.",
        ),
        (
            lambda: layers.Dense(3).output,
            NotBuiltError,
            "Dense 'dense': expected a layer that was called, but it was not, so it has no input "
            "and output. Call it on a symbolic tensor or add it to a model.",
        ),
        (
            lambda: layers.Dense(3).input,
            NotBuiltError,
            "Dense 'dense': expected a layer that was called, but it was not, so it has no input "
            "and output. Call it on a symbolic tensor or add it to a model.",
        ),
        (
            float64_layer,
            ArgumentError,
            "Dense 'dense': expected inputs of float64, received <KerasTensor shape=(None, 4), "
            "dtype=float32, name=keras_tensor>. Call galago.config.set_floatx() before the model "
            "is made.",
        ),
        (
            lambda: np.asarray(Input((4,))),
            ArgumentError,
            "<KerasTensor shape=(None, 4), dtype=float32, name=keras_tensor>: expected an array, "
            "received a symbolic tensor, which holds no numbers. Use Galago's layers on it, make "
            "a Model of it, and pass arrays to predict().",
        ),
        (
            shrunk,
            ShapeError,
            "Conv2D 'conv2d_1': kernel_size (3, 3) is larger than its input 2x2, which is what is "
            "left of 8x8 after conv2d (6x6) and max_pooling2d (2x2). Remove a pooling layer or "
            "use padding='same'.",
        ),
    ],
)
def test_errors(make: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message
