"""The table of epochs; what it holds is compared with Keras's elsewhere."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, NoReturn

import pytest

import galago
from galago.callbacks import CSVLogger
from galago.errors import ArgumentError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.csv"


def test_a_line_for_each_epoch(model: galago.Sequential, data: Any, path: Path) -> None:
    history = model.fit(*data, epochs=2, verbose=0, callbacks=CSVLogger(path)).history
    head, *lines, end = path.read_bytes().decode().split("\r\n")
    assert head == "epoch,accuracy,loss,val_accuracy,val_loss" and end == ""
    assert lines == [
        f"{epoch},{history['accuracy'][epoch]},{history['loss'][epoch]},NA,NA" for epoch in (0, 1)
    ]


def test_half_a_line_of_another_program_is_ended(path: Path) -> None:
    path.write_bytes(b"epoch,loss\n0,0.5")
    logger = CSVLogger(path, append=True)
    logger.on_train_begin()
    logger.on_epoch_end(1, {"loss": 0.25})
    assert path.read_bytes() == b"epoch,loss\n0,0.5\r\n1,0.25,NA\r\n"


def test_a_failing_disk_leaves_whole_lines(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logger = CSVLogger(path)
    logger.on_train_begin()
    logger.on_epoch_end(0, {"loss": 0.5})
    before = path.read_bytes()

    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "simulated failure")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="simulated failure"):
        logger.on_epoch_end(1, {"loss": 0.25})
    assert path.read_bytes() == before


def test_a_state_takes_back_later_lines(path: Path) -> None:
    path.write_bytes(b"earlier\n")
    logger = CSVLogger(path, append=True)
    logger.on_train_begin()
    logger.on_epoch_end(0, {"loss": 0.5})
    state, before = logger.get_state(), path.read_bytes()
    logger.on_epoch_end(1, {"loss": 0.25})
    again = CSVLogger(path, append=True)
    again.on_train_begin()
    again.set_state(state)
    assert path.read_bytes() == before
    again.on_epoch_end(1, {"loss": 0.125})
    assert path.read_bytes() == before + b"1,0.125,NA\r\n"


def test_a_folder_that_is_not_there_is_known_before_any_work(
    model: galago.Sequential, data: Any, tmp_path: Path
) -> None:
    before = model.get_weights()[0]
    with pytest.raises(FileNotFoundError, match="does not exist"):
        model.fit(*data, verbose=0, callbacks=CSVLogger(tmp_path / "nowhere" / "log.csv"))
    assert (model.get_weights()[0] == before).all()


@pytest.mark.parametrize("separator", ["", "::", '"', "\n", 3])
def test_wrong_separators(separator: Any) -> None:
    with pytest.raises(ArgumentError, match="separator must be one character"):
        CSVLogger("log.csv", separator)
