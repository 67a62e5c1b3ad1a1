"""One clean line an epoch."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.callbacks.progress_lines import ProgressLines
from galago.training import events as ev


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_epoch_with_validation() -> None:
    stream, clock = io.StringIO(), Clock()
    handle = ProgressLines(stream, clock).handlers()
    logs = {"accuracy": 0.82, "loss": 0.49, "val_loss": 0.0004}
    for kind, event, now in [
        (ev.EpochBegin, ev.EpochBegin(0, 5, 1875), 10.0),
        (ev.EvaluateBegin, ev.EvaluateBegin(313, True), 13.75),
        (ev.EvaluateEnd, ev.EvaluateEnd(313, {"loss": 0.0004}, True), 14.4),
        (ev.EpochEnd, ev.EpochEnd(0, 5, 1875, logs), 14.4),
    ]:
        clock.now = now
        handle[kind](event)
    assert stream.getvalue() == (
        "Epoch 1/5 - 4s 2ms/step - accuracy: 0.8200 - loss: 0.4900 - val_loss: 4.0000e-04\n"
    )


def test_steps_are_not_looked_at() -> None:
    kinds = ProgressLines(io.StringIO()).handlers()
    assert not {ev.StepBegin, ev.StepEnd, ev.EvaluateStepEnd, ev.PredictStepEnd} & set(kinds)


def test_a_whole_run_into_a_file(fake_engine: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model = galago.Sequential([layers.Dense(2, activation="softmax", input_shape=(3,))])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = np.zeros((64, 3), np.float32), np.zeros(64, int)
    model.fit(x, y, epochs=2, validation_data=(x, y))
    model.evaluate(x, y)
    model.predict(x)
    out = capsys.readouterr().out
    patterns = [
        r"Epoch 1/2 - 0s \d+[um]s/step - accuracy: 0\.5000 - loss: 0\.7500 - val_accuracy: 0\.2500 "
        r"- val_loss: 32\.0000",
        r"Epoch 2/2 - 0s \d+[um]s/step - accuracy: 0\.5000 - loss: 0\.2917 - val_accuracy: 0\.2500 "
        r"- val_loss: 32\.0000",
        r"2/2 - 0s \d+[um]s/step - accuracy: 0\.2500 - loss: 32\.0000",
        r"2/2 - 0s \d+[um]s/step",
    ]
    lines = out.splitlines()
    assert len(lines) == len(patterns)
    for line, pattern in zip(lines, patterns, strict=True):
        assert re.fullmatch(pattern, line), line
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", out)
