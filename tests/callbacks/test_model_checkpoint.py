"""Models saved as they train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago.callbacks import ModelCheckpoint
from galago.callbacks.base import watch_steps
from galago.callbacks.frequency import BatchCount, save_frequency
from galago.errors import ArgumentError, GalagoWarning
from galago.models import load_model


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_names_hold_the_epoch_and_numbers(
    model: galago.Sequential, data: Any, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "{epoch:02d}-{val_loss:.3f}.keras"
    history = model.fit(
        *data, epochs=3, verbose=0, callbacks=ModelCheckpoint(path), validation_split=0.25
    )
    losses = history.history["val_loss"]
    assert names(tmp_path / "new") == [f"{n + 1:02d}-{v:.3f}.keras" for n, v in enumerate(losses)]
    saved = load_model(tmp_path / "new" / names(tmp_path / "new")[-1])
    np.testing.assert_array_equal(saved.predict(data[0], verbose=0), model.predict(data[0]))


def test_weights_alone_after_batches(model: galago.Sequential, data: Any, tmp_path: Path) -> None:
    path = tmp_path / "{epoch}-{batch}.weights.h5"
    save = ModelCheckpoint(path, save_weights_only=True, save_freq=5)
    model.fit(*data, batch_size=12, epochs=4, verbose=0, callbacks=save)
    assert names(tmp_path) == ["2-1.weights.h5", "3-2.weights.h5", "4-3.weights.h5"]


def test_the_best_after_batches(model: galago.Sequential, data: Any, tmp_path: Path) -> None:
    path = tmp_path / "{batch}.keras"
    save = ModelCheckpoint(path, "loss", save_best_only=True, save_freq=1)
    model.fit(*data, batch_size=12, verbose=0, callbacks=save, shuffle=False)
    assert save.best is not None and "1.keras" in names(tmp_path)


def test_a_number_that_is_not_logged(model: galago.Sequential, data: Any, tmp_path: Path) -> None:
    save = ModelCheckpoint(tmp_path / "best.keras", save_best_only=True)
    with pytest.warns(GalagoWarning, match="'val_loss' to be logged.*so every model is saved"):
        model.fit(*data, verbose=0, callbacks=save)
    assert names(tmp_path) == ["best.keras"]


def test_a_name_that_cannot_be_made(model: galago.Sequential, data: Any, tmp_path: Path) -> None:
    save = ModelCheckpoint(tmp_path / "{val_los:.2f}.keras")
    words = "expected a filepath made of epoch, accuracy, loss, received .*'val_los' cannot be"
    with pytest.raises(ArgumentError, match=words):
        model.fit(*data, verbose=0, callbacks=save)


def test_a_folder_in_the_way(model: galago.Sequential, data: Any, tmp_path: Path) -> None:
    (tmp_path / "model.keras").mkdir()
    with pytest.raises(OSError, match="Expected a file to replace, found a folder"):
        model.fit(*data, verbose=0, callbacks=ModelCheckpoint(tmp_path / "model.keras"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"filepath": "model.h5"}, r"ends in '\.keras', received 'model\.h5'"),
        ({"filepath": "m.keras", "save_weights_only": True}, r"ends in '\.weights\.h5'"),
        ({"filepath": "m.keras", "save_freq": "batch"}, "save_freq must be 'epoch' or a number"),
        ({"filepath": "m.keras", "save_freq": 0}, "save_freq must be a whole number of at least 1"),
        ({"filepath": "m.keras", "initial_value_threshold": "x"}, "initial_value_threshold must"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        ModelCheckpoint(**arguments)


def test_batches_are_watched_only_if_they_count() -> None:
    assert not watch_steps([ModelCheckpoint("m.keras")])
    assert watch_steps([ModelCheckpoint("m.keras", save_freq=9)])


def test_batches_are_counted_over_epochs() -> None:
    count = BatchCount(save_frequency(3, ""))
    assert [count.due(batch) for batch in (0, 1, 0, 1, 0, 1)] == [False, False, True] * 2
    other = BatchCount(3)
    other.set_state(count.get_state())
    assert [other.due(0), other.due(0), other.due(0)] == [False, False, True]
