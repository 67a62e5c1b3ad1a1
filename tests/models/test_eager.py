"""Models called on arrays, as in training and outside of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sessions import bits, training_outputs

import galago
from galago import layers
from galago.data import Dataset
from galago.errors import ArgumentError, ShapeError
from galago.models import Model, Sequential


def augmentation() -> Sequential:
    """Draws with seeds of its own; knows no input shape yet."""
    return Sequential(
        [layers.RandomFlip(seed=1), layers.RandomRotation(0.2, seed=2), layers.Rescaling(1 / 255)]
    )


def images(count: int = 4) -> Any:
    return np.random.default_rng(3).integers(0, 256, (count, 6, 5, 3), np.uint8)


def test_outside_of_training_a_call_predicts() -> None:
    model = galago.applications.lenet5()
    x = np.random.default_rng(4).random((3, 28, 28, 1), np.float32)
    wanted = bits(model.predict(x, verbose=0))
    assert bits(model(x)) == bits(model(x, training=False)) == wanted
    assert bits(augmentation()(images())) == bits(np.float32(1 / 255) * images())


def test_calls_draw_what_training_steps_draw() -> None:
    model, x = augmentation(), images()
    found = [model(x, training=True) for _ in range(3)]
    steps = [training_outputs(model.to_graph(), x.astype(np.float32), step) for step in range(3)]
    assert list(map(bits, found)) == list(map(bits, steps))
    assert len(set(map(bits, found))) == 3
    again = augmentation()
    assert [bits(again(x, training=True)) for _ in range(3)] == list(map(bits, found))


def test_nothing_is_learned() -> None:
    rows = [layers.Dense(3, input_shape=(4,)), layers.BatchNormalization(), layers.Dropout(0.5)]
    model, x = Sequential(rows), np.random.default_rng(5).normal(size=(8, 4)).astype(np.float32)
    model.compile("adam", "mean_squared_error")
    before = list(map(bits, model.get_weights()))
    found = model(x, training=True)
    assert list(map(bits, model.get_weights())) == before and model.iterations == 0
    assert (found == 0).any()
    normed = found[:, found.any(axis=0)]
    assert normed.std() > 0.5  # by the batch's statistics, not by those of the start
    model.fit(x, np.zeros((8, 3)), verbose=0)
    assert bits(model(x, training=True)) != bits(found)


def test_several_inputs_and_outputs() -> None:
    a, b = layers.Input((2,)), layers.Input((3,))
    model = Model([a, b], {"a": layers.Dense(2)(a), "b": layers.Dropout(0.5, seed=1)(b)})
    x = [np.ones((4, 2), np.float32), np.ones((4, 3), np.float32)]
    found = model(x, training=True)
    assert bits(found["a"]) == bits(model.predict(x, verbose=0)["a"])
    assert set(np.unique(found["b"])) == {0.0, 2.0}


def test_pipelines() -> None:
    augment, x = augmentation(), images(6)
    data = Dataset.from_tensor_slices((x, np.arange(6))).batch(3)
    data = data.map(lambda a, y: (augment(a, training=True), y))
    first, second = (list(data) for _ in range(2))
    assert [a.shape for a, _ in first] == [(3, 6, 5, 3)] * 2
    assert [y.tolist() for _, y in first] == [[0, 1, 2], [3, 4, 5]]
    assert bits(np.asarray(first[0][0])) != bits(np.asarray(second[0][0]))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: augmentation()(images(), training=1),  # type: ignore[arg-type]
            ArgumentError,
            "Sequential 'sequential': training must be True or False, received 1. Pass one of "
            "them.",
        ),
        (
            lambda: augmentation()(layers.Input((6, 5, 3)), training=True),
            ArgumentError,
            "Sequential 'sequential': expected arrays with training=True, received a symbolic "
            "tensor. Whether a layer trains, fit() and predict() say; to freeze one, set its "
            "trainable = False.",
        ),
        (
            lambda: layers.RandomFlip()(images(), training=True),
            ArgumentError,
            "RandomFlip 'random_flip': expected to be called with one symbolic tensor, such as "
            "Input(shape) gives, received an array of shape (4, 6, 5, 3). To augment arrays, put "
            "the layer into a Sequential and call that: Sequential([layer])(x, training=True).",
        ),
        (
            lambda: augmentation()(images()[0], training=True),
            ShapeError,
            "RandomFlip 'random_flip': expected images of shape (height, width, channels), "
            "received (5, 3). The channel axis is missing: use input_shape=(5, 3, 1) and pass "
            "x[..., None].",
        ),
    ],
)
def test_errors(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
