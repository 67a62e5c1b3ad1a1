"""Pickles and deep copies of models: equal, independent, and ready to go on."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from blend import blend_model

import galago
from galago import config
from galago.layers import Conv2D, Dense, Dropout, Flatten, Input
from galago.models import Model, Sequential

GENERATOR = np.random.default_rng(4)
X, Y = GENERATOR.random((40, 6, 6, 1), np.float32), np.arange(40) % 3


def network() -> Sequential:
    model = Sequential(
        [
            Conv2D(4, 3, activation="relu", input_shape=(6, 6, 1)),
            Dropout(0.2),
            Flatten(),
            Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def pickled(model: Any) -> Any:
    return pickle.loads(pickle.dumps(model))


@pytest.mark.parametrize("again", [pickled, copy.deepcopy])
def test_what_comes_back_predicts_the_same_and_goes_on_the_same(again: Any) -> None:
    model = network()
    model.fit(X, Y, epochs=2, verbose=0)
    model.class_names = ["a", "b", "c"]
    other = again(model)
    assert type(other) is Sequential
    assert other.class_names == ("a", "b", "c")
    assert other.name == model.name
    assert other.iterations == model.iterations == 4
    np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
    for one in (model, other):
        one.fit(X, Y, epochs=2, verbose=0)
    for left, right in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_a_copy_is_independent() -> None:
    model = network()
    other = copy.deepcopy(model)
    expected = model.get_weights()
    other.fit(X, Y, verbose=0)
    assert (other.get_weights()[0] != expected[0]).any()
    for left, right in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(left, right)


def test_several_inputs_and_outputs_without_compile() -> None:
    left, right = Input((4,)), Input((3,))
    joined = galago.layers.Concatenate()([left, right])
    model = Model([left, right], {"sum": Dense(1)(joined), "kind": Dense(2)(joined)})
    other = pickled(model)
    x = [np.ones((2, 4)), np.ones((2, 3))]
    expected, found = model.predict(x, verbose=0), other.predict(x, verbose=0)
    assert list(found) == ["sum", "kind"]
    for key, value in expected.items():
        np.testing.assert_array_equal(found[key], value)


def test_numbers_of_another_type_than_the_programs() -> None:
    config.set_floatx("float64")
    model = Sequential([Dense(2, input_shape=(3,))])
    content = pickle.dumps(model)
    config.set_floatx("float32")
    other = pickle.loads(content)
    assert config.floatx() == "float32"
    assert other.dtype == "float64"
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


def test_a_model_that_is_not_built() -> None:
    other = pickled(Sequential([Flatten(), Dense(2)]))
    assert [type(layer) for layer in other.layers] == [Flatten, Dense]
    assert other.predict(X, verbose=0).shape == (40, 2)


@pytest.mark.parametrize("again", [pickled, copy.deepcopy])
def test_layers_with_code_of_their_own(again: Any) -> None:
    model = blend_model()
    model.compile("nadam", "mse")
    x, y = GENERATOR.random((8, 6), np.float32), GENERATOR.random((8, 3), np.float32)
    model.train_on_batch(x, y)
    other = again(model)
    assert [type(layer) for layer in other.layers] == [type(layer) for layer in model.layers]
    for one in (model, other):
        one.train_on_batch(x, y)
    for left, right in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
