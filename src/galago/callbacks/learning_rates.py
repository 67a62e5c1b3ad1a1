"""Callbacks that change the learning rate: by a plan, or when nothing gets better."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from galago.callbacks.base import Callback, Logs
from galago.callbacks.monitor import MonitorCallback, say, warn_missing
from galago.checks import real, whole
from galago.errors import ArgumentError


class LearningRateScheduler(Callback):
    """Sets the learning rate at the start of each epoch.

    The logs get a "learning_rate".

    Arguments:
        schedule: a function of the epoch, from 0, and the present rate, or of the epoch alone
        verbose: 1 says each rate
    Raises ArgumentError.

    >>> halved = LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        if not callable(schedule):
            raise ArgumentError(
                f"LearningRateScheduler: schedule must be a function, received {schedule!r}. Pass "
                "for example lambda epoch, rate: rate * 0.9."
            )
        self.schedule = schedule
        self.verbose = whole(verbose, "verbose", "LearningRateScheduler", minimum=0)
        self._takes_rate = _takes(schedule, 0, 0.0)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Set the rate."""
        optimizer = self.model.optimizer
        given = (epoch, optimizer.learning_rate) if self._takes_rate else (epoch,)
        rate = real(self.schedule(*given), "the schedule's rate", "LearningRateScheduler", low=0.0)
        optimizer.learning_rate = rate
        if self.verbose > 0:
            say(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Log the rate."""
        if logs is not None:
            logs["learning_rate"] = self.model.optimizer.learning_rate


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by `factor` when a number has not improved for a while.

    The logs get a "learning_rate": that of the epoch.

    Arguments:
        monitor: the name of a logged number
        factor: 0 or more, less than 1
        patience: epochs without improvement
        verbose: 1 says when it happens
        mode: which way is better, "min", "max", or "auto" by the name
        min_delta: what counts as an improvement at least
        cooldown: epochs to pass after each reduction
        min_lr: the smallest rate
    Raises ArgumentError.

    >>> ReduceLROnPlateau(factor=0.5, patience=2, min_lr=1e-5).cooldown_counter
    0
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta, None)
        owner = "ReduceLROnPlateau"
        self.factor = real(factor, "factor", owner, low=0.0, high=1.0)
        if self.factor == 1.0:
            raise ArgumentError(
                f"{owner}: factor must be less than 1, at which the learning rate would stay as it "
                f"is, received {factor!r}. Pass for example factor=0.5."
            )
        self.patience = whole(patience, "patience", owner, minimum=0)
        self.verbose = whole(verbose, "verbose", owner, minimum=0)
        self.cooldown = whole(cooldown, "cooldown", owner, minimum=0)
        self.min_lr = real(min_lr, "min_lr", owner, low=0.0)
        self._reset()

    def _reset(self) -> None:
        self.best = None
        self.cooldown_counter = self.wait = 0

    def get_state(self) -> dict[str, Any]:
        """Return the best value, and how long ago it and the last reduction were."""
        return {"best": self.best, "wait": self.wait, "cooldown_counter": self.cooldown_counter}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take over what get_state() returned."""
        self.best, self.wait = state["best"], state["wait"]
        self.cooldown_counter = state["cooldown_counter"]

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start anew, so that an object can serve several trainings."""
        super().on_train_begin(logs)
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare, and reduce the rate when patience is at its end."""
        logs = {} if logs is None else logs
        logs["learning_rate"] = self.model.optimizer.learning_rate
        current = logs.get(self.monitor)
        if current is None:
            effect = "the learning rate will not be reduced"
            warn_missing(self.monitor, logs, "ReduceLROnPlateau", effect)
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.improves(current, self.best):
            self.best, self.wait = current, 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter, self.wait = self.cooldown, 0

    def in_cooldown(self) -> bool:
        """Tell whether the last reduction is so recent that epochs do not count."""
        return self.cooldown_counter > 0

    def _reduce(self, epoch: int) -> bool:
        optimizer = self.model.optimizer
        old = optimizer.learning_rate
        if old <= self.min_lr:
            return False
        optimizer.learning_rate = new = max(old * self.factor, self.min_lr)
        if self.verbose > 0:
            say(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}.")
        return True


def _takes(function: Callable[..., Any], *arguments: Any) -> bool:
    """Whether a function can be called so, as far as it says of itself."""
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        return False
    except ValueError:  # some functions of C have no signature
        return True
    return True
