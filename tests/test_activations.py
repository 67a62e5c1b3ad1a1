"""Activations as functions: against naive formulas and the engine, and how they are named."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from naive import ACTIVATIONS as NAIVE

import galago
from galago import activations
from galago.activations import ACTIVATIONS, name_of
from galago.errors import ArgumentError, UnknownNameError

FUNCTIONS = [getattr(activations, name) for name in ACTIVATIONS]
X = np.concatenate([np.linspace(-9.0, 9.0, 181), [-700.0, -88.0, 0.0, 3.0, 6.0, 40.0]])


def test_activation_kinds_are_the_engines() -> None:
    assert {kind for kind, _ in ACTIVATIONS.values()} == {
        *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "softplus", "softsign", "silu"),
        *("gelu", "tanh", "sigmoid", "hard_sigmoid", "exponential", "softmax"),
    }


def test_keras_slopes() -> None:
    assert ACTIVATIONS["leaky_relu"] == ("leaky_relu", 0.2)
    assert ACTIVATIONS["elu"] == ("elu", 1.0)
    assert ACTIVATIONS["swish"] == ACTIVATIONS["silu"]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_are_those_of_naive_formulas(name: str) -> None:
    kind, alpha = ACTIVATIONS[name]
    found = getattr(activations, name)(X)
    if kind == "softmax":
        expected = np.exp(X - 40.0) / np.exp(X - 40.0).sum()
    else:
        expected = NAIVE[kind][0](X, alpha)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 4e-7), ("float64", 1e-15)])
def test_values_are_the_engines(name: str, dtype: str, tolerance: float) -> None:
    galago.config.set_floatx(dtype)
    x = X[X > -80.0].astype(dtype)[None]
    function = getattr(activations, name)
    layer = galago.layers.Activation(function, input_shape=x.shape[1:])
    expected = galago.Sequential([layer]).predict(x, verbose=0)
    found = function(x)
    assert found.dtype == expected.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_layers_take_functions_as_they_take_names(function: Any) -> None:
    name = name_of(function)
    assert galago.layers.Dense(2, activation=function).activation == name
    assert galago.layers.Conv2D(2, 3, activation=function).get_config()["activation"] == name
    assert galago.layers.Activation(function).activation == name


def test_options_of_functions() -> None:
    x = np.array([-2.0, -0.5, 0.5, 9.0])
    assert activations.relu(x, 0.5, 6.0).tolist() == [-1.0, -0.25, 0.5, 6.0]
    assert activations.relu(x, threshold=1.0).tolist() == [0.0, 0.0, 0.0, 9.0]
    assert activations.relu(x, 0.5, threshold=1.0).tolist() == [-1.5, -0.75, -0.25, 9.0]
    assert activations.leaky_relu(x, 0.5).tolist() == [-1.0, -0.25, 0.5, 9.0]
    np.testing.assert_allclose(activations.elu(x, 2.0)[0], 2 * np.expm1(-2.0), rtol=1e-15)
    np.testing.assert_allclose(
        activations.gelu(x, approximate=True), activations.gelu(x), atol=1e-3
    )
    columns = activations.softmax([[0.0, 1.0], [0.0, 3.0]], axis=0)
    np.testing.assert_allclose(columns.sum(axis=0), [1.0, 1.0], rtol=1e-6)


def test_nan_stays_and_large_numbers_give_no_warning() -> None:
    for function in FUNCTIONS:
        assert np.isnan(function([np.nan, 0.0])[0]), function.__name__
    assert activations.exponential([1e5]).tolist() == [np.inf]
    assert activations.softplus([1e5, -1e5]).tolist() == [1e5, 0.0]


def test_types() -> None:
    assert activations.relu(np.array([-1, 2])).dtype == "float32"
    assert activations.gelu([1, 2]).dtype == "float32"
    galago.config.set_floatx("float64")
    assert activations.sigmoid([1, 2]).dtype == "float64"
    assert activations.tanh(np.zeros(2, np.float32)).dtype == "float32"


def test_what_holds_no_numbers_is_refused() -> None:
    message = r"activations.relu\(\): expected an array of numbers, received <U1 of shape \(2,\)"
    with pytest.raises(ArgumentError, match=message):
        activations.relu(["a", "b"])
    with pytest.raises(ArgumentError, match=r"received a symbolic tensor.* Use Galago's layers"):
        activations.softmax(galago.Input((3,)))


def test_getting_and_storing() -> None:
    assert activations.get("swish") is activations.silu
    assert activations.get(activations.tanh) is activations.tanh
    assert name_of(activations.swish) == "silu"
    for name in ACTIVATIONS:
        function = activations.deserialize(name)
        assert activations.deserialize(activations.serialize(function)) is function
    with pytest.raises(UnknownNameError, match=r"get\(\): .* Did you mean 'relu'\?"):
        activations.get("rellu")
    with pytest.raises(UnknownNameError, match=r"deserialize\(\): expected a known activation"):
        activations.deserialize("square")


def test_functions_of_the_users_own_are_refused_by_layers() -> None:
    def square(x: Any) -> Any:
        return x * x

    with pytest.raises(UnknownNameError) as caught:
        galago.layers.Dense(1, activation=square, name="d")
    assert str(caught.value).startswith(
        "Dense 'd': expected the name of an activation or a function of galago.activations, "
        "received 'square', which the engine cannot differentiate. Known: linear, relu, "
    )
    layer = galago.layers.LeakyReLU()
    with pytest.raises(UnknownNameError, match=r"'LeakyReLU'.* Layers such as LeakyReLU go behind"):
        galago.layers.Dense(1, activation=layer)  # type: ignore[arg-type]
    assert activations.get(square) is square


def test_every_function_is_public() -> None:
    functions = {name for name, _ in inspect.getmembers(activations, inspect.isfunction)}
    assert {name for name in functions if name[0] != "_"} - {"name_of", "look_up"} <= set(
        activations.__all__
    )
