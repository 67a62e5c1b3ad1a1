"""The callback that asks fit() for checkpoints from which training goes on exactly."""

from __future__ import annotations

import os
from typing import Any

from galago.callbacks.base import STEP_HOOKS, Callback
from galago.callbacks.frequency import save_frequency
from galago.checks import flag
from galago.errors import ArgumentError


class BackupAndRestore(Callback):
    """Keeps checkpoints of a training; the same fit() called again goes on from the newest.

    What comes out is the same to the last bit as if nothing had happened: weights, optimizer,
    history, the callbacks' decisions, the order of the examples, what dropout drops. A checkpoint
    of another model, optimizer, batch size or of other data is refused. Where in the list of
    callbacks it stands makes no difference. `fit(checkpoint=folder)` is the same with the defaults.

    Arguments:
        backup_dir: a folder for the checkpoints of this training
        save_freq: "epoch", or a number of batches
        double_checkpoint: whether the one before the newest is kept, should that be damaged
        delete_checkpoint: whether all are deleted when the training ends as planned
    Raises ArgumentError.

    >>> BackupAndRestore("backup", save_freq=100).save_freq
    100
    """

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = True,
        delete_checkpoint: bool = True,
    ) -> None:
        owner = "BackupAndRestore"
        if not isinstance(backup_dir, (str, os.PathLike)) or not os.fspath(backup_dir):
            raise ArgumentError(
                f"{owner}: backup_dir must be the name of a folder, received {backup_dir!r}. Pass "
                "for example 'backup'."
            )
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_frequency(save_freq, owner)
        self.double_checkpoint = flag(double_checkpoint, "double_checkpoint", owner)
        self.delete_checkpoint = flag(delete_checkpoint, "delete_checkpoint", owner)

    def uses(self, hook: str) -> bool:
        """Tell that single batches matter, where checkpoints are written between them."""
        return hook in STEP_HOOKS and self.save_freq != "epoch"


def backup_among(callbacks: list[Callback], checkpoint: Any) -> BackupAndRestore | None:
    """Return what fit() was told of checkpoints, by a callback or by `checkpoint`, if anything.

    Raises ArgumentError if it was told twice.
    """
    found = [callback for callback in callbacks if isinstance(callback, BackupAndRestore)]
    if checkpoint is not None:
        found.append(BackupAndRestore(checkpoint))
    if len(found) > 1:
        raise ArgumentError(
            f"fit(): expected one place for checkpoints, received {len(found)}: "
            f"{', '.join(repr(one.backup_dir) for one in found)}. Pass checkpoint=... or one "
            "BackupAndRestore."
        )
    return found[0] if found else None
