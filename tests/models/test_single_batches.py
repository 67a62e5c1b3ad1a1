"""train_on_batch and test_on_batch; keras_fit.json holds what Keras's return."""

from __future__ import annotations

import numpy as np
import pytest

import galago
from galago import layers
from galago.errors import ArgumentError, DataError

ROWS, BATCH = 10, 4
IMAGES = np.random.default_rng(1).integers(0, 256, (ROWS, 3, 3, 1), np.uint8)
CLASSES = np.arange(ROWS) % 3


def make(*, built: bool = True) -> galago.Sequential:
    galago.set_seed(3)
    model = galago.Sequential([layers.Flatten(), layers.Dense(3, activation="softmax")])
    if built:
        model.build((None, 3, 3, 1))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_they_train_as_fit_does() -> None:
    one, other = make(), make(built=False)
    one.fit(IMAGES, CLASSES, BATCH, verbose=0, shuffle=False)
    for start in range(0, ROWS, BATCH):
        rows = slice(start, start + BATCH)
        other.train_on_batch(IMAGES[rows], CLASSES[rows])
    for kept, found in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, found)


def test_metrics_are_those_of_the_batch() -> None:
    model = make()
    expected = model.evaluate(IMAGES[:5], CLASSES[:5], verbose=0)
    model.test_on_batch(IMAGES, CLASSES)
    assert model.test_on_batch(IMAGES[:5], CLASSES[:5]) == expected
    assert model.train_on_batch(IMAGES[:5], CLASSES[:5], return_dict=True) == {
        "accuracy": expected[1],
        "loss": expected[0],
    }


@pytest.mark.parametrize("run", ["train_on_batch", "test_on_batch"])
def test_errors(run: str) -> None:
    with pytest.raises(DataError) as caught:
        getattr(make(), run)(IMAGES, CLASSES[:3])
    assert str(caught.value) == (
        f"{run}(): expected x and y to have equally many rows, received {ROWS} and 3. Pass "
        "one label for each example."
    )
    with pytest.raises(ArgumentError, match=rf"{run}\(\): return_dict must be True or False"):
        getattr(make(), run)(IMAGES, CLASSES, return_dict="yes")
    with pytest.raises(galago.errors.NotCompiledError, match=rf"{run}\(\) needs a compiled"):
        getattr(galago.Sequential([layers.Dense(1)]), run)(IMAGES, CLASSES)


@pytest.mark.parametrize("read", [False, True])
def test_layers_that_another_model_trains_are_new_in_the_next_batch(read: bool) -> None:
    inputs, x = galago.Input((3,)), np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    shared = layers.Dense(2)
    asked = galago.Model(inputs, shared(inputs))
    trained = galago.Model(inputs, layers.Dense(1)(shared(inputs)))
    asked.compile("sgd", "mse")
    trained.compile("sgd", "mse")
    asked.predict_on_batch(x)
    for _ in range(3):
        trained.train_on_batch(x, np.ones((8, 1), np.float32))
        if read:
            shared.get_weights()
        found = asked.predict_on_batch(x)
        loss = asked.test_on_batch(x, np.zeros((8, 2), np.float32))
        np.testing.assert_array_equal(found, asked.predict(x, verbose=0))
        assert loss == pytest.approx(float((found**2).mean()), rel=1e-5)
