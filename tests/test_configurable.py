"""Configuration out of signatures."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from galago import initializers, layers, losses, metrics, optimizers
from galago.configurable import Configurable

OBJECTS: list[Callable[[], Configurable]] = [
    lambda: layers.Conv2D(4, 3, padding="same", kernel_initializer="he_uniform", trainable=False),
    lambda: layers.Conv2D(4, (3, 2), kernel_initializer=initializers.Constant(2.0), groups=2),
    lambda: layers.Dense(3, "relu", use_bias=False, name="d"),
    lambda: layers.MaxPooling2D(3, 2),
    lambda: layers.AveragePooling2D((1, 2), padding="same"),
    lambda: layers.Flatten(),
    lambda: layers.Activation("tanh"),
    lambda: layers.ReLU(max_value=6),
    lambda: layers.LeakyReLU(0.1),
    lambda: layers.ELU(0.5),
    lambda: layers.Softmax(),
    lambda: layers.InputLayer((28, 28, 1)),
    lambda: initializers.GlorotUniform(seed=3),
    lambda: initializers.RandomUniform(-1.0, 2.0),
    lambda: optimizers.Adam(0.01, epsilon=1e-8),
    lambda: optimizers.SGD(0.5, momentum=0.9, nesterov=True),
    lambda: losses.SparseCategoricalCrossentropy(from_logits=True),
    lambda: losses.MeanSquaredError(),
    lambda: metrics.MeanAbsoluteError(name="mae"),
]


@pytest.mark.parametrize("make", OBJECTS)
def test_a_configuration_makes_an_equal_object(make: Callable[[], Configurable]) -> None:
    original = make()
    stored = json.loads(json.dumps(original.get_config()))
    assert type(original).from_config(stored).get_config() == original.get_config()


def test_a_configuration_holds_the_arguments_under_keras_names() -> None:
    assert layers.Conv2D(64, 3, activation="relu").get_config() == {
        "filters": 64,
        "kernel_size": [3, 3],
        "strides": [1, 1],
        "padding": "valid",
        "dilation_rate": [1, 1],
        "groups": 1,
        "activation": "relu",
        "use_bias": True,
        "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
        "bias_initializer": {"class_name": "Zeros", "config": {}},
        "name": "conv2d",
        "trainable": True,
        "kernel_regularizer": None,
        "bias_regularizer": None,
        "kernel_constraint": None,
        "bias_constraint": None,
    }


def test_repr_shows_the_arguments() -> None:
    assert repr(optimizers.SGD()) == "SGD(learning_rate=0.01, momentum=0.0, nesterov=False)"
