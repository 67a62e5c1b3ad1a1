"""Models of several inputs and outputs, layers in several places, and models in models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.errors import ArgumentError, DataError, GalagoError, ShapeError
from galago.layers import Input

X = np.random.default_rng(0).random((6, 8, 8, 3), np.float32)


def course() -> galago.Sequential:
    """The course's network, smaller, and never called."""
    return galago.Sequential(
        [
            Input((8, 8, 3)),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flat"),
            layers.Dense(5, activation="softmax", name="dense"),
        ]
    )


def siamese() -> galago.Model:
    """Two images through the same layers; how far apart they are."""
    left, right = Input((8, 8, 3), name="left"), Input((8, 8, 3), name="right")
    conv, dense = layers.Conv2D(4, 3, activation="relu"), layers.Dense(3)
    pool, flat = layers.MaxPooling2D(), layers.Flatten()
    ends = [dense(flat(pool(conv(image)))) for image in (left, right)]
    return galago.Model([left, right], layers.Dense(1)(layers.Concatenate()(ends)))


def nested() -> galago.Model:
    """A network that is called as a layer, twice, and another one behind it."""
    inner = course()
    head = galago.Sequential([layers.Dense(4, activation="relu"), layers.Dense(2)], name="head")
    left, right = Input((8, 8, 3)), Input((8, 8, 3))
    sides = [inner(left), inner(right)]
    pair = head(layers.Concatenate()(sides))
    return galago.Model([left, right], {"pair": pair, "left": sides[0]})


def test_the_activation_cell() -> None:
    model = course()
    all_maps = galago.Model(inputs=model.input, outputs=[layer.output for layer in model.layers])
    found = all_maps.predict(X, verbose=0)
    assert [maps.shape[1:] for maps in found] == [(6, 6, 4), (3, 3, 4), (36,), (5,)]
    np.testing.assert_allclose(found[3], model.predict(X, verbose=0), rtol=1e-5)
    maps = np.maximum(found[0], 0)
    pooled = maps.reshape(6, 3, 2, 3, 2, 4).max(axis=(2, 4))
    np.testing.assert_array_equal(found[1], pooled)
    np.testing.assert_array_equal(found[2], pooled.reshape(6, 36))
    assert all_maps.output_shape == [(None, *maps.shape[1:]) for maps in found]
    assert all_maps.output_names == ["conv", "pool", "flat", "dense"]


def test_a_single_output_in_a_list_comes_alone() -> None:
    model = course()
    first = galago.Model(model.inputs, [model.layers[0].output])
    assert first.predict(X, verbose=0).shape == (6, 6, 6, 4)
    assert first.output.shape == (None, 6, 6, 4)


def test_outputs_by_name_and_of_one_place() -> None:
    model = course()
    end = model.output
    twice = galago.Model(model.input, {"a": end, "input": model.input, "b": end})
    found = twice.predict_on_batch(X)
    assert list(found) == twice.output_names == ["a", "input", "b"]
    np.testing.assert_array_equal(found["a"], model.predict(X, verbose=0))
    np.testing.assert_array_equal(found["b"], found["a"])
    np.testing.assert_array_equal(found["input"], X)


def test_shared_layers_give_both_sides_the_same() -> None:
    model = siamese()
    assert model.count_params() == 3 * 3 * 3 * 4 + 4 + 36 * 3 + 3 + 6 + 1
    assert len(model.weights) == 6
    ends = model.layers[-2].input
    sides = galago.Model(model.inputs, ends)
    left, right = sides.predict([X, X[::-1]], verbose=0)
    np.testing.assert_array_equal(left, right[::-1])
    by_name = model.predict({"right": X[::-1], "left": X}, verbose=0)
    np.testing.assert_array_equal(by_name, model.predict([X, X[::-1]], verbose=0))


def test_a_model_in_a_model() -> None:
    model = nested()
    inner, head = model.get_layer("sequential"), model.get_layer("head")
    assert isinstance(inner, galago.Sequential)
    assert inner.takes_list is False
    assert [type(layer).__name__ for layer in model.leaves].count("Conv2D") == 1
    assert len(model.weights) == 8
    found = model.predict([X, X[::-1]], verbose=0)
    left, right = inner.predict(X, verbose=0), inner.predict(X[::-1], verbose=0)
    np.testing.assert_array_equal(found["left"], left)
    joined = np.concatenate([left, right], axis=-1)
    np.testing.assert_allclose(found["pair"], head.predict(joined, verbose=0), rtol=1e-6)


def test_weights_of_a_model_in_a_model_are_its_own() -> None:
    inner = course()
    outer = galago.Sequential([Input((8, 8, 3)), inner, layers.Dense(2)])
    before = outer.predict(X, verbose=0)
    inner.set_weights([2 * weight for weight in inner.get_weights()])
    assert not np.allclose(outer.predict(X, verbose=0), before)
    outer.compile("sgd", "mse")
    outer.fit(X, np.ones((6, 2)), verbose=0)
    np.testing.assert_array_equal(inner.get_weights()[0], outer.get_weights()[0])


def test_freezing_a_model_freezes_its_layers() -> None:
    inner = course()
    outer = galago.Sequential([Input((8, 8, 3)), inner, layers.Dense(2)])
    inner.trainable = False
    assert not inner.layers[0].trainable
    assert len(outer.trainable_weights) == 2
    before = inner.get_weights()
    outer.compile("sgd", "mse")
    outer.fit(X, np.ones((6, 2)), verbose=0)
    for old, new in zip(before, inner.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    inner.trainable = True
    assert len(outer.trainable_weights) == 6


def test_a_sequential_learns_its_shape_when_it_is_called() -> None:
    inner = galago.Sequential([layers.Flatten(), layers.Dense(2)])
    assert inner(Input((4, 4))).shape == (None, 2)
    assert inner.count_params() == 34


@pytest.mark.parametrize("make", [course, siamese, nested])
def test_description_and_file(make: Callable[[], galago.Model], tmp_path: Path) -> None:
    model = make()
    x: Any = X if len(model.inputs) == 1 else [X, X[::-1]]
    expected = model.predict(x, verbose=0)
    again = type(model).from_config(json.loads(json.dumps(model.get_config())))
    again.set_weights(model.get_weights())
    model.save(tmp_path / "net.keras")
    loaded = galago.models.load_model(tmp_path / "net.keras")
    model.save_weights(tmp_path / "net.weights.h5")
    other = make()
    other.load_weights(tmp_path / "net.weights.h5")
    assert loaded.get_config() == model.get_config()
    for copy in (again, loaded, other):
        found = copy.predict(x, verbose=0)
        if isinstance(expected, dict):
            assert list(found) == list(expected)
            found, values = list(found.values()), list(expected.values())
        else:
            found, values = [found], [expected]
        for one, value in zip(found, values, strict=True):
            np.testing.assert_array_equal(one, value)


MODELS = {"siamese": siamese, "two outputs": lambda: several_outputs()}


def several_outputs() -> galago.Model:
    model = course()
    return galago.Model(model.input, [layer.output for layer in model.layers])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: siamese().predict(X),
            DataError,
            "predict(): expected x as a list of 2, for 'left', 'right', received ndarray. Pass a "
            "list, or a dictionary with these names.",
        ),
        (
            lambda: siamese().predict([X]),
            DataError,
            "predict(): expected x as a list of 2, for 'left', 'right', received 1. Pass a list, "
            "or a dictionary with these names.",
        ),
        (
            lambda: siamese().predict({"left": X}),
            DataError,
            "predict(): expected x for 'left', 'right', received 'left'. Pass a dictionary with "
            "these names.",
        ),
        (
            lambda: siamese().predict([X, X[:2]]),
            DataError,
            "predict(): expected x to have equally many rows for every input, received [6, 2] for "
            "'left', 'right'. Pass one row of each for an example.",
        ),
        (
            lambda: siamese().predict([X, X[:, :7]]),
            DataError,
            "predict(): expected x of 'right' of shape (n, 8, 8, 3), received (6, 7, 8, 3).",
        ),
        (
            lambda: course()(Input((9, 9, 3))),
            ShapeError,
            "Sequential 'sequential': expected input shape (8, 8, 3), for which the model is "
            "built, received (9, 9, 3). Make a new model for the new shape.",
        ),
        (
            lambda: siamese()(Input((8, 8, 3))),
            ArgumentError,
            "Model 'functional': expected to be called with a list of 2 symbolic tensors, received "
            "<KerasTensor shape=(None, 8, 8, 3), dtype=float32, name=keras_tensor",
        ),
        (
            lambda: galago.Sequential([several_outputs(), layers.Dense(2)]),
            ArgumentError,
            "Sequential 'sequential_1': expected layers with one output, received Model "
            "'functional_1' with 4. Call it in a functional model: Model(inputs, outputs).",
        ),
        (
            lambda: galago.Model([], layers.Dense(2)(Input((4,)))),
            ArgumentError,
            "Model 'functional': expected a symbolic tensor as input, received []. Pass what "
            "Input(shape) returns, or what a layer returned.",
        ),
    ],
)
def test_errors(call: Callable[[], Any], error: type[GalagoError], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
