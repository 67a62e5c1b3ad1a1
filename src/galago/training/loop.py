"""The loops behind fit, evaluate and predict: generators of events, without any output."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from galago import random
from galago.training import events as ev
from galago.training.adapters import Examples
from galago.training.binding import Binding
from galago.training.meter import Meter


@dataclass(frozen=True, slots=True)
class Schedule:
    """How fit() goes through its data."""

    batch_size: int
    epochs: int
    first_epoch: int
    shuffle: bool
    #: Whether somebody may steer between two steps. If not, the engine gets several at a time.
    live: bool


class _Bursts:
    """How many steps the engine gets at a time: some 20 ms of them, one to begin with."""

    _SECONDS = 0.02

    def __init__(self) -> None:
        self.steps = 1

    def ran(self, steps: int, seconds: float) -> None:
        """Learn from a burst; never more than twice as many as were seen to be quick."""
        wanted = int(steps * self._SECONDS / max(seconds, 1e-9))
        self.steps = max(1, min(wanted, 2 * steps))


def fit_events(
    binding: Binding,
    train: Examples,
    validation: Examples | None,
    schedule: Schedule,
    meter: Meter,
    control: ev.Control,
) -> Iterator[ev.Event]:
    """Train, and tell every step. A stop ends the epoch early; its validation still runs."""
    batch = schedule.batch_size
    steps = -(-len(train.x) // batch)
    bursts = None if schedule.live or meter.reads_outputs else _Bursts()
    logs: ev.Logs = {}
    control.stop = False
    binding.begin_training()
    yield ev.TrainBegin(schedule.first_epoch, schedule.epochs, steps)
    for epoch in range(schedule.first_epoch, schedule.epochs):
        yield ev.EpochBegin(epoch, schedule.epochs, steps)
        order = _order(len(train.x), schedule.shuffle, binding)
        meter.start()
        first = 0
        while first < steps and not (first and control.stop):
            count = bursts.steps if bursts else 1
            rows = order[first * batch : (first + count) * batch]
            yield ev.StepBegin(epoch, first)
            start = time.perf_counter()
            rate = control.learning_rate
            results = binding.train_steps(train.x, train.y, rows, batch, rate, train.weights)
            if bursts:
                bursts.ran(len(results), time.perf_counter() - start)
            seen = train
            if meter.reads_outputs:
                weights = None if train.weights is None else train.weights[rows]
                seen = Examples(train.x, train.y[rows], weights)
            for step, result in enumerate(results, first):
                if step > first:
                    yield ev.StepBegin(epoch, step)
                size = min(batch, len(order) - step * batch)
                meter.add(size, result, seen.y, binding.session.last_outputs, seen.weights)
                logs = meter.logs()
                yield ev.StepEnd(epoch, step, steps, logs)
            first += len(results)
        if validation is not None:
            found = yield from _evaluate(binding, validation, batch, meter, training=True)
            logs = logs | {f"val_{name}": value for name, value in found.items()}
        yield ev.EpochEnd(epoch, schedule.epochs, steps, logs)
        if control.stop:
            break
    yield ev.TrainEnd(logs)


def evaluate_events(
    binding: Binding, examples: Examples, batch_size: int, meter: Meter
) -> Iterator[ev.Event]:
    """Evaluate; the last event holds the means over all examples."""
    binding.push()
    yield from _evaluate(binding, examples, batch_size, meter, training=False)


def predict_events(
    binding: Binding, x: npt.NDArray[Any], batch_size: int, outputs: npt.NDArray[Any]
) -> Iterator[ev.Event]:
    """Predict into `outputs`, one row for each of x."""
    binding.push()
    steps = -(-len(x) // batch_size)
    yield ev.PredictBegin(steps)
    for step in range(steps):
        yield ev.PredictStepBegin(step)
        start, stop = step * batch_size, min((step + 1) * batch_size, len(x))
        outputs[start:stop] = binding.predict(x, start, stop)
        yield ev.PredictStepEnd(step, steps, outputs[start:stop])
    yield ev.PredictEnd(steps)


def _evaluate(
    binding: Binding, examples: Examples, batch_size: int, meter: Meter, *, training: bool
) -> Generator[ev.Event, None, ev.Logs]:
    rows, weights = len(examples.x), examples.weights
    steps = -(-rows // batch_size)
    meter.start()
    yield ev.EvaluateBegin(steps, training)
    for step in range(steps):
        yield ev.EvaluateStepBegin(step)
        start, stop = step * batch_size, min((step + 1) * batch_size, rows)
        result = binding.test_step(examples.x, examples.y, start, stop, weights)
        counts = None if weights is None else weights[start:stop]
        labels = examples.y[start:stop]
        meter.add(stop - start, result, labels, binding.session.last_outputs, counts)
        yield ev.EvaluateStepEnd(step, steps, meter.logs(), training)
    logs = meter.logs()
    yield ev.EvaluateEnd(steps, logs, training)
    return logs


def _order(rows: int, shuffle: bool, binding: Binding) -> npt.NDArray[np.int64]:
    """Rows in the order of an epoch. It depends on the seed and the steps done so far only, so
    that a run that continues from a checkpoint shuffles as the uninterrupted one would have.
    """
    if not shuffle:
        return np.arange(rows, dtype=np.int64)
    return random.permutation(rows, random.SHUFFLE, binding.session.iterations)
