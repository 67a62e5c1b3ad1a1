"""Callbacks that end a training: nothing gets better, it is good enough, or it has failed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from galago.callbacks.base import STEP_HOOKS, Callback, Logs
from galago.callbacks.monitor import Better, MonitorCallback, better, say, warn_missing
from galago.checks import flag, real, whole
from galago.errors import ArgumentError, NumericsError
from galago.registry import look_up


class EarlyStopping(MonitorCallback):
    """Stops when a number has not improved for `patience` epochs.

    Arguments:
        monitor: the name of a logged number
        min_delta: what counts as an improvement at least
        patience: epochs without one until the end
        verbose: 1 says when it happens
        mode: which way is better, "min", "max", or "auto" by the name
        baseline: a value to be better than within `patience` epochs
        restore_best_weights: whether the model gets back the weights of its best epoch at the end
        start_from_epoch: epochs to pass at first
    Raises ArgumentError.

    >>> EarlyStopping("val_accuracy", patience=3, restore_best_weights=True).wait
    0
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta, None)
        owner = "EarlyStopping"
        self.patience = whole(patience, "patience", owner, minimum=0)
        self.verbose = whole(verbose, "verbose", owner, minimum=0)
        self.baseline = None if baseline is None else real(baseline, "baseline", owner)
        self.restore_best_weights = flag(restore_best_weights, "restore_best_weights", owner)
        self.start_from_epoch = whole(start_from_epoch, "start_from_epoch", owner, minimum=0)
        self._reset()

    def _reset(self) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best = None
        self.best_weights: list[Any] | None = None

    def get_state(self) -> dict[str, Any]:
        """Return the best epoch, its value and weights, and how long ago it was."""
        return {
            "wait": self.wait,
            "stopped_epoch": self.stopped_epoch,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take over what get_state() returned."""
        self.wait, self.stopped_epoch = state["wait"], state["stopped_epoch"]
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self.best_weights = state["best_weights"]

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start anew, so that an object can serve several trainings."""
        super().on_train_begin(logs)
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare, and stop when patience is at its end."""
        logs = logs or {}
        current = logs.get(self.monitor)
        if current is None:
            warn_missing(self.monitor, logs, "EarlyStopping", "training will not be stopped")
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self.improves(current, self.best):
            self.best, self.best_epoch = current, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self.improves(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Give the best weights back."""
        if self.stopped_epoch > 0 and self.verbose > 0:
            say(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                say(
                    "Restoring model weights from the end of the best epoch: "
                    f"{self.best_epoch + 1}."
                )
            self.model.set_weights(self.best_weights)


class StopAt(Callback):
    """Stops at the end of the epoch in which every condition is met: StopAt(accuracy=0.998).

    Arguments:
        when: "epoch"; with "batch" the running means are compared after each batch, to stop there
        verbose: 0 says nothing, 1 what was reached
        conditions: names of logged numbers with the values to reach, above or below, whichever is
            better for that name
    Raises ArgumentError.

    >>> StopAt(val_accuracy=0.99, val_loss=0.05).conditions
    {'val_accuracy': 0.99, 'val_loss': 0.05}
    """

    def __init__(self, *, when: str = "epoch", verbose: int = 1, **conditions: float) -> None:
        look_up({"epoch": None, "batch": None}, when, kind="time to compare", owner="StopAt")
        if not conditions:
            raise ArgumentError(
                "StopAt: expected a logged number and the value to reach, received none. Write for "
                "example StopAt(accuracy=0.998)."
            )
        self.when = when
        self.verbose = whole(verbose, "verbose", "StopAt", minimum=0)
        self.conditions = {name: real(goal, name, "StopAt") for name, goal in conditions.items()}
        late = next((name for name in conditions if name.startswith("val_")), None)
        if when == "batch" and late is not None:
            raise ArgumentError(
                f"StopAt: expected numbers that are known after a batch, received {late!r}, which "
                "is after an epoch. Leave out when='batch'."
            )
        self._better: dict[str, Better] = {}
        self._epoch = 0

    def uses(self, hook: str) -> bool:
        """Tell whether a hook has to be called: those of batches with when="batch" only."""
        return super().uses(hook) and (self.when == "batch" or hook not in STEP_HOOKS)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Find out which way is better. Raises ArgumentError, before any work."""
        self._better = {
            name: better(name, self.model, "StopAt", "Name one of them.")
            for name in self.conditions
        }

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Know the epoch of the batches."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Compare the running means."""
        self._compare(f"Epoch {self._epoch + 1}, batch {batch + 1}", logs or {})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare the means of the epoch."""
        if self.when == "epoch":
            self._compare(f"Epoch {epoch + 1}", logs or {})

    def _compare(self, time: str, logs: Logs) -> None:
        missing = next((name for name in self.conditions if name not in logs), None)
        if missing is not None:
            warn_missing(missing, logs, "StopAt", "training will not be stopped")
            return
        if not all(self._reached(name, logs[name]) for name in self.conditions):
            return
        self.model.stop_training = True
        if self.verbose > 0:
            found = " and ".join(
                f"{name} {logs[name]:.6g} reached {goal:.6g}"
                for name, goal in self.conditions.items()
            )
            say(f"\n{time}: {found}, stopping")

    def _reached(self, name: str, value: float) -> bool:
        goal = self.conditions[name]
        return value >= goal if self._better[name] == "max" else value <= goal


class TerminateOnNaN(Callback):
    """Stops after the batch that made the loss NaN or infinite.

    Arguments:
        raise_error: whether it raises NumericsError there instead; on_train_end is not called then
    Raises ArgumentError.

    >>> TerminateOnNaN(raise_error=True).raise_error
    True
    """

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = flag(raise_error, "raise_error", "TerminateOnNaN")

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Look at the loss."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise NumericsError(
                f"TerminateOnNaN: expected a finite loss, received {loss} at batch {batch}. Lower "
                "the learning rate, scale the inputs, or look for NaN in them."
            )
        say(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
