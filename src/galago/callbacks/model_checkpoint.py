"""A callback that saves the model as it trains."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from galago.callbacks.base import STEP_HOOKS, Logs
from galago.callbacks.frequency import BatchCount, save_frequency
from galago.callbacks.monitor import MonitorCallback, say, warn_missing
from galago.checks import flag, real, whole
from galago.errors import ArgumentError

if TYPE_CHECKING:
    from galago.models.model import Model


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights alone, after each epoch or every so many batches.

    Files appear whole or not at all.

    Arguments:
        filepath: ends in ".keras", or ".weights.h5" with save_weights_only; in it
            "{epoch:02d}-{val_loss:.2f}" stands for the epoch from 1 on and for logged numbers
        monitor: the number that save_best_only compares
        verbose: 1 says what is saved
        save_best_only: whether only what is better than all before is saved
        save_weights_only: whether the weights are saved without the model
        mode: which way is better, "min", "max", or "auto" by the name
        save_freq: "epoch", or a number of batches
        initial_value_threshold: a value to be better than at first
    Raises ArgumentError.

    >>> ModelCheckpoint("best.keras", "val_accuracy", save_best_only=True).monitor
    'val_accuracy'
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        owner = "ModelCheckpoint"
        start = initial_value_threshold
        start = None if start is None else real(start, "initial_value_threshold", owner)
        super().__init__(monitor, mode, 0.0, start)
        self.filepath = os.fspath(filepath)
        self.verbose = whole(verbose, "verbose", owner, minimum=0)
        self.save_best_only = flag(save_best_only, "save_best_only", owner)
        self.save_weights_only = flag(save_weights_only, "save_weights_only", owner)
        self.save_freq = save_frequency(save_freq, owner)
        suffix = ".weights.h5" if save_weights_only else ".keras"
        if not self.filepath.endswith(suffix):
            raise ArgumentError(
                f"{owner}: expected a filepath that ends in {suffix!r}, received "
                f"{self.filepath!r}. Write {self.filepath + suffix!r}, or change "
                "save_weights_only."
            )
        self._batches = BatchCount(self.save_freq)
        self._epoch = 0

    def uses(self, hook: str) -> bool:
        """Tell whether a hook has to be called: those of batches if it saves after batches."""
        return super().uses(hook) and (self.save_freq != "epoch" or hook not in STEP_HOOKS)

    def get_state(self) -> dict[str, Any]:
        """Return the best value, and the batches since the last file."""
        return {"best": self.best, "batches": self._batches.get_state()}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take over what get_state() returned."""
        self.best = state["best"]
        self._batches.set_state(state["batches"])

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Find out which way is better, if that matters."""
        if self.save_best_only:
            super().on_train_begin(logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Know the epoch of the batches."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Save, if it is time."""
        if self._batches.due(batch):
            self._save(self._epoch, batch, logs or {})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save, if epochs are what counts."""
        if self.save_freq == "epoch":
            self._save(epoch, None, logs or {})

    def _save(self, epoch: int, batch: int | None, logs: Logs) -> None:
        path = self._path(epoch, batch, logs)
        if not self._wanted(epoch, path, logs):
            return
        folder = os.path.dirname(path)
        if folder:
            os.makedirs(folder, exist_ok=True)
        model = cast("Model", self.model)
        if self.save_weights_only:
            model.save_weights(path)
        else:
            model.save(path)
        if self.verbose > 0:
            say(f"\nEpoch {epoch + 1}: finished saving model to {path}")

    def _wanted(self, epoch: int, path: str, logs: Logs) -> bool:
        """Whether to save now; says why or why not."""
        time, saving = f"\nEpoch {epoch + 1}: ", f"saving model to {path}"
        current = logs.get(self.monitor)
        if not self.save_best_only:
            message = f"{time}{saving}"
        elif current is None:
            warn_missing(self.monitor, logs, "ModelCheckpoint", "every model is saved")
            return True
        else:
            before = "None" if self.best is None else f"{self.best:.5f}"
            if not self.improves(current, self.best):
                if self.verbose > 0:
                    say(f"{time}{self.monitor} did not improve from {before}")
                return False
            message = f"{time}{self.monitor} improved from {before} to {current:.5f}, {saving}"
            self.best = current
        if self.verbose > 0:
            say(message)
        return True

    def _path(self, epoch: int, batch: int | None, logs: Logs) -> str:
        known: dict[str, Any] = {"epoch": epoch + 1}
        if batch is not None:
            known["batch"] = batch + 1
        known |= logs
        try:
            return self.filepath.format(**known)
        except (KeyError, IndexError, ValueError) as error:
            raise ArgumentError(
                f"ModelCheckpoint: expected a filepath made of {', '.join(known)}, received "
                f"{self.filepath!r}, where {error} cannot be filled in. Write for example "
                "'{epoch:02d}.keras'."
            ) from error
