"""The watch on the loss: a training that has left the numbers says so."""

from __future__ import annotations

import math
from collections.abc import Mapping

from galago.errors import NumericsWarning, warn
from galago.training.events import Control, Event, Handler, StepEnd


class NumericsWatch:
    """Warns once a run, at the first step whose loss is NaN or infinite; stops nothing.

    It says nothing of a training that somebody has stopped already.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self._warned = False

    def handlers(self) -> Mapping[type[Event], Handler]:
        """Look at the loss after each step."""
        return {StepEnd: self._check}

    def _check(self, event: StepEnd) -> None:
        if math.isfinite(event.logs["loss"]) or self._warned or self._control.stop:
            return
        self._warned = True
        of_all = "" if event.steps is None else f" of {event.steps}"
        warn(
            f"fit(): the loss became {event.logs['loss']} in epoch {event.epoch + 1}, step "
            f"{event.step + 1}{of_all}; training goes on, but its result is of no use. "
            "Lower the learning rate, scale the inputs (x / 255.0), or look for NaN in them with "
            "galago.config.set_check_inputs(True).",
            NumericsWarning,
        )
