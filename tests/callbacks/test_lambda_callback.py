"""Callbacks out of functions."""

from __future__ import annotations

from typing import Any

import pytest

import galago
from galago.callbacks import LambdaCallback
from galago.callbacks.base import watch_steps
from galago.errors import ArgumentError, UnknownNameError


def test_functions_are_called(model: galago.Sequential, data: Any) -> None:
    seen: list[Any] = []
    callback = LambdaCallback(
        on_train_begin=lambda logs: seen.append("begin"),
        on_train_batch_end=lambda batch, logs: seen.append((batch, sorted(logs))),
        on_test_end=lambda logs: seen.append("tested"),
        on_epoch_end=lambda epoch, logs: seen.append(epoch),
    )
    model.fit(*data, batch_size=40, verbose=0, callbacks=callback, validation_split=0.5)
    assert seen == ["begin", (0, ["accuracy", "loss"]), "tested", 0]


def test_batches_are_watched_only_for_functions_of_batches() -> None:
    assert not watch_steps([LambdaCallback(on_epoch_end=print)])
    assert watch_steps([LambdaCallback(on_batch_end=print)])


def test_wrong_hooks() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'on_epoch_end'"):
        LambdaCallback(on_epoch_ends=print)
    with pytest.raises(ArgumentError, match="on_epoch_end must be a function, received 3"):
        LambdaCallback(on_epoch_end=3)  # type: ignore[arg-type]
