"""Models made anew from others and from JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago import layers, models
from galago.errors import ArgumentError, FileFormatError
from galago.layers import Input


class Double(layers.Layer):
    def call(self, inputs: Any) -> Any:
        return 2 * inputs

    def gradient(self, inputs: Any, grad: Any) -> Any:
        return 2 * grad


def branches() -> galago.Model:
    inputs = Input((4,), name="x")
    joined = layers.Add()([layers.Dense(4, activity_regularizer="l2")(inputs), Double()(inputs)])
    return galago.Model(inputs, {"b": layers.Dense(2)(joined), "a": joined}, name="net")


def test_a_clone_has_the_same_layers_and_other_weights() -> None:
    model = branches()
    model.compile("sgd", {"a": "mse", "b": "mse"})
    twin = models.clone_model(model)
    assert twin.to_json() == model.to_json()
    assert not twin.compiled
    assert not np.array_equal(twin.get_weights()[0], model.get_weights()[0])
    twin.set_weights(model.get_weights())
    x = np.ones((3, 4))
    for key, found in twin.predict(x, verbose=0).items():
        np.testing.assert_array_equal(found, model.predict(x, verbose=0)[key])


def test_a_clone_of_a_row_and_of_one_without_input_shape() -> None:
    row = galago.Sequential([Input((3,)), layers.Dense(2)])
    assert isinstance(models.clone_model(row), galago.Sequential)
    later = models.clone_model(galago.Sequential([layers.Dense(2)]))
    assert not later.built
    with pytest.raises(ArgumentError, match="expected a model, received <Dense name=dense"):
        models.clone_model(layers.Dense(2, name="dense"))  # type: ignore[arg-type]


def test_a_model_from_json() -> None:
    model = galago.Sequential([Input((3,)), layers.Dense(2, name="d")], name="net")
    again = models.model_from_json(model.to_json())
    assert isinstance(again, galago.Sequential)
    assert again.to_json() == model.to_json()
    own = branches()
    assert models.model_from_json(own.to_json(), {"Double": Double}).to_json() == own.to_json()
    with pytest.raises(FileFormatError, match="Double 'double': no layer of Galago"):
        models.model_from_json(own.to_json())


@pytest.mark.parametrize("text", ["", "[]", '{"config": 3}', '{"config": {}', None, "net.keras"])
def test_what_is_no_model(text: Any) -> None:
    with pytest.raises(ArgumentError, match=r"expected the text that to_json\(\) of a model"):
        models.model_from_json(text)


@pytest.mark.parity
def test_json_of_keras() -> None:
    import keras

    theirs = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(3, 3)])
    assert models.model_from_json(theirs.to_json()).count_params() == theirs.count_params()


def test_names_of_what_evaluate_returns() -> None:
    model = branches()
    model.compile("sgd", {"a": "mse", "b": "mse"}, metrics={"b": ["mae"]})
    x, y = np.ones((3, 4)), {"a": np.ones((3, 4)), "b": np.ones((3, 2))}
    values = model.evaluate(x, y, verbose=0)
    by_name = model.evaluate(x, y, verbose=0, return_dict=True)
    assert model.metrics_names == ["loss", "b_loss", "a_loss", "b_mae"]
    assert dict(zip(model.metrics_names, values, strict=True)) == by_name


def test_keras_other_names() -> None:
    assert layers.Convolution2D is layers.Conv2D
    assert galago.initializers.he_normal is galago.initializers.HeNormal
    assert galago.Layer is layers.Layer
    assert isinstance(model_weight(), galago.Variable)


def model_weight() -> Any:
    return galago.Sequential([Input((3,)), layers.Dense(2)]).weights[0]
