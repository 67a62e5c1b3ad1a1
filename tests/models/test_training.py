"""Models on the engine: seeds, number types, batches, weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago import config, layers, metrics
from galago.errors import NumericsWarning

RNG = np.random.default_rng(3)
X = RNG.integers(0, 256, (90, 9, 8, 2)).astype(np.uint8)
SCALED = X / 255.0
Y = RNG.integers(0, 3, 90)


def make(**compiled: Any) -> galago.Sequential:
    model = galago.Sequential(
        [
            galago.Input((9, 8, 2)),
            layers.Conv2D(5, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    settings: dict[str, Any] = {
        "optimizer": "adam",
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
    }
    model.compile(**(settings | compiled))
    return model


def trained(seed: int, x: Any = X, **fit: Any) -> list[bytes]:
    galago.set_seed(seed)
    model = make()
    model.fit(x / np.float32(255), Y, epochs=2, verbose=0, **fit)
    return [value.tobytes() for value in model.get_weights()]


def test_the_seed_decides_every_bit() -> None:
    first = trained(1)
    np.random.seed(5)
    assert trained(1) == first
    assert trained(2) != first
    assert trained(1, shuffle=False) != first


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_decide_nothing(threads: int) -> None:
    before = galago.get_threads()
    try:
        galago.set_threads(threads)
        assert galago.get_threads() == threads
        assert trained(1) == trained(1)
        found = trained(7)
    finally:
        galago.set_threads(before)
    assert found == trained(7)


def test_a_row_does_not_depend_on_its_batch() -> None:
    model = make()
    together = model.predict(X, batch_size=90, verbose=0)
    for size in (1, 7, 32):
        assert model.predict(X, batch_size=size, verbose=0).tobytes() == together.tobytes()
    assert model.predict(X[40:41], verbose=0).tobytes() == together[40:41].tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, bool])
def test_the_same_numbers_of_any_type_give_the_same_outputs(dtype: Any) -> None:
    model, x = make(), (X % 2)
    expected = model.predict(x, verbose=0)
    assert model.predict(x.astype(dtype), verbose=0).tobytes() == expected.tobytes()


def test_float64_models() -> None:
    galago.set_seed(1)
    single = make()
    config.set_floatx("float64")
    double = make()
    double.set_weights(single.get_weights())
    outputs = double.predict(SCALED, verbose=0)
    assert outputs.dtype == double.get_weights()[0].dtype == np.float64
    np.testing.assert_allclose(single.predict(SCALED, verbose=0), outputs, rtol=1e-5)
    double.fit(SCALED, Y, verbose=0)
    assert (double.get_weights()[0] != double.get_weights()[0].astype(np.float32)).any()


def test_evaluate_agrees_with_predict() -> None:
    model = make(metrics=["accuracy", metrics.SparseCategoricalAccuracy("again")])
    loss, accuracy, again = model.evaluate(SCALED, Y, batch_size=20, verbose=0)
    outputs = model.predict(SCALED, verbose=0).astype(np.float64)
    assert loss == pytest.approx(-np.log(outputs[np.arange(90), Y]).mean(), rel=1e-5)
    assert accuracy == pytest.approx((outputs.argmax(axis=1) == Y).mean())
    assert again == pytest.approx(accuracy)


def test_history_of_a_metric_from_outputs_agrees_with_the_engines() -> None:
    history = make(metrics=["accuracy", metrics.SparseCategoricalAccuracy("again")]).fit(
        X, Y, batch_size=20, epochs=2, verbose=0
    )
    assert history.history["again"] == pytest.approx(history.history["accuracy"])


def test_frozen_layers_do_not_move() -> None:
    model = make()
    model.layers[0].trainable = False
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = model.get_weights()
    model.fit(SCALED, Y, verbose=0)
    after = model.get_weights()
    assert [bool((a == b).all()) for a, b in zip(before, after, strict=True)] == [
        True,
        True,
        False,
        False,
    ]


def test_a_layer_shared_by_two_models_trains_in_both() -> None:
    model = make()
    features = galago.Sequential([galago.Input((9, 8, 2)), model.layers[0]])
    before = features.predict(X, verbose=0)
    model.fit(SCALED, Y, verbose=0)
    after = features.predict(X, verbose=0)
    assert (before != after).any()
    copy = galago.Sequential([galago.Input((9, 8, 2)), layers.Conv2D(5, 3, activation="relu")])
    copy.set_weights(model.layers[0].get_weights())
    assert copy.predict(X, verbose=0).tobytes() == after.tobytes()


def test_training_in_parts_is_training_at_once() -> None:
    galago.set_seed(1)
    once = make()
    parts = make()
    parts.set_weights(once.get_weights())
    once.fit(X, Y, epochs=3, verbose=0)
    for epoch in range(3):
        parts.fit(X, Y, epochs=epoch + 1, initial_epoch=epoch, verbose=0)
        parts.evaluate(X, Y, verbose=0)
    for one, other in zip(once.get_weights(), parts.get_weights(), strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_loss_that_explodes_is_warned_of() -> None:
    model = make(optimizer=galago.optimizers.SGD(1e30), loss="mse")
    with pytest.warns(NumericsWarning, match=r"the loss became (nan|inf) in epoch 1, step \d of 3"):
        model.fit(X, np.eye(3)[Y], verbose=0)


def test_two_classes_with_one_output() -> None:
    model = galago.Sequential(
        [layers.Flatten(input_shape=(9, 8, 2)), layers.Dense(1, activation="sigmoid")]
    )
    model.compile(galago.optimizers.SGD(0.5), "binary_crossentropy", metrics=["accuracy"])
    y = (X.reshape(90, -1).mean(axis=1) > 127).astype(int)
    history = model.fit(SCALED - 0.5, y, epochs=30, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    outputs = model.predict(SCALED - 0.5, verbose=0)
    accuracy = model.evaluate(SCALED - 0.5, y, verbose=0)[1]
    assert accuracy == pytest.approx(((outputs[:, 0] > 0.5) == y).mean())
