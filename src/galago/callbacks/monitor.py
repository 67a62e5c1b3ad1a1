"""What callbacks that watch one number have in common: which way is better, and whether it is."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from galago.callbacks.base import Callback, Logs
from galago.checks import real
from galago.errors import ArgumentError, GalagoWarning
from galago.registry import look_up, nearest

if TYPE_CHECKING:
    from galago.models.trainer import Trainer

Better = Literal["max", "min"]

#: What is logged beside the metrics, and which way it is better.
_ALWAYS: Mapping[str, Better] = {"loss": "min", "learning_rate": "min"}
_VALIDATION = "val_"
_MODES: Mapping[str, Better | None] = {"auto": None, "min": "min", "max": "max"}


def better(name: str, model: Trainer, owner: str, advice: str) -> Better:
    """Return whether larger or smaller values of a logged number are better.

    By its name: those of the loss and of the metrics, with or without "val_". Raises
    ArgumentError with the names there are for any other, and for a metric that has no better.
    """
    plain = name.removeprefix(_VALIDATION)
    if plain in _ALWAYS:
        return _ALWAYS[plain]
    known = model.logged if model.compiled else {"loss": None}
    found = known.get(plain)
    if found is not None:
        return found
    names = list(known)
    what = (
        "but it is not known whether larger values of it are better."
        if plain in known
        else "which neither compile() nor the loss has." + nearest(name, _with_validation(names))
    )
    raise ArgumentError(
        f"{owner}: expected the name of a number that is logged, received {name!r}, {what} "
        f"Logged are: {', '.join(names)}, and with validation data the same with 'val_' in front. "
        f"{advice}"
    )


def say(message: str) -> None:
    """Print a message of a callback, as Keras does."""
    print(message, flush=True)


def warn_missing(name: str, logs: Mapping[str, Any], owner: str, effect: str) -> None:
    """Warn of a number that is not logged: what follows, what there is, and what to do."""
    advice = (
        "Pass validation_data or validation_split to fit()."
        if name.startswith(_VALIDATION) and not any(key.startswith(_VALIDATION) for key in logs)
        else "Name one of them."
    )
    warnings.warn(
        f"{owner}: expected {name!r} to be logged, but it is not, so {effect}."
        f"{nearest(name, logs)} Logged are: {', '.join(logs)}. {advice}",
        GalagoWarning,
        stacklevel=3,
    )


class MonitorCallback(Callback):
    """Base of callbacks that watch one logged number for improvements.

    Arguments:
        monitor: the name of a logged number
        mode: which way is better, "min", "max", or "auto" by the name
        min_delta: what counts as an improvement at least
        best: the best value so far, None before the first
    Raises ArgumentError.
    """

    def __init__(self, monitor: str, mode: str, min_delta: float, best: float | None) -> None:
        owner = type(self).__name__
        if not isinstance(monitor, str):
            raise ArgumentError(
                f"{owner}: monitor must be the name of a logged number, received {monitor!r}. "
                "Pass for example monitor='val_loss'."
            )
        self.monitor = monitor
        self.mode = mode
        self.min_delta = abs(real(min_delta, "min_delta", owner))
        self.best = best
        self._better = look_up(_MODES, mode, kind="mode", owner=owner)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Find out which way is better. Raises ArgumentError, before any work."""
        if self._better is None:
            advice = "Name one of them, or pass mode='max' or mode='min'."
            self._better = better(self.monitor, self.model, type(self).__name__, advice)

    def improves(self, value: float, reference: float | None) -> bool:
        """Tell whether a value is better than a reference by more than min_delta."""
        if reference is None:
            return True
        if self._better == "max":
            return value - self.min_delta > reference
        return value + self.min_delta < reference


def _with_validation(names: Iterable[str]) -> list[str]:
    return [prefix + name for name in names for prefix in ("", _VALIDATION)]
