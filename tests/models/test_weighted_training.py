"""Weights, own metrics and outputs that are maps, through fit and evaluate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago import layers, losses, metrics
from galago.errors import ArgumentError, DataError, ShapeError

RNG = np.random.default_rng(0)
X, Y = RNG.random((10, 3)).astype(np.float32), RNG.integers(0, 2, 10)


def classifier() -> galago.Sequential:
    net = galago.Sequential([galago.Input((3,)), layers.Dense(2, activation="softmax")])
    net.compile("sgd", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    return net


def test_an_example_that_counts_nothing_might_not_be_there() -> None:
    weights = np.ones(10)
    weights[7:] = 0
    net = classifier()
    parts = net.evaluate(X[:7], Y[:7], verbose=0, return_dict=True)
    found = net.evaluate(X, Y, sample_weight=weights, verbose=0, return_dict=True)
    assert found["loss"] == pytest.approx(parts["loss"] * 0.7)
    assert found["accuracy"] == pytest.approx(parts["accuracy"])


def test_weights_are_split_and_shuffled_with_their_examples() -> None:
    weights = np.zeros(10)
    weights[4] = weights[9] = 1
    net = classifier()
    before = net.get_weights()
    history = net.fit(
        X, Y, 4, sample_weight=weights, validation_split=0.5, verbose=0, epochs=3
    ).history
    alone = galago.Sequential([galago.Input((3,)), layers.Dense(2, activation="softmax")])
    alone.compile("sgd", losses.SparseCategoricalCrossentropy(reduction="sum"))
    alone.set_weights(before)
    first = alone.evaluate(X[4:5], Y[4:5], verbose=0)
    # The one example that counts was in a batch of four, or alone in the last of one.
    assert history["loss"][0] == pytest.approx(first / 5)
    last = net.evaluate(X[9:], Y[9:], verbose=0)[0]
    assert history["val_loss"][-1] == pytest.approx(last / 5)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"sample_weight": np.ones(10), "class_weight": {0: 1.0}},
            ArgumentError,
            "fit(): expected class_weight or sample_weight, received both. Multiply them into one "
            "sample_weight.",
        ),
        (
            {"sample_weight": np.ones(9)},
            DataError,
            "fit(): expected sample_weight of shape (10,), received (9,). Pass one weight for each "
            "example.",
        ),
        (
            {"validation_data": (X, Y, np.ones(9))},
            DataError,
            "fit(): expected validation sample_weight of shape (10,), received (9,). Pass one "
            "weight for each example.",
        ),
    ],
)
def test_wrong_weights(arguments: Any, error: type[Exception], message: str) -> None:
    net = classifier()
    before = net.get_weights()
    with pytest.raises(error) as caught:
        net.fit(X, Y, verbose=0, **arguments)
    assert str(caught.value) == message
    assert all((a == b).all() for a, b in zip(before, net.get_weights(), strict=True))


def test_metrics_of_the_users_own() -> None:
    def furthest(y_true: Any, y_pred: Any) -> Any:
        return np.abs(y_true - y_pred).max(axis=-1)

    class Largest(metrics.Metric):
        def reset_state(self) -> None:
            self.largest = 0.0

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.largest = max(self.largest, float(np.abs(y_true - y_pred).max()))

        def result(self) -> float:
            return self.largest

    net = galago.Sequential([galago.Input((3,)), layers.Dense(2)])
    largest = Largest(name="largest")
    net.compile("sgd", "mse", metrics=[furthest, largest, metrics.mean_absolute_error])
    y = RNG.random((10, 2)).astype(np.float32)
    found = net.evaluate(X, y, batch_size=4, verbose=0, return_dict=True)
    error = np.abs(net.predict(X, verbose=0) - y)
    assert found["furthest"] == pytest.approx(error.max(axis=1).mean())
    assert found["largest"] == pytest.approx(error.max())
    assert found["mean_absolute_error"] == pytest.approx(error.mean())
    assert largest.result() == found["largest"]


def test_an_autoencoder_of_images() -> None:
    net = galago.Sequential(
        [
            galago.Input((6, 6, 1)),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.Conv2D(1, 3, padding="same", activation="sigmoid"),
        ]
    )
    net.compile("adam", "mse", metrics=["mae"])
    images = RNG.random((12, 6, 6, 1)).astype(np.float32)
    history = net.fit(images, images[..., 0], epochs=30, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    outputs = net.predict(images, verbose=0)
    found = net.evaluate(images, images, batch_size=5, verbose=0)
    expected = [np.square(outputs - images).mean(), np.abs(outputs - images).mean()]
    assert found == pytest.approx(expected, rel=1e-5)
    with pytest.raises(DataError) as caught:
        net.evaluate(images, images[:, :5], verbose=0)
    assert str(caught.value) == (
        "evaluate(): loss 'mean_squared_error' expects y of shape (12, 6, 6, 1), one value for "
        "each output of Conv2D 'conv2d_1', received (12, 5, 6, 1). Bring the labels to that shape."
    )


def test_a_class_for_each_place() -> None:
    net = galago.Sequential([galago.Input((4, 4, 1)), layers.Conv2D(3, 1, activation="softmax")])
    loss = losses.SparseCategoricalCrossentropy(ignore_class=255)
    net.compile("sgd", loss, metrics=["accuracy"])
    images, labels = RNG.random((8, 4, 4, 1)), RNG.integers(0, 3, (8, 4, 4))
    labels[:, 0] = 255
    found = net.evaluate(images, labels[..., None], verbose=0, return_dict=True)
    outputs = net.predict(images, verbose=0)
    assert found["loss"] == pytest.approx(loss(labels, outputs), rel=1e-5)
    assert found["accuracy"] == pytest.approx((outputs.argmax(-1) == labels).mean())
    net.fit(images, labels, class_weight={0: 2.0}, verbose=0)
    with pytest.raises(ShapeError, match="expects a class number for each place of the outputs"):
        net.fit(images, labels[:, 0, 0], verbose=0)
    labels[3, 2, 1] = 3
    with pytest.raises(DataError, match="received 3 at row 3 of y"):
        net.fit(images, labels, verbose=0)
