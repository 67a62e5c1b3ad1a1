"""Functional models: what they hold, what they lower to, errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.errors import ArgumentError, ShapeError
from galago.graph import Graph
from galago.layers import Input

X = np.arange(160, dtype=np.float32).reshape(10, 4, 4, 1)
Y = np.arange(10) % 3


def residual(dropout: float = 0.0) -> galago.Model:
    """A convolution with a shortcut around a second one."""
    inputs = Input((4, 4, 1))
    first = layers.Conv2D(4, 3, padding="same", activation="relu", name="first")(inputs)
    x = layers.Conv2D(4, 3, padding="same", use_bias=False, name="second")(first)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Add()([first, x])
    x = layers.GlobalAveragePooling2D()(layers.Dropout(dropout, seed=1)(x))
    return galago.Model(inputs, layers.Dense(3, activation="softmax", name="last")(x))


def test_what_it_holds() -> None:
    model = residual()
    assert model.name == "functional"
    assert model.built
    assert [layer.name for layer in model.layers] == [
        "input_layer",
        "first",
        "second",
        "norm",
        "add",
        "dropout",
        "global_average_pooling2d",
        "last",
    ]
    assert (model.input_shape, model.output_shape) == ((None, 4, 4, 1), (None, 3))
    assert model.inputs == [model.input] == [model.layers[0].output]
    assert model.outputs == [model.output] == [model.layers[-1].output]
    assert model.get_layer("norm") is model.layers[3]
    assert model.count_params() == 40 + 144 + 16 + 15
    assert repr(model) == "<Model name=functional, built=True>"


def test_parameters_of_the_graph_stand_as_the_weights() -> None:
    model = residual()
    graph = model.to_graph()
    assert [parameter.name for parameter in graph.parameters] == [
        variable.path for variable in model.weights
    ]
    assert [graph.parameters[place].name for place in sorted(graph.moving)] == [
        "norm/moving_mean",
        "norm/moving_variance",
    ]
    assert [variable.path for variable in model.non_trainable_weights] == [
        "norm/moving_mean",
        "norm/moving_variance",
    ]


def test_equal_models_give_equal_graphs() -> None:
    galago.utils.clear_session()
    first = residual(0.5).to_graph()
    galago.utils.clear_session()
    assert residual(0.5).to_graph() == first


def test_a_configuration_makes_an_equal_model() -> None:
    relu = layers.ReLU()
    inputs = Input((4, 4, 2), name="image")
    left, right = relu(layers.Conv2D(4, 3, padding="same")(inputs)), relu(inputs)
    joined = layers.Concatenate()([left, right, left])
    model = galago.Model(inputs, layers.Dense(2)(layers.Flatten()(joined)), name="net")
    stored = json.loads(json.dumps(model.get_config()))
    again = galago.Model.from_config(stored)
    assert again.name == "net"
    assert again.to_graph() == model.to_graph()
    assert again.get_config() == model.get_config()


def test_the_part_of_another_model() -> None:
    model = galago.Sequential(
        [Input((4, 4, 1)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(3)]
    )
    part = galago.Model(model.inputs, model.layers[1].output)
    assert part.output_shape == (None, 8)
    assert part.weights == model.weights[:2]


def test_lists_of_one() -> None:
    inputs = Input((4,))
    model = galago.Model(inputs=[inputs], outputs=[layers.Dense(3)(inputs)])
    assert model.output_shape == (None, 3)


def test_the_number_type_is_that_of_the_layers() -> None:
    galago.config.set_floatx("float64")
    inputs = Input((4,))
    outputs = layers.Dense(3)(inputs)
    galago.config.set_floatx("float32")
    assert galago.Model(inputs, outputs).dtype == "float64"


def test_ends_of_a_sequential_model() -> None:
    model = galago.Sequential([layers.Dense(3, input_shape=(4,)), layers.Dense(2)])
    assert (model.input.shape, model.output.shape) == ((None, 4), (None, 2))
    assert model.outputs == [model.layers[-1].output]
    model.pop()
    assert model.output is model.layers[0].output


def test_build_knows_its_shape() -> None:
    model = residual()
    model.build((None, 4, 4, 1))
    with pytest.raises(ShapeError) as caught:
        model.build((None, 5, 5, 1))
    assert str(caught.value) == (
        "Model 'functional': expected input shape (4, 4, 1), for which the model is built, "
        "received (5, 5, 1). Make a new model for the new shape."
    )


def inference(graph: Graph) -> list[Any]:
    return [dict(n.attributes)["inference"] for n in graph.nodes if n.op == "batch_norm"]


def test_a_frozen_normalization_computes_in_another_way() -> None:
    model = residual()
    model.layers[3].trainable = False
    assert inference(model.to_graph()) == [1]
    assert model.to_graph().moving == frozenset()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.layers[3].trainable = True
    assert inference(model.to_graph()) == [1]  # what counts is the last compile()
    model.compile("adam", "sparse_categorical_crossentropy")
    assert inference(model.to_graph()) == [0]


def test_training_takes_moving_statistics_along(fake_engine: Any) -> None:
    model = residual()
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(X, Y, batch_size=5, verbose=0)
    session = model._session
    assert session is not None
    told = session.session.settings["trainable"]
    frozen = [v.name for v, on in zip(model.weights, told, strict=True) if not on]
    assert frozen == ["moving_mean", "moving_variance"]
    held = [variable.name for variable in model.weights if variable.holder is session]
    assert held[-4:] == ["moving_mean", "moving_variance", "kernel", "bias"]
    session.session.values[5] += 7  # as a train step does
    np.testing.assert_array_equal(model.get_weights()[5], [7.0] * 4)
    assert session.optimizer_size() == (2 * (40 + 144 + 8 + 15) + 2, 8 * (40 + 144 + 8 + 15) + 8)


def test_freezing_makes_a_new_session(fake_engine: Any) -> None:
    model = residual()
    model.predict(X, verbose=0)
    first = model._session
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(X, Y, verbose=0)
    assert model._session is first
    trained = model.get_weights()
    model.layers[1].trainable = False
    model.compile("adam", "sparse_categorical_crossentropy")
    assert model._session is first  # a frozen convolution computes as ever
    model.layers[3].trainable = False
    model.compile("adam", "sparse_categorical_crossentropy")
    assert model._session is not first
    for one, other in zip(model.get_weights(), trained, strict=True):
        np.testing.assert_array_equal(one, other)
    model.fit(X, Y, verbose=0)
    held = [variable.path for variable in model.weights if variable.holder is model._session]
    assert held == ["second/kernel", "last/kernel", "last/bias"]


def same_names() -> galago.Model:
    inputs = Input((4,))
    return galago.Model(inputs, layers.Dense(2, name="d")(layers.Dense(4, name="d")(inputs)))


def two_starts() -> galago.Model:
    inputs = Input((4,))
    return galago.Model(inputs, layers.Add()([inputs, Input((4,))]))


def input_twice() -> galago.Model:
    inputs = Input((4,))
    return galago.Model([inputs, inputs], layers.Dense(2)(inputs))


def input_for_nothing() -> galago.Model:
    inputs = Input((4,))
    return galago.Model([inputs, Input((4,))], layers.Dense(2)(inputs))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            same_names,
            "Model 'functional': expected layers with different names, received 'd' twice. Give "
            "one of them another name='d_2'.",
        ),
        (
            two_starts,
            "Model 'functional': expected outputs that depend on InputLayer 'input_layer' alone, "
            "received one that depends on InputLayer 'input_layer_1'. Add that to the model's "
            "inputs.",
        ),
        (
            input_twice,
            "Model 'functional': expected different inputs, received that of InputLayer "
            "'input_layer' twice. Leave one out.",
        ),
        (
            input_for_nothing,
            "Model 'functional': expected outputs that depend on all inputs, but none depends on "
            "InputLayer 'input_layer_1'. Leave that input out.",
        ),
        (
            lambda: galago.Model((28, 28), None),
            "Model 'functional': expected a symbolic tensor as input, received 28. Pass what "
            "Input(shape) returns, or what a layer returned.",
        ),
        (
            lambda: galago.Model(layers.InputLayer((4,)), None),
            "Model 'functional': expected a symbolic tensor as input, received <InputLayer "
            "name=input_layer, built=True>. Pass what Input(shape) returns, or what a layer "
            "returned.",
        ),
        (
            lambda: galago.Model(Input((4,)), []),
            "Model 'functional': expected a symbolic tensor as output, received []. Pass what the "
            "last layer returns when it is called.",
        ),
    ],
)
def test_errors(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == message


def test_a_merge_has_no_place_in_a_row() -> None:
    with pytest.raises(ArgumentError) as caught:
        galago.Sequential([Input((4,)), layers.Add()])
    assert str(caught.value) == (
        "Add 'add': expected to be called with a list of symbolic tensors, received "
        "<KerasTensor shape=(None, 4), dtype=float32, name=keras_tensor>. Write Add()([a, b]) in "
        "a functional model."
    )
