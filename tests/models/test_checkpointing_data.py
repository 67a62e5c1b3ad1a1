"""What data and which folders a training with checkpoints takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago import callbacks, layers
from galago.errors import ArgumentError

X, Y = np.ones((8, 3), np.float32), np.zeros((8, 1), np.float32)


def model() -> galago.Sequential:
    made = galago.Sequential([layers.Dense(1, input_shape=(3,))])
    made.compile("sgd", "mse")
    return made


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            {"x": iter([(X, Y)])},
            "fit(): expected arrays for a training with checkpoints, received a generator, which "
            "may give other batches the next time. Pass arrays, or leave out the checkpoint and "
            "save the model with ModelCheckpoint.",
        ),
        (
            {"x": X, "y": Y, "steps_per_epoch": 1},
            "fit(): expected whole epochs for a training with checkpoints, received "
            "steps_per_epoch. Leave steps_per_epoch out, or the checkpoint.",
        ),
        (
            {"x": X, "y": Y, "validation_data": (X, Y), "validation_steps": 1},
            "fit(): expected whole epochs for a training with checkpoints, received "
            "validation_steps. Leave validation_steps out, or the checkpoint.",
        ),
    ],
)
def test_it_has_to_be_the_same_the_next_time(
    data: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ArgumentError) as caught:
        model().fit(**data, checkpoint=tmp_path / "checkpoint", verbose=0)
    assert str(caught.value) == message


@pytest.mark.parametrize("folder", ["", None, 3])
def test_wrong_folders(folder: Any) -> None:
    with pytest.raises(ArgumentError, match="backup_dir must be the name of a folder"):
        callbacks.BackupAndRestore(folder)


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("")
    with pytest.raises(FileExistsError):
        model().fit(X, Y, checkpoint=tmp_path / "backup", verbose=0)
