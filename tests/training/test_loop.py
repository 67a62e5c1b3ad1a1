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
from galago.callbacks.progress_lines import ProgressLines
from galago.metrics import SparseCategoricalAccuracy
from galago.training import events as ev
from galago.training.adapters import Examples
from galago.training.binding import Binding
from galago.training.history import History
from galago.training.loop import Schedule, evaluate_events, fit_events, predict_events
from galago.training.meter import Meter
from galago.training.numerics import NumericsWatch

DATA = Examples(np.arange(15, dtype=np.float32).reshape(5, 3), np.arange(5) % 2)


@pytest.fixture
def binding(fake_engine: Any) -> Binding:
    model = galago.Sequential([layers.Dense(2, input_shape=(3,))])
    bound = Binding(model.lower(), model.weights, "float32")
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    bound.compile(loss, optimizers.SGD(), "sparse", [True, True], None)
    return bound


def names(events: Any) -> list[str]:
    return [type(event).__name__ for event in events]


def fit(
    binding: Binding, control: ev.Control, epochs: int = 2, first: int = 0, *, live: bool = True
) -> Any:
    schedule = Schedule(2, epochs, first, shuffle=False, live=live)
    meter = Meter([SparseCategoricalAccuracy("accuracy")])
    validation = Examples(DATA.x[:3], DATA.y[:3])
    return fit_events(binding, DATA, validation, schedule, meter, control)


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

    def counted(x: Any, y: Any, indices: Any, *rest: Any) -> Any:
        bursts.append(indices.tolist())
        return train_steps(x, y, indices, *rest)

    monkeypatch.setattr(binding, "train_steps", counted)
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


def test_each_epochs_logs_are_its_own(binding: Binding) -> None:
    ends = [event for event in fit(binding, ev.Control(optimizers.SGD())) if hasattr(event, "logs")]
    assert len({id(event.logs) for event in ends[:-1]}) == len(ends) - 1


def test_evaluate(binding: Binding) -> None:
    events: list[Any] = list(evaluate_events(binding, DATA, 4, Meter([])))
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
    outputs = np.empty((5, 2), np.float32)
    events: list[Any] = list(predict_events(binding, DATA.x, 3, outputs))
    step = ["PredictStepBegin", "PredictStepEnd"]
    assert names(events) == ["PredictBegin", *step * 2, "PredictEnd"]
    assert events[0].steps == events[-1].steps == 2
    np.testing.assert_array_equal(events[4].outputs, outputs[3:])
    assert outputs[:, 0].tolist() == DATA.x.mean(axis=1).tolist()


def test_the_loop_costs_little() -> None:
    """Python's part of a step: below 15 us on a quiet machine of 2024, here with some room."""

    class Idle:
        variables: ClassVar[list[Any]] = []
        session = SimpleNamespace(iterations=0, last_outputs=None)

        def begin_training(self) -> None: ...

        def train_steps(self, *arguments: Any) -> list[tuple[float, float]]:
            return [(1.0, 0.5)]

    examples = Examples(np.zeros((4000, 1), np.uint8), np.zeros(4000, np.int64))
    meter = Meter([SparseCategoricalAccuracy("accuracy")])
    control, schedule = ev.Control(optimizers.SGD()), Schedule(1, 1, 0, shuffle=True, live=True)
    binding: Any = Idle()
    times = []
    for _ in range(5):
        watchers: list[Any] = [History(), NumericsWatch(), ProgressLines(io.StringIO())]
        start = time.process_time()
        ev.run(fit_events(binding, examples, None, schedule, meter, control), watchers)
        times.append((time.process_time() - start) / 4000)
    assert min(times) < 30e-6
