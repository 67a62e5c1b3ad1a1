"""compile, fit, evaluate, predict: semantics, without an engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.callbacks import Callback
from galago.errors import (
    NumericsWarning,
)

X = np.arange(40, dtype=np.float32).reshape(10, 2, 2, 1)
Y = np.arange(10) % 3


def make(**compiled: Any) -> galago.Sequential:
    model = galago.Sequential(
        [galago.Input((2, 2, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")]
    )
    settings: dict[str, Any] = {
        "optimizer": "adam",
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
    }
    model.compile(**(settings | compiled))
    return model


def calls(model: galago.Sequential) -> list[tuple[Any, ...]]:
    assert model._session is not None
    return list(model._session.session.calls)


class TestFit:
    def test_every_row_once_an_epoch_in_another_order(self, fake_engine: Any) -> None:
        model = make()
        model.fit(X, Y, batch_size=4, epochs=2, verbose=0)
        batches = [call[1] for call in calls(model)]
        assert [len(batch) for batch in batches] == [4, 4, 2, 4, 4, 2]
        first, second = (
            [row for batch in batches[epoch * 3 : epoch * 3 + 3] for row in batch]
            for epoch in range(2)
        )
        assert sorted(first) == sorted(second) == list(range(10))
        assert first != second
        assert first != list(range(10))

    def test_the_order_depends_on_the_seed_only(self, fake_engine: Any) -> None:
        orders = []
        for seed in (1, 1, 2):
            galago.set_seed(seed)
            model = make()
            model.fit(X, Y, batch_size=4, epochs=2, verbose=0)
            orders.append(calls(model))
        assert orders[0] == orders[1] != orders[2]

    def test_going_on_shuffles_as_one_long_run_would(self, fake_engine: Any) -> None:
        long, parts = make(), make()
        long.fit(X, Y, epochs=3, verbose=0)
        parts.fit(X, Y, epochs=1, verbose=0)
        history = parts.fit(X, Y, epochs=3, initial_epoch=1, verbose=0)
        assert calls(long) == calls(parts)
        assert history.epoch == [1, 2]

    def test_without_shuffling(self, fake_engine: Any) -> None:
        model = make()
        model.fit(X, Y, batch_size=7, shuffle=False, verbose=0)
        assert [call[1] for call in calls(model)] == [[0, 1, 2, 3, 4, 5, 6], [7, 8, 9]]

    def test_epoch_values_are_means_weighted_by_the_batch(self, fake_engine: Any) -> None:
        fake_engine.losses[:] = [1.0, 2.0, 6.0]
        history = make().fit(X, Y, batch_size=4, verbose=0)
        assert history.history == {"accuracy": [0.5], "loss": [pytest.approx(2.4)]}

    def test_the_last_rows_validate(self, fake_engine: Any) -> None:
        model = make()
        history = model.fit(X, Y, validation_split=0.25, verbose=0)
        assert sorted(calls(model)[0][1]) == list(range(7))
        assert calls(model)[1] == ("test", 0, 3)
        assert history.history["val_loss"] == [3.0]
        assert list(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]

    def test_validation_data_goes_before_the_split(self, fake_engine: Any) -> None:
        model = make()
        model.fit(X, Y, validation_split=0.5, validation_data=(X[:4], Y[:4]), verbose=0)
        assert len(calls(model)[0][1]) == 10
        assert calls(model)[1] == ("test", 0, 4)

    def test_history(self, fake_engine: Any) -> None:
        model = make()
        history = model.fit(X, Y, batch_size=4, epochs=2, verbose=0)
        assert model.history is history
        assert history.epoch == [0, 1]
        assert history.params == {"verbose": 0, "epochs": 2, "steps": 3}
        assert all(type(value) is float for value in history.history["loss"])

    def test_a_callback_stops_it(self, fake_engine: Any) -> None:
        class Stop(Callback):
            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                self.model.stop_training = logs["loss"] < 0.9

        model = make()
        assert len(model.fit(X, Y, epochs=9, callbacks=[Stop()], verbose=0).epoch) == 2
        assert model.stop_training
        assert len(model.fit(X, Y, epochs=2, verbose=0).epoch) == 2

    def test_a_stop_within_an_epoch_still_validates(self, fake_engine: Any) -> None:
        class Stop(Callback):
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                self.model.stop_training = batch == 1

        model = make()
        history = model.fit(X, Y, 2, 5, callbacks=Stop(), validation_data=(X[:1], Y[:1]), verbose=0)
        assert [call[0] for call in calls(model)] == ["train", "train", "test"]
        assert len(history.history["val_loss"]) == 1

    def test_a_callback_sets_the_learning_rate(self, fake_engine: Any) -> None:
        class Halve(Callback):
            def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
                self.model.optimizer.learning_rate /= 2

        model = make(optimizer=galago.optimizers.SGD(0.4))
        model.fit(X, Y, 4, callbacks=[Halve()], verbose=0)
        assert [call[2] for call in calls(model)] == [0.2, 0.1, 0.05]

    def test_weights_changed_between_steps_count(self, fake_engine: Any) -> None:
        class Reset(Callback):
            def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
                if batch == 2:
                    self.model.set_weights([np.full((4, 3), 100.0), np.zeros(3)])

        model = make()
        model.fit(X, Y, 4, callbacks=[Reset()], verbose=0)
        assert model.get_weights()[0].tolist() == [[99.0] * 3] * 4

    def test_the_input_shape_comes_from_the_data(self, fake_engine: Any) -> None:
        model = galago.Sequential([layers.Flatten(), layers.Dense(3, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(X, Y, verbose=0)
        assert model.input_shape == (None, 2, 2, 1)

    def test_a_loss_that_is_no_number_is_warned_of_once(self, fake_engine: Any) -> None:
        fake_engine.losses[:] = [1.0, float("nan"), float("nan")]
        model = make()
        with pytest.warns(NumericsWarning) as caught:
            model.fit(X, Y, batch_size=4, epochs=2, verbose=0)
        assert [str(warning.message) for warning in caught] == [
            "fit(): the loss became nan in epoch 1, step 2 of 3; training goes on, but its result "
            "is of no use. Lower the learning rate, scale the inputs (x / 255.0), or look for NaN "
            "in them with galago.config.set_check_inputs(True)."
        ]
        assert caught[0].filename == __file__
        assert len(calls(model)) == 6


class TestEvaluate:
    def test_values(self, fake_engine: Any) -> None:
        model = make()
        expected = (4 * 4.0 + 4 * 4.0 + 2 * 2.0) / 10
        assert model.evaluate(X, Y, batch_size=4, verbose=0) == [pytest.approx(expected), 0.25]
        logs = model.evaluate(X, Y, verbose=0, return_dict=True)
        assert logs == {"accuracy": 0.25, "loss": 10.0}
        assert make(metrics=None).evaluate(X, Y, verbose=0) == 10.0

    def test_metrics_in_the_order_of_compile(self, fake_engine: Any) -> None:
        model = make(loss="mse", metrics=["mse", "accuracy", "mae"])
        y = np.zeros((10, 3))
        values = model.evaluate(X, y, verbose=0)
        means = X.reshape(10, 4).mean(axis=1)
        assert values == [10.0, pytest.approx((means**2).mean()), 0.25, pytest.approx(means.mean())]
        history = model.fit(X, y, batch_size=3, verbose=0).history
        assert list(history) == ["accuracy", "loss", "mae", "mse"]
        assert history["mae"] == [pytest.approx(means.mean())]


class TestPredict:
    def test_rows_stay_in_place(self, fake_engine: Any) -> None:
        model = make()
        outputs = model.predict(X, batch_size=4, verbose=0)
        assert outputs.shape == (10, 3)
        assert outputs.dtype == np.float32
        np.testing.assert_allclose(outputs[:, 1], X.reshape(10, 4).mean(axis=1))
        assert calls(model) == [("predict", 0, 4), ("predict", 4, 8), ("predict", 8, 10)]

    def test_without_compile(self, fake_engine: Any) -> None:
        model = galago.Sequential([layers.Flatten()])
        assert model.predict(X, verbose=0).shape == (10, 4)
