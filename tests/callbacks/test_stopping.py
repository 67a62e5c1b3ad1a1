"""Callbacks that end a training; what they decide is compared with Keras's elsewhere."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import galago
from galago.callbacks import Callback, EarlyStopping, StopAt, TerminateOnNaN
from galago.callbacks.base import watch_steps
from galago.errors import ArgumentError, GalagoWarning, NumericsError, UnknownNameError


def test_the_best_weights_come_back(model: galago.Sequential, data: Any) -> None:
    best: list[Any] = []

    class Worse(Callback):
        """Says that the second epoch was the best one."""

        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            assert logs is not None
            logs["val_loss"] = abs(epoch - 1.0)
            if epoch == 1:
                best.extend(self.model.get_weights())

    stop = EarlyStopping(patience=2, restore_best_weights=True)
    history = model.fit(*data, epochs=9, verbose=0, callbacks=[Worse(), stop])
    assert history.epoch == [0, 1, 2, 3] and stop.stopped_epoch == 3 and stop.best_epoch == 1
    for value, expected in zip(model.get_weights(), best, strict=True):
        np.testing.assert_array_equal(value, expected)


def test_a_number_that_is_not_logged(model: galago.Sequential, data: Any) -> None:
    stop = EarlyStopping("val_loss")
    words = "expected 'val_loss' to be logged, but it is not, so training will not be stopped"
    with pytest.warns(GalagoWarning, match=words) as caught:
        model.fit(*data, verbose=0, callbacks=stop)
    message = str(caught[0].message)
    assert "Logged are: accuracy, loss. Pass validation_data or validation_split" in message


def test_a_mistyped_name_of_a_known_way(model: galago.Sequential, data: Any) -> None:
    stop = EarlyStopping("acuracy", mode="max")
    with pytest.warns(GalagoWarning, match=r"Did you mean 'accuracy'\?.*Name one of them"):
        model.fit(*data, verbose=0, callbacks=stop)


@pytest.mark.parametrize(
    ("monitor", "words"),
    [
        ("val_acuracy", "Did you mean 'val_accuracy'? Logged are: loss, accuracy, and with"),
        ("rate", "pass mode='max' or mode='min'"),
    ],
)
def test_a_mistyped_name_is_refused_before_any_work(
    model: galago.Sequential, data: Any, monitor: str, words: str
) -> None:
    before = model.get_weights()
    with pytest.raises(ArgumentError, match=re.escape(words)):
        model.fit(*data, verbose=0, callbacks=EarlyStopping(monitor))
    np.testing.assert_array_equal(before[0], model.get_weights()[0])


def test_a_metric_without_a_better(data: Any) -> None:
    class Spread(galago.metrics.SparseCategoricalAccuracy):
        better = None

    model = galago.Sequential([galago.layers.Dense(3, "softmax", input_shape=(4,))])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[Spread("spread")])
    with pytest.raises(ArgumentError, match="it is not known whether larger values of it are"):
        model.fit(*data, verbose=0, callbacks=EarlyStopping("spread"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"monitor": 3}, "monitor must be the name of a logged number, received 3"),
        ({"patience": -1}, "patience must be a whole number of at least 0"),
        ({"min_delta": "much"}, "min_delta must be a finite number"),
        ({"mode": "most"}, "expected a known mode, received 'most'"),
        ({"baseline": float("nan")}, "baseline must be a finite number"),
        ({"restore_best_weights": 1}, "restore_best_weights must be True or False"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        EarlyStopping(**arguments)


def test_stop_at_ends_the_epoch_that_reaches_it(
    model: galago.Sequential, data: Any, capsys: Any
) -> None:
    history = model.fit(*data, 4, 200, 0, StopAt(accuracy=0.9, loss=0.6))
    values = history.history
    good = [a >= 0.9 and b <= 0.6 for a, b in zip(values["accuracy"], values["loss"], strict=True)]
    assert good[-1] and not any(good[:-1]) and 1 < len(good) < 200
    printed = capsys.readouterr().out
    assert re.fullmatch(
        r"\nEpoch (\d+): accuracy 0\.9\d* reached 0\.9 and loss 0\.[45]\d* reached 0\.6, "
        r"stopping\n",
        printed,
    )
    assert f"Epoch {len(good)}:" in printed


def test_stop_at_after_a_batch(model: galago.Sequential, data: Any, capsys: Any) -> None:
    stop, seen = StopAt(loss=0.9, when="batch"), []

    class Look(Callback):
        def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
            seen.append((logs or {})["loss"])

    model.fit(*data, 2, 50, 0, [Look(), stop])
    assert seen[-1] <= 0.9 < min(seen[:-1])
    epoch, batch = divmod(len(seen) - 1, 24)
    assert f"\nEpoch {epoch + 1}, batch {batch + 1}: loss 0.8" in capsys.readouterr().out


def test_stop_at_can_be_silent(model: galago.Sequential, data: Any, capsys: Any) -> None:
    assert model.fit(*data, epochs=5, verbose=0, callbacks=StopAt(loss=9, verbose=0)).epoch == [0]
    assert capsys.readouterr().out == ""


def test_stop_at_a_learning_rate_waits_for_a_smaller_one(
    model: galago.Sequential, data: Any
) -> None:
    slower = galago.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    stop = StopAt(learning_rate=0.0625, verbose=0)
    assert len(model.fit(*data, epochs=9, verbose=0, callbacks=[slower, stop]).epoch) == 3


def test_stop_at_without_validation(model: galago.Sequential, data: Any) -> None:
    with pytest.warns(GalagoWarning, match="expected 'val_loss' to be logged"):
        model.fit(*data, verbose=0, callbacks=StopAt(val_loss=9))


def test_stop_at_does_not_compare_numbers_that_are_none(
    model: galago.Sequential, data: Any
) -> None:
    class Broken(Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            assert logs is not None
            logs["loss"] = float("nan")

    stop = StopAt(loss=9.0)
    assert len(model.fit(*data, epochs=3, verbose=0, callbacks=[Broken(), stop]).epoch) == 3


def test_what_stop_at_refuses(model: galago.Sequential, data: Any) -> None:
    with pytest.raises(ArgumentError, match="expected a logged number and the value to reach"):
        StopAt()
    with pytest.raises(UnknownNameError, match=r"expected a known time to compare.*Known: epoch"):
        StopAt(accuracy=1, when="step")
    with pytest.raises(ArgumentError, match="known after a batch, received 'val_loss'"):
        StopAt(val_loss=1, when="batch")
    with pytest.raises(ArgumentError, match="accuracy must be a finite number"):
        StopAt(accuracy="high")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match=r"received 'acuracy'.*Did you mean 'accuracy'"):
        model.fit(*data, verbose=0, callbacks=StopAt(acuracy=1))


def test_only_batches_that_matter_are_watched() -> None:
    assert not watch_steps([StopAt(accuracy=1), EarlyStopping()])
    assert watch_steps([StopAt(accuracy=1, when="batch")])


@pytest.fixture
def broken(data: Any) -> tuple[Any, Any]:
    x, y = data
    x = x.copy()
    x[5] = np.nan
    return x, y


def test_nan_ends_the_training(model: galago.Sequential, broken: Any, capsys: Any) -> None:
    history = model.fit(*broken, 4, 3, 0, TerminateOnNaN(), shuffle=False)
    assert history.epoch == [0]
    assert capsys.readouterr().out == "Batch 1: Invalid loss, terminating training\n"


def test_nan_can_be_an_error(model: galago.Sequential, broken: Any) -> None:
    with pytest.raises(NumericsError, match="expected a finite loss, received nan at batch 1"):
        model.fit(*broken, 4, 3, 0, TerminateOnNaN(raise_error=True), shuffle=False)
    with pytest.raises(RuntimeError):
        raise NumericsError
