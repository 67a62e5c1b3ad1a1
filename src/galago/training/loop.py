"""The loops behind fit, evaluate and predict: generators of events, without any output."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from galago.training import events as ev
from galago.training.binding import Binding
from galago.training.feed import Feed
from galago.training.meter import Meter
from galago.training.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Start:
    """Where a training goes on: in an epoch, before a step, with what the steps before gave."""

    epoch: int
    step: int
    logs: ev.Logs
    #: The meter's state; an epoch that goes on at its first step needs none.
    meter: Mapping[str, Any]


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
    train: Feed,
    validation: Feed | None,
    schedule: Schedule,
    meter: Meter,
    control: ev.Control,
    start: Start | None = None,
) -> Iterator[ev.Event]:
    """Train, and tell every step. A stop ends the epoch early; its validation still runs.

    With `start` the training goes on there; watchers have put back the rest, a stop included.
    """
    bursts = None if schedule.live or meter.reads_outputs else _Bursts()
    start = start or Start(schedule.first_epoch, 0, {}, {})
    logs = dict(start.logs)
    control.stop = False
    binding.begin_training()
    yield ev.TrainBegin(start.epoch, schedule.epochs, train.steps)
    for epoch in range(start.epoch, schedule.epochs):
        step = start.step if epoch == start.epoch else 0
        if train.spent() or (control.stop and start.logs and not step):
            break  # as the training that goes on was about to
        yield ev.EpochBegin(epoch, schedule.epochs, train.steps)
        # Keyed by the steps before it, so that a run that continues from a checkpoint goes through
        # the data as the uninterrupted one would have.
        train.begin(binding.session.iterations - step, skip=step)
        meter.start()
        if step:
            meter.set_state(start.meter)
        while not (step and control.stop):
            portion = train.take(bursts.steps if bursts else 1)
            if portion is None:
                break
            examples, rows = portion.examples, portion.rows
            yield ev.StepBegin(epoch, step)
            began = time.perf_counter()
            rates = control.learning_rates(binding.session.iterations, portion.steps)
            results = binding.train_steps(examples, rows, portion.batch, rates)
            if bursts:
                bursts.ran(len(results), time.perf_counter() - began)
            seen = examples.taken(rows) if meter.reads_outputs else examples
            left = len(rows)
            for number, result in enumerate(results):
                if number:
                    yield ev.StepBegin(epoch, step)
                size, outputs = min(portion.batch, left), binding.session.last_outputs
                meter.add(size, result, seen.y, outputs, seen.weights)
                logs = meter.logs()
                yield ev.StepEnd(epoch, step, train.steps, logs)
                left -= portion.batch
                step += 1
        train.end()
        if validation is not None and schedule.validates(epoch) and not validation.spent():
            found = yield from _evaluate(binding, validation, meter, training=True)
            logs = logs | {f"val_{name}": value for name, value in found.items()}
        yield ev.EpochEnd(epoch, schedule.epochs, train.total, logs)
        if control.stop:
            break
    binding.finish_training()
    yield ev.TrainEnd(logs)


def evaluate_events(binding: Binding, feed: Feed, meter: Meter) -> Iterator[ev.Event]:
    """Evaluate; the last event holds the means over all examples."""
    binding.push()
    yield from _evaluate(binding, feed, meter, training=False)


def predict_events(
    binding: Binding, feed: Feed, outputs: list[list[npt.NDArray[Any]]]
) -> Iterator[ev.Event]:
    """Predict, and add the list of each batch's outputs to the list."""
    binding.push()
    yield ev.PredictBegin(feed.steps)
    feed.begin(0)
    while (portion := feed.take(1)) is not None:
        step = len(outputs)
        yield ev.PredictStepBegin(step)
        outputs.append(binding.predict(portion.examples.x, portion.start, portion.stop))
        found = outputs[-1]
        yield ev.PredictStepEnd(step, feed.steps, found if len(found) > 1 else found[0])
    feed.end()
    yield ev.PredictEnd(feed.total)


def _evaluate(
    binding: Binding, feed: Feed, meter: Meter, *, training: bool
) -> Generator[ev.Event, None, ev.Logs]:
    meter.start()
    yield ev.EvaluateBegin(feed.steps, training)
    feed.begin(0, anew=True)
    step = 0
    while (portion := feed.take(1)) is not None:
        yield ev.EvaluateStepBegin(step)
        examples, start, stop = portion.examples, portion.start, portion.stop
        result, seen = binding.test_step(examples, start, stop), examples.part(start, stop)
        meter.add(stop - start, result, seen.y, binding.session.last_outputs, seen.weights)
        yield ev.EvaluateStepEnd(step, feed.steps, meter.logs(), training)
        step += 1
    feed.end()
    logs = meter.logs()
    yield ev.EvaluateEnd(feed.total, logs, training)
    return logs
