"""Weights and layers of a model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import galago
from galago import layers
from galago.errors import ArgumentError, NotBuiltError, ShapeError


def make() -> galago.Sequential:
    return galago.Sequential([layers.Dense(3, input_shape=(4,)), layers.Dense(2, name="last")])


def test_get_layer() -> None:
    model = make()
    assert model.get_layer("last") is model.get_layer(index=1) is model.get_layer(index=-1)
    assert model.get_layer("dense") is model.layers[0]


def test_class_names() -> None:
    model = make()
    assert model.class_names is None
    model.class_names = ["cat", "dog"]
    assert model.class_names == ("cat", "dog")
    with pytest.raises(ArgumentError, match=r"of 2 different texts, received \['cat', 'cat'\]"):
        model.class_names = ["cat", "cat"]
    with pytest.raises(ArgumentError, match="received '30'"):
        model.class_names = list(map(str, range(30)))
    model.class_names = None
    assert model.class_names is None


def test_class_names_of_one_output_and_of_a_model_that_is_not_built() -> None:
    one = galago.Sequential([layers.Dense(1, input_shape=(4,))])
    one.class_names = ["no", "yes"]
    later = galago.Sequential([layers.Dense(3)])
    later.class_names = ["a", "b", "c", "d"]
    assert later.class_names == ("a", "b", "c", "d")
    with pytest.raises(ArgumentError, match=r"a list of different texts, received \[\]"):
        later.class_names = []


def test_layers_is_a_copy() -> None:
    model = make()
    model.layers.clear()
    assert len(model.layers) == 2


def test_weights_and_freezing() -> None:
    model = make()
    model.layers[0].trainable = False
    assert [variable.path for variable in model.weights] == [
        "dense/kernel",
        "dense/bias",
        "last/kernel",
        "last/bias",
    ]
    assert model.trainable_weights == model.weights[2:]
    assert model.non_trainable_weights == model.weights[:2]


def test_set_weights() -> None:
    model, other = make(), make()
    other.set_weights(model.get_weights())
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda model: model.get_layer("lost"),
            ArgumentError,
            "Sequential 'sequential': expected the name of a layer, received 'lost'. Did you mean "
            "'last'? The layers are: dense, last.",
        ),
        (
            lambda model: model.get_layer(index=2),
            ArgumentError,
            "Sequential 'sequential': expected the index of one of 2 layers, received 2. "
            "They count from 0.",
        ),
        (
            lambda model: model.get_layer(),
            ArgumentError,
            "Sequential 'sequential': get_layer() expects a name or an index, received name=None, "
            "index=None. Pass one of them.",
        ),
        (
            lambda model: model.get_layer("last", 1),
            ArgumentError,
            "Sequential 'sequential': get_layer() expects a name or an index, received "
            "name='last', index=1. Pass one of them.",
        ),
        (
            lambda model: model.set_weights([np.zeros((4, 3))]),
            ShapeError,
            "Sequential 'sequential': expected weights of shapes [(4, 3), (3,), (3, 2), (2,)], "
            "received [(4, 3)]. Pass what get_weights() of an equal model returns.",
        ),
        (
            lambda model: galago.Sequential(name="m").count_params(),
            NotBuiltError,
            "Sequential 'm': expected a built model, but its input shape is not known yet. "
            "Start it with Input(shape) or call build((None, ...)).",
        ),
    ],
)
def test_errors(
    ask: Callable[[galago.Sequential], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        ask(make())
    assert str(caught.value) == message
