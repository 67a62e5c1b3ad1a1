"""Callbacks driven by invented logs, in the same way in Keras and in Galago.

`tools/make_keras_callbacks.py` stores what Keras does with each case; test_keras_callbacks.py
compares. All values are whole numbers of 1/64 and rates powers of two, so that Keras's float32
holds them exactly. `keras` is the module under test: keras or galago.
"""

from __future__ import annotations

import contextlib
import io
import random
import tempfile
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

EPOCHS, BATCHES = 12, 5


def cases() -> list[dict[str, Any]]:
    """Every case: the class, its arguments, and the logs of each epoch."""
    draw = random.Random(15)
    found = [_early_stopping(draw) for _ in range(60)]
    found += [_reduce(draw) for _ in range(60)]
    found += [_checkpoint(draw) for _ in range(30)]
    return [*found, *_schedulers(), *_nan()]


def _logs(draw: random.Random, name: str) -> list[dict[str, float]]:
    """A number that falls or rises, with noise; sometimes missing or not a number."""
    trend, start = draw.choice([-3, -1, 0, 1, 3]), draw.randrange(16, 48)
    epochs = []
    for epoch in range(EPOCHS):
        value = (start + trend * epoch + draw.randrange(-4, 5)) / 64
        logs = {"accuracy": 0.5, "loss": 0.25}
        kind = draw.random()
        if kind > 0.05:
            logs[name] = float("nan") if kind > 0.97 else value
        epochs.append(logs)
    return epochs


def _monitor(draw: random.Random) -> dict[str, Any]:
    name, mode = draw.choice([("val_loss", "auto"), ("val_loss", "min"), ("val_accuracy", "max")])
    return {"monitor": name, "mode": mode}


def _case(kind: str, arguments: dict[str, Any], logs: list[dict[str, float]]) -> dict[str, Any]:
    return {"class": kind, "arguments": arguments, "logs": logs}


def _early_stopping(draw: random.Random) -> dict[str, Any]:
    arguments = _monitor(draw) | {
        "min_delta": draw.choice([0, 0, 1 / 64, -2 / 64]),
        "patience": draw.randrange(4),
        "verbose": 1,
        "baseline": draw.choice([None, None, 0.5]),
        "restore_best_weights": draw.random() < 0.6,
        "start_from_epoch": draw.choice([0, 0, 3]),
    }
    return _case("EarlyStopping", arguments, _logs(draw, arguments["monitor"]))


def _reduce(draw: random.Random) -> dict[str, Any]:
    arguments = _monitor(draw) | {
        "factor": draw.choice([0.5, 0.25]),
        "patience": draw.randrange(3),
        "verbose": 1,
        "min_delta": draw.choice([0, 1 / 64]),
        "cooldown": draw.choice([0, 0, 1, 3]),
        "min_lr": draw.choice([0.0, 0.0625]),
    }
    return _case("ReduceLROnPlateau", arguments, _logs(draw, arguments["monitor"]))


def _checkpoint(draw: random.Random) -> dict[str, Any]:
    weights, best = draw.random() < 0.5, draw.random() < 0.6
    arguments = _monitor(draw) | {
        "filepath": "at-{epoch:02d}-{loss:.2f}" + (".weights.h5" if weights else ".keras"),
        "verbose": draw.choice([0, 1, 1]),
        "save_best_only": best,
        "save_weights_only": weights,
        "save_freq": "epoch" if best else draw.choice(["epoch", 1, 3, 7, 13]),
        "initial_value_threshold": draw.choice([None, 0.5]) if best else None,
    }
    return _case("ModelCheckpoint", arguments, _logs(draw, arguments["monitor"]))


def _schedulers() -> list[dict[str, Any]]:
    logs = [{"loss": 0.25} for _ in range(4)]
    return [
        _case("LearningRateScheduler", {"schedule": name, "verbose": 1}, logs) for name in SCHEDULES
    ]


def _nan() -> list[dict[str, Any]]:
    series = [[0.5, value, 0.25] for value in (float("nan"), float("inf"), float("-inf"), 0.5)]
    return [_case("TerminateOnNaN", {}, [{"loss": value} for value in one]) for one in series]


#: Functions that a case names.
SCHEDULES: dict[str, Any] = {
    "both": lambda epoch, rate: rate * 0.5 if epoch else rate,
    "epoch": lambda epoch: 0.5 ** (epoch + 1),
}


def _made(keras: Any, case: dict[str, Any]) -> Any:
    arguments = dict(case["arguments"])
    if "schedule" in arguments:
        arguments["schedule"] = SCHEDULES[arguments["schedule"]]
    return getattr(keras.callbacks, case["class"])(**arguments)


def trace(keras: Any, case: dict[str, Any], restart: int | None = None) -> list[Any]:
    """What a callback does: a line for each epoch, and one for the end.

    Before epoch `restart` a new object takes over the state of the old one, which Keras cannot do.
    """
    callback = _made(keras, case)
    done: list[str] = []
    model = SimpleNamespace(
        optimizer=keras.optimizers.SGD(1.0),
        metrics=[],
        stop_training=False,
        get_weights=lambda: [len(lines)],
        set_weights=lambda weights: done.append(f"weights of epoch {weights[0]}"),
        save=lambda path, overwrite=True: done.append(f"save {path}"),
        save_weights=lambda path, overwrite=True: done.append(f"save weights {path}"),
    )
    callback.set_model(model)
    callback.set_params({"epochs": EPOCHS, "steps": BATCHES, "verbose": 0})
    lines: list[Any] = []
    printed = io.StringIO()

    def line(logs: dict[str, float]) -> list[Any]:
        state = [getattr(callback, name, None) for name in ("wait", "best", "cooldown_counter")]
        state = [float(value) if isinstance(value, float) else value for value in state]
        rate = float(model.optimizer.learning_rate)
        logged = "learning_rate" in logs
        words = [model.stop_training, rate, state, logged, printed.getvalue(), list(done)]
        printed.seek(0)
        printed.truncate()
        done.clear()
        return words

    with contextlib.redirect_stdout(printed), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        callback.on_train_begin({})
        for epoch, given in enumerate(case["logs"]):
            if epoch == restart:
                state = callback.get_state()
                callback = _made(keras, case)
                callback.set_model(model)
                callback.on_train_begin({})
                callback.set_state(state)
            logs = dict(given)
            callback.on_epoch_begin(epoch, {})
            for batch in range(BATCHES):
                callback.on_train_batch_begin(batch, {})
                callback.on_train_batch_end(batch, {"loss": logs["loss"]})
            callback.on_epoch_end(epoch, logs)
            warned = sum(issubclass(warning.category, UserWarning) for warning in caught)
            lines.append([*line(logs), warned])
            if model.stop_training:
                break
        callback.on_train_end({})
    return [*lines, line({})]


TABLES: list[dict[str, Any]] = [
    {"runs": [[{"loss": 0.5, "accuracy": 0.25}, {"loss": 0.1, "accuracy": 1.0}]]},
    {"runs": [[{"loss": 0.5, "val_loss": 0.25}, {"loss": 1e-7}]], "separator": ";"},
    {"runs": [[{"loss": 0.5}, {"loss": 2.0, "val_loss": 1.5, "new": 3.0}]], "separator": "\t"},
    {"runs": [[{"loss": 0.5}], [{"loss": 0.25}, {"loss": 0.125}]], "append": True},
    {"runs": [[{"loss": 0.5}], [{"loss": 0.25}]]},
    {"runs": [[{"loss": float("nan"), "text": "a,b", "many": [1, 2.5]}, {"loss": float("inf")}]]},
    {"runs": [[{}, {"loss": 1.0}]]},
]


def table(keras: Any, case: dict[str, Any]) -> str:
    """The file that a CSVLogger leaves after some runs."""
    options = {key: value for key, value in case.items() if key != "runs"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.csv")
        for run in case["runs"]:
            logger = keras.callbacks.CSVLogger(str(path), **options)
            logger.on_train_begin({})
            for epoch, logs in enumerate(run):
                logger.on_epoch_end(epoch, dict(logs))
            logger.on_train_end({})
        return path.read_bytes().decode()
