"""The order of events, and of Keras's hooks."""

from __future__ import annotations

import io
import time
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

import galago
from galago import layers, losses, optimizers
from galago.callbacks.base import CallbackWatcher
from galago.callbacks.history import History
from galago.callbacks.progress_lines import ProgressLines
from galago.engine import OutputLoss
from galago.metrics import SparseCategoricalAccuracy
from galago.training import events as ev
from galago.training.adapters import Examples
from galago.training.binding import Binding
from galago.training.feed import Feed
from galago.training.feeding import array_feed, batching
from galago.training.loop import Start, evaluate_events, fit_events, predict_events
from galago.training.meter import Measured, Meter
from galago.training.numerics import NumericsWatch
from galago.training.schedule import Schedule

DATA = Examples((np.arange(15, dtype=np.float32).reshape(5, 3),), (np.arange(5) % 2,))


@pytest.fixture
def binding(fake_engine: Any) -> Binding:
    model = galago.Sequential([layers.Dense(2, input_shape=(3,))])
    bound = Binding(model.to_graph(), model.weights, "float32")
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    spec = OutputLoss(loss.kind, True, "sparse")
    bound.compile([spec], optimizers.SGD(), model.weights, None)
    return bound


def arrays(examples: Examples, batch: int, *, shuffle: bool = False) -> Feed:
    return array_feed(examples, batching(batch, None, "fit()"), "fit()", shuffle=shuffle)


def names(events: Any) -> list[str]:
    return [type(event).__name__ for event in events]


def meter_state(rows: int, loss: float, right: float) -> dict[str, Any]:
    metric = {"total": right, "count": float(rows)}
    return {"rows": rows, "losses": {"loss": loss}, "metrics": [metric]}


def fit(
    binding: Binding,
    control: ev.Control,
    epochs: int = 2,
    first: int = 0,
    *,
    live: bool = True,
    start: Start | None = None,
) -> Any:
    schedule = Schedule(first, epochs, 1, live=live)
    meter = Meter([Measured({"accuracy": SparseCategoricalAccuracy()})])
    train, validation = arrays(DATA, 2), arrays(DATA.part(0, 3), 2)
    return fit_events(binding, train, validation, schedule, meter, control, start)


@pytest.mark.parametrize("live", [True, False])
def test_fit(binding: Binding, live: bool) -> None:
    events = list(fit(binding, ev.Control(optimizers.SGD()), live=live))
    step = ["StepBegin", "StepEnd"]
    test_step = ["EvaluateStepBegin", "EvaluateStepEnd"]
    test = ["EvaluateBegin", *test_step * 2, "EvaluateEnd"]
    epoch = ["EpochBegin", *step * 3, *test, "EpochEnd"]
    assert names(events) == ["TrainBegin", *epoch * 2, "TrainEnd"]
    assert events[0] == ev.TrainBegin(0, 2, 3)
    assert events[1] == ev.EpochBegin(0, 2, 3)
    assert events[2] == ev.StepBegin(0, 0)
    assert events[3] == ev.StepEnd(0, 0, 3, {"accuracy": 0.5, "loss": 1.0})
    assert events[5].logs["loss"] == pytest.approx((2 * 1 + 2 / 2) / 4)
    assert events[8] == ev.EvaluateBegin(2, training=True)
    assert events[13] == ev.EvaluateEnd(2, {"accuracy": 0.25, "loss": 5 / 3}, training=True)
    assert events[14].logs == {
        "accuracy": 0.5,
        "loss": pytest.approx((2 * 1 + 2 / 2 + 1 / 3) / 5),
        "val_accuracy": 0.25,
        "val_loss": pytest.approx(5 / 3),
    }
    assert events[-1].logs == events[-2].logs


def test_a_stop_in_a_step_ends_the_epoch_and_the_training(binding: Binding) -> None:
    control = ev.Control(optimizers.SGD())
    seen = []
    for event in fit(binding, control):
        seen.append(event)
        if isinstance(event, ev.StepEnd):
            control.stop = True
    assert names(seen).count("StepEnd") == 1
    assert names(seen)[-3:] == ["EvaluateEnd", "EpochEnd", "TrainEnd"]


def test_steps_that_nobody_steers_go_to_the_engine_in_bursts(
    binding: Binding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One, two, four ... of quick ones; the rows, and what is told of them, are the same."""
    bursts: list[list[int]] = []
    train_steps = binding.train_steps

    def counted(examples: Examples, indices: Any, *rest: Any) -> Any:
        bursts.append(indices.tolist())
        return train_steps(examples, indices, *rest)

    monkeypatch.setattr(binding, "train_steps", counted)
    monkeypatch.setattr("galago.training.loop.time.perf_counter", lambda: 0.0)
    told = list(fit(binding, ev.Control(optimizers.SGD()), epochs=1, live=False))
    assert bursts == [[0, 1], [2, 3, 4]]
    bursts.clear()
    binding.session.iterations = 0  # type: ignore[misc]
    assert told == list(fit(binding, ev.Control(optimizers.SGD()), epochs=1))
    assert bursts == [[0, 1], [2, 3], [4]]


def test_slow_steps_go_one_by_one(binding: Binding, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))
    monkeypatch.setattr("galago.training.loop.time.perf_counter", lambda: float(next(clock)))
    list(fit(binding, ev.Control(optimizers.SGD()), epochs=1, live=False))
    trained = [call for call in binding.session.calls if call[0] == "train"]  # type: ignore[attr-defined]
    assert [len(rows) for _, rows, _ in trained] == [2, 2, 1]
    assert next(clock) == 6  # two looks at the clock for each of three bursts


@pytest.mark.parametrize("live", [True, False])
def test_every_step_has_the_rate_of_its_schedule(binding: Binding, live: bool) -> None:
    schedule = optimizers.schedules.PiecewiseConstantDecay([0, 1, 4], [0.5, 0.25, 0.125, 0.0])
    list(fit(binding, ev.Control(optimizers.SGD(schedule)), live=live))
    trained = [call for call in binding.session.calls if call[0] == "train"]  # type: ignore[attr-defined]
    assert [rate for _, _, rate in trained] == [0.5, 0.25, 0.125, 0.125, 0.125, 0.0]


def test_a_stop_from_before_is_forgotten(binding: Binding) -> None:
    control = ev.Control(optimizers.SGD())
    control.stop = True
    assert names(fit(binding, control)).count("EpochEnd") == 2


def test_nothing_left_to_do(binding: Binding) -> None:
    control = ev.Control(optimizers.SGD())
    assert list(fit(binding, control, epochs=2, first=2)) == [
        ev.TrainBegin(2, 2, 3),
        ev.TrainEnd({}),
    ]


def test_it_goes_on_within_an_epoch(binding: Binding) -> None:
    """The events from the third step on are those of the whole training, the means too."""
    whole = list(fit(binding, ev.Control(optimizers.SGD())))
    binding.session.iterations = 2  # type: ignore[misc]
    meter = Meter([Measured({"accuracy": SparseCategoricalAccuracy()})])
    for loss in (1.0, 0.5):
        meter.add(2, (loss, 0.5), DATA.y, lambda: np.zeros(0))
    start = Start(0, 2, meter.logs(), meter.get_state())
    found = list(fit(binding, ev.Control(optimizers.SGD()), start=start))
    assert found == [*whole[:2], *whole[6:]]
    trained = [rows for call, rows, _ in binding.session.calls if call == "train"]  # type: ignore[attr-defined]
    assert trained[-4:] == [[4], [0, 1], [2, 3], [4]]


def test_it_goes_on_behind_the_last_step_of_an_epoch(binding: Binding) -> None:
    logs = {"accuracy": 0.5, "loss": 3.0}
    start = Start(1, 3, logs, meter_state(5, 15.0, 2.5))
    told = list(fit(binding, ev.Control(optimizers.SGD()), start=start))
    assert names(told)[:3] == ["TrainBegin", "EpochBegin", "EvaluateBegin"]
    assert told[-1].logs == {**logs, "val_accuracy": 0.25, "val_loss": pytest.approx(5 / 3)}


@pytest.mark.parametrize(("step", "epochs"), [(0, 0), (2, 1)])
def test_a_stop_that_is_put_back(binding: Binding, step: int, epochs: int) -> None:
    """At the end of an epoch it ends the training at once, within one the epoch first."""
    control = ev.Control(optimizers.SGD())
    start = Start(1, step, {"loss": 3.0}, meter_state(4, 12.0, 2.0))
    told = []
    for event in fit(binding, control, epochs=9, start=start):
        told.append(event)
        if isinstance(event, ev.TrainBegin):
            control.stop = True
    assert names(told).count("EpochEnd") == epochs
    assert names(told).count("StepEnd") == 0
    assert told[-1].logs["loss"] == 3.0


def test_each_epochs_logs_are_its_own(binding: Binding) -> None:
    ends = [event for event in fit(binding, ev.Control(optimizers.SGD())) if hasattr(event, "logs")]
    assert len({id(event.logs) for event in ends[:-1]}) == len(ends) - 1


def test_evaluate(binding: Binding) -> None:
    events: list[Any] = list(evaluate_events(binding, arrays(DATA, 4), Meter([Measured({})])))
    mean: Any = pytest.approx((16 + 1) / 5)
    assert events == [
        ev.EvaluateBegin(2, training=False),
        ev.EvaluateStepBegin(0),
        ev.EvaluateStepEnd(0, 2, {"loss": 4.0}, training=False),
        ev.EvaluateStepBegin(1),
        ev.EvaluateStepEnd(1, 2, {"loss": mean}, training=False),
        ev.EvaluateEnd(2, {"loss": mean}, training=False),
    ]


def test_predict(binding: Binding) -> None:
    outputs: list[Any] = []
    events: list[Any] = list(predict_events(binding, arrays(DATA, 3), outputs))
    step = ["PredictStepBegin", "PredictStepEnd"]
    assert names(events) == ["PredictBegin", *step * 2, "PredictEnd"]
    assert events[0].steps == events[-1].steps == 2
    assert events[4].outputs is outputs[1][0]
    found = np.concatenate([array for (array,) in outputs])
    assert found[:, 0].tolist() == DATA.x[0].mean(axis=1).tolist()


def test_the_loop_costs_little() -> None:
    """Python's part of a step: below 15 us on a quiet machine of 2024, here with some room."""

    class Idle:
        variables: ClassVar[list[Any]] = []
        session = SimpleNamespace(iterations=0, last_outputs=None)

        def begin_training(self) -> None: ...

        def finish_training(self) -> None: ...

        def train_steps(self, *arguments: Any) -> list[tuple[float, float]]:
            return [(1.0, 0.5)]

    examples = Examples((np.zeros((4000, 1), np.uint8),), (np.zeros(4000, np.int64),))
    meter = Meter([Measured({"accuracy": SparseCategoricalAccuracy()})])
    control, schedule = ev.Control(optimizers.SGD()), Schedule(0, 1, 1, live=True)
    binding: Any = Idle()
    times = []
    for _ in range(5):
        history = CallbackWatcher([History()], galago.Sequential(), {})
        watchers: list[Any] = [history, NumericsWatch(control), ProgressLines(io.StringIO())]
        start = time.process_time()
        train = arrays(examples, 1, shuffle=True)
        ev.run(fit_events(binding, train, None, schedule, meter, control), watchers)
        times.append((time.process_time() - start) / 4000)
    assert min(times) < 30e-6
