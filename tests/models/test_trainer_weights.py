"""Where the newest weights are: in the variables or in a session."""

from __future__ import annotations

from typing import Any

import numpy as np

import galago
from galago import layers

X = np.arange(40, dtype=np.float32).reshape(10, 2, 2, 1)
Y = np.arange(10) % 3


def make() -> galago.Sequential:
    model = galago.Sequential(
        [galago.Input((2, 2, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def test_trained_weights_come_back_when_read(fake_engine: Any) -> None:
    model = make()
    before = model.get_weights()
    model.fit(X, Y, batch_size=5, verbose=0)
    session = model._session
    assert session is not None
    assert session.session.pulls == 0
    np.testing.assert_array_equal(model.get_weights()[0], before[0] - 2)
    model.get_weights()
    assert session.session.pulls == 2


def test_weights_are_sent_once(fake_engine: Any) -> None:
    model = make()
    model.predict(X, verbose=0)
    model.fit(X, Y, epochs=2, verbose=0)
    model.get_weights()
    model.evaluate(X, Y, verbose=0)
    session = model._session
    assert session is not None
    assert session.session.pushes == 2


def test_models_share_the_newest_weights(fake_engine: Any) -> None:
    shared = layers.Dense(3, activation="softmax", input_shape=(4,))
    one, other = galago.Sequential([shared]), galago.Sequential([shared])
    x = X.reshape(10, 4)
    start = shared.get_weights()[0]
    for model in (one, other):
        model.compile("sgd", "sparse_categorical_crossentropy")
    for model in (one, other, one):
        model.fit(x, Y, verbose=0)
    np.testing.assert_array_equal(shared.get_weights()[0], start - 1 - 1 - 1)
    other.predict(x, verbose=0)
    assert other._session is not None
    np.testing.assert_array_equal(other._session.session.values[0], shared.kernel.numpy())


def test_a_changed_model_keeps_what_it_learned(fake_engine: Any) -> None:
    model = make()
    start = model.get_weights()[0]
    model.fit(X, Y, verbose=0)
    model.add(layers.Activation("relu"))
    model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], start - 2)


def test_compiling_again_starts_the_optimizer_anew(fake_engine: Any) -> None:
    model = make()
    model.fit(X, Y, verbose=0)
    session = model._session
    make_again: dict[str, Any] = {
        "optimizer": "sgd",
        "loss": "sparse_categorical_crossentropy",
    }
    model.compile(**make_again)
    model.fit(X, Y, verbose=0)
    assert model._session is session is not None
    assert session.session.settings["optimizer"][0] == "sgd"
    assert session.session.iterations == 1


def test_train_steps_are_counted_from_compile_on(fake_engine: Any) -> None:
    model = make()
    assert model.iterations == 0
    model.fit(X, Y, batch_size=5, epochs=3, verbose=0)
    assert model.iterations == 6
    model.compile("adam", "sparse_categorical_crossentropy")
    assert model.iterations == 0
