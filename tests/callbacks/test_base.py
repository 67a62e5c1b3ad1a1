"""Keras's hooks: which are called, in which order, with what."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.callbacks import Callback, History
from galago.callbacks.base import CallbackWatcher, checked, watch_steps
from galago.errors import ArgumentError

X, Y = np.zeros((5, 3), np.float32), np.zeros(5, int)
OLD = ("on_batch_begin", "on_batch_end")
HOOKS = sorted(set(name for name in dir(Callback) if name.startswith("on_")) - set(OLD))


class Everything(Callback):
    """Writes down every hook with its arguments; of logs only the names."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []


def _hook(name: str) -> Any:
    def record(self: Everything, *arguments: Any) -> None:
        words = [list(a) if isinstance(a, dict) else a for a in arguments]
        self.seen.append((name, *words))

    return record


for _name in HOOKS:
    setattr(Everything, _name, _hook(_name))


def make() -> galago.Sequential:
    model = galago.Sequential([layers.Dense(2, activation="softmax", input_shape=(3,))])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["acc"])
    return model


def test_the_order_in_fit_is_keras(fake_engine: Any) -> None:
    """As printed by Keras 3.15.1 for the same calls."""
    watch = Everything()
    make().fit(X, Y, 2, 2, 0, [watch], validation_split=0.4)
    logs, both = ["acc", "loss"], ["acc", "loss", "val_acc", "val_loss"]

    def epoch(number: int) -> list[tuple[Any, ...]]:
        return [
            ("on_epoch_begin", number, []),
            ("on_train_batch_begin", 0, []),
            ("on_train_batch_end", 0, logs),
            ("on_train_batch_begin", 1, []),
            ("on_train_batch_end", 1, logs),
            ("on_test_begin", []),
            ("on_test_batch_begin", 0, []),
            ("on_test_batch_end", 0, logs),
            ("on_test_end", logs),
            ("on_epoch_end", number, both),
        ]

    assert watch.seen == [
        ("on_train_begin", []),
        *epoch(0),
        *epoch(1),
        ("on_train_end", both),
    ]


def test_the_order_in_evaluate_and_predict_is_keras(fake_engine: Any) -> None:
    model, watch = make(), Everything()
    model.evaluate(X, Y, 3, 0, callbacks=[watch])
    model.predict(X, 3, 0, callbacks=[watch])
    logs = ["acc", "loss"]
    assert watch.seen == [
        ("on_test_begin", []),
        ("on_test_batch_begin", 0, []),
        ("on_test_batch_end", 0, logs),
        ("on_test_batch_begin", 1, []),
        ("on_test_batch_end", 1, logs),
        ("on_test_end", logs),
        ("on_predict_begin", []),
        ("on_predict_batch_begin", 0, []),
        ("on_predict_batch_end", 0, ["outputs"]),
        ("on_predict_batch_begin", 1, []),
        ("on_predict_batch_end", 1, ["outputs"]),
        ("on_predict_end", []),
    ]


def test_model_and_params_come_first(fake_engine: Any) -> None:
    found: list[Any] = []

    class Look(Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            found.append((self.model, self.params))

    model = make()
    model.fit(X, Y, batch_size=2, epochs=3, verbose=0, callbacks=[Look()])
    assert found == [(model, {"verbose": 0, "epochs": 3, "steps": 3})]


def test_callbacks_go_in_the_order_of_the_list_and_before_the_history(fake_engine: Any) -> None:
    order: list[Any] = []

    class Say(Callback):
        def __init__(self, word: str) -> None:
            self.word = word

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            order.append(self.word)
            logs[self.word] = 1.0
            assert self.model.history is not None
            assert self.model.history.epoch == []

    history = make().fit(X, Y, verbose=0, callbacks=[Say("one"), Say("two")])
    assert order == ["one", "two"]
    assert list(history.history) == ["acc", "loss", "one", "two"]


def test_hooks_that_nobody_overrides_cost_nothing() -> None:
    class Ends(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None: ...

    model = make()
    assert CallbackWatcher([], model, {}).handlers() == {}
    assert CallbackWatcher([Callback()], model, {}).handlers() == {}
    kinds = CallbackWatcher([Ends(), Callback()], model, {}).handlers()
    assert [kind.__name__ for kind in kinds] == ["EpochEnd"]


def test_every_hook_has_its_event() -> None:
    assert len(CallbackWatcher([Everything()], make(), {}).handlers()) == len(HOOKS)


def test_a_hook_set_on_the_object_counts() -> None:
    callback, seen = Callback(), []
    callback.on_train_end = seen.append  # type: ignore[method-assign, assignment]
    assert len(CallbackWatcher([callback], make(), {}).handlers()) == 1


def test_only_hooks_of_training_batches_watch_steps() -> None:
    class Epochs(Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None: ...

        def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None: ...

    class Batches(Callback):
        def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None: ...

    assert not watch_steps([])
    assert not watch_steps([Epochs()])
    assert watch_steps([Epochs(), Batches()])


def test_the_old_names_of_hooks_are_called(fake_engine: Any) -> None:
    seen: list[Any] = []

    class Old(Callback):
        def on_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
            seen.append(batch)

        def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
            seen.append(sorted(logs or {}))

    make().fit(X, Y, batch_size=3, verbose=0, callbacks=[Old()])
    assert seen == [0, ["acc", "loss"], 1, ["acc", "loss"]]
    assert watch_steps([Old()])


def test_a_callback_without_state_of_its_own() -> None:
    callback = Callback()
    assert callback.get_state() == {}
    callback.set_state({})


def test_one_callback_needs_no_list() -> None:
    callback = Callback()
    assert checked(callback, "fit()") == [callback]
    assert checked((callback, callback), "fit()") == [callback, callback]
    assert checked(None, "fit()") == []


def test_a_history_among_the_callbacks_is_the_one_that_fit_returns(fake_engine: Any) -> None:
    mine, model = History(), make()
    assert model.fit(X, Y, verbose=0, epochs=2, callbacks=[mine]) is mine
    assert model.history is mine and mine.epoch == [0, 1] and len(mine.history["loss"]) == 2


def test_what_is_no_callback() -> None:
    with pytest.raises(ArgumentError, match="expected callbacks to be objects of"):
        checked([object()], "fit()")


def test_an_exception_in_a_callback_is_the_users(fake_engine: Any) -> None:
    class Broken(Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make().fit(X, Y, verbose=0, callbacks=[Broken()])
