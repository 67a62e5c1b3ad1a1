"""A callback out of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from galago.callbacks.base import Callback
from galago.errors import ArgumentError
from galago.registry import look_up

_HOOKS = {name: name for name in vars(Callback) if name.startswith("on_")}
Hook = Callable[..., Any] | None


class LambdaCallback(Callback):
    """Calls functions at the hooks they are given for: LambdaCallback(on_epoch_end=print).

    Arguments:
        on_epoch_begin, on_epoch_end, on_train_batch_begin, on_train_batch_end: functions of the
            number and the logs
        on_train_begin, on_train_end: functions of the logs
        hooks: functions for all others of Callback, by their names
    Raises UnknownNameError and ArgumentError.

    >>> lines = []
    >>> note = LambdaCallback(on_epoch_end=lambda epoch, logs: lines.append(logs["loss"]))
    """

    def __init__(
        self,
        on_epoch_begin: Hook = None,
        on_epoch_end: Hook = None,
        on_train_begin: Hook = None,
        on_train_end: Hook = None,
        on_train_batch_begin: Hook = None,
        on_train_batch_end: Hook = None,
        **hooks: Hook,
    ) -> None:
        hooks |= {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }
        for name, function in hooks.items():
            look_up(_HOOKS, name, kind="hook", owner="LambdaCallback")
            if function is None:
                continue
            if not callable(function):
                raise ArgumentError(
                    f"LambdaCallback: {name} must be a function, received {function!r}. Pass for "
                    "example a lambda."
                )
            setattr(self, name, function)
