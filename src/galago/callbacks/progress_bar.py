"""Progress on a terminal or in a notebook: Keras's bar, redrawn in place."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TextIO

from galago.callbacks.progress_text import metrics_text, remaining_time, step_time
from galago.training import events as ev

#: Seconds between two drawings, and the bar's width, as in Keras.
_INTERVAL, _WIDTH = 0.05, 20
_BOLD, _GREEN, _WHITE, _PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"


class ProgressBar:
    """Draws a bar for each epoch, and for evaluate() and predict().

    `columns` returns the width of the terminal, None where lines may have any length: a line
    that wraps could not be drawn over.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        colour: bool,
        columns: Callable[[], int | None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._stream, self._clock, self._columns = stream, clock, columns
        self._bold, self._green, self._white, self._plain = (
            (_BOLD, _GREEN, _WHITE, _PLAIN) if colour else ("", "", "", "")
        )
        self._mark = "━" if _can_write("━", stream) else "="
        self._open = False

    def handlers(self) -> Mapping[type[ev.Event], ev.Handler]:
        """Return handlers for steps, beginnings and ends."""
        return {
            ev.EpochBegin: self._begin_epoch,
            ev.StepEnd: self._step,
            ev.EpochEnd: self._end_epoch,
            ev.EvaluateBegin: self._begin_evaluation,
            ev.EvaluateStepEnd: self._evaluation_step,
            ev.EvaluateEnd: self._end_evaluation,
            ev.PredictBegin: self._begin,
            ev.PredictStepEnd: self._prediction_step,
            ev.PredictEnd: self._end_prediction,
            ev.Aborted: self._abort,
        }

    def _begin(self, event: ev.Event) -> None:
        self._began = self._after_first = self._stepped = self._clock()
        self._drawn = float("-inf")
        self._done, self._length = 0, 0

    def _begin_epoch(self, event: ev.EpochBegin) -> None:
        self._begin(event)
        if event.epochs > 1:
            self._stream.write(f"Epoch {event.epoch + 1}/{event.epochs}\n")

    def _begin_evaluation(self, event: ev.EvaluateBegin) -> None:
        if not event.training:
            self._begin(event)

    def _step(self, event: ev.StepEnd) -> None:
        self._advance(event.step + 1, event.steps, event.logs)

    def _evaluation_step(self, event: ev.EvaluateStepEnd) -> None:
        if not event.training:
            self._advance(event.step + 1, event.steps, event.logs)

    def _prediction_step(self, event: ev.PredictStepEnd) -> None:
        self._advance(event.step + 1, event.steps, {})

    def _advance(self, done: int, steps: int | None, logs: Mapping[str, float]) -> None:
        now = self._clock()
        if done == 1:
            self._after_first = now
        self._done, self._stepped = done, now
        if now - self._drawn < _INTERVAL:
            return
        self._drawn = now
        if steps is None:
            clock = self._elapsed(now)
        else:
            clock = remaining_time(self._seconds_a_step() * (steps - done))
        self._draw(done, steps, clock, logs)

    def _end_epoch(self, event: ev.EpochEnd) -> None:
        self._finish(event.steps, event.logs)

    def _end_evaluation(self, event: ev.EvaluateEnd) -> None:
        if not event.training:
            self._finish(event.steps, event.logs)

    def _end_prediction(self, event: ev.PredictEnd) -> None:
        self._finish(event.steps, {})

    def _finish(self, steps: int, logs: Mapping[str, float]) -> None:
        self._draw(steps, steps, self._elapsed(self._clock()), logs, last=True)

    def _elapsed(self, now: float) -> str:
        return f"{now - self._began:.0f}s"

    def _abort(self, event: ev.Aborted) -> None:
        if self._open:
            self._stream.write("\n")
            self._open = False

    def _seconds_a_step(self) -> float:
        """Time of a step; the first one, which warms up, counts only while it is the only one."""
        if self._done > 1:
            return (self._stepped - self._after_first) / (self._done - 1)
        return self._stepped - self._began

    def _draw(
        self,
        done: int,
        steps: int | None,
        clock: str,
        logs: Mapping[str, float],
        last: bool = False,
    ) -> None:
        """Draw the line; without a bar while nobody knows how many steps there are."""
        count = f"{done:>7}/Unknown" if steps is None else f"{done:>{len(str(steps))}}/{steps}"
        tail = f" {step_time(self._seconds_a_step())}{metrics_text(logs)}"
        gap = "" if steps is None else " "
        width = 0 if steps is None else _WIDTH
        room = None if last else self._columns()
        if room is not None:
            spare = room - 1 - len(f"{count}{gap} {clock}{tail}")
            width = max(0, min(width, spare))
            tail = tail[: len(tail) + min(spare, 0)]
        if steps is None:
            head = count
        else:
            head = f"{self._bold}{count}{self._plain} {self._bar(width * done // steps, width)}"
        length = len(f"{count}{gap} {clock}{tail}") + width
        pad = " " * max(0, self._length - length)
        self._stream.write(
            f"\r{head} {self._bold}{clock}{self._plain}{tail}{pad}" + ("\n" if last else "")
        )
        self._stream.flush()
        self._length, self._open = length, not last

    def _bar(self, full: int, width: int) -> str:
        green = f"{self._green}{self._mark * full}{self._plain}" if full else ""
        return f"{green}{self._white}{self._mark * (width - full)}{self._plain}"


def _can_write(text: str, stream: TextIO) -> bool:
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
