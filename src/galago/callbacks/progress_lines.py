"""Progress where a line cannot be redrawn, such as a file: one line an epoch, no control codes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TextIO

from galago.callbacks.progress_text import metrics_text, step_time
from galago.training import events as ev


class ProgressLines:
    """Writes a line at the end of each epoch, and of evaluate() and predict()."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.perf_counter) -> None:
        self._stream, self._clock = stream, clock
        self._began = 0.0
        self._stepped: float | None = None

    def handlers(self) -> Mapping[type[ev.Event], ev.Handler]:
        """Return handlers for beginnings and ends; steps are not looked at."""
        return {
            ev.EpochBegin: self._begin,
            ev.EpochEnd: self._end_epoch,
            ev.EvaluateBegin: self._begin_evaluation,
            ev.EvaluateEnd: self._end_evaluation,
            ev.PredictBegin: self._begin,
            ev.PredictEnd: self._end_prediction,
        }

    def _begin(self, event: ev.Event) -> None:
        self._began, self._stepped = self._clock(), None

    def _begin_evaluation(self, event: ev.EvaluateBegin) -> None:
        if event.training:
            self._stepped = self._clock()
        else:
            self._begin(event)

    def _end_epoch(self, event: ev.EpochEnd) -> None:
        self._write(f"Epoch {event.epoch + 1}/{event.epochs}", event.steps, event.logs)

    def _end_evaluation(self, event: ev.EvaluateEnd) -> None:
        if not event.training:
            self._write(f"{event.steps}/{event.steps}", event.steps, event.logs)

    def _end_prediction(self, event: ev.PredictEnd) -> None:
        self._write(f"{event.steps}/{event.steps}", event.steps, {})

    def _write(self, title: str, steps: int, logs: Mapping[str, float]) -> None:
        now = self._clock()
        # The validation counts in the time of the epoch, but not in the time of a step.
        stepping = (now if self._stepped is None else self._stepped) - self._began
        text = f"{title} - {now - self._began:.0f}s {step_time(stepping / steps)}"
        self._stream.write(f"{text}{metrics_text(logs)}\n")
        self._stream.flush()
