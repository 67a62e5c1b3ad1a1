"""Callbacks that change the learning rate."""

from __future__ import annotations

from typing import Any

import pytest

import galago
from galago.callbacks import LearningRateScheduler, ReduceLROnPlateau
from galago.errors import ArgumentError, GalagoWarning


def test_a_schedule_is_used_and_logged(model: galago.Sequential, data: Any) -> None:
    plan = LearningRateScheduler(lambda epoch, rate: rate * 0.1)
    history = model.fit(*data, epochs=3, verbose=0, callbacks=plan)
    assert history.history["learning_rate"] == pytest.approx([0.05, 0.005, 0.0005])
    assert model.optimizer.learning_rate == history.history["learning_rate"][-1]


def test_a_schedule_may_be_a_function_that_says_nothing_of_itself(
    model: galago.Sequential, data: Any
) -> None:
    """max() has no signature; it is called with both."""
    history = model.fit(*data, epochs=2, verbose=0, callbacks=LearningRateScheduler(max))
    assert history.history["learning_rate"] == [0.5, 1.0]


def test_an_error_within_a_schedule_is_the_users(model: galago.Sequential, data: Any) -> None:
    def broken(epoch: int, rate: float) -> float:
        return rate + "x"  # type: ignore[operator, no-any-return]

    with pytest.raises(TypeError, match="unsupported operand"):
        model.fit(*data, verbose=0, callbacks=LearningRateScheduler(broken))


def test_wrong_schedules(model: galago.Sequential, data: Any) -> None:
    with pytest.raises(ArgumentError, match=r"schedule must be a function, received 0\.1"):
        LearningRateScheduler(0.1)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="the schedule's rate must be a finite number of at"):
        model.fit(*data, verbose=0, callbacks=LearningRateScheduler(lambda epoch: -1.0))


def test_a_plateau_reduces_the_rate(model: galago.Sequential, data: Any, capsys: Any) -> None:
    lower = ReduceLROnPlateau("accuracy", patience=1, min_delta=2, verbose=1, min_lr=0.1)
    history = model.fit(*data, epochs=4, verbose=0, callbacks=lower)
    assert history.history["learning_rate"] == [0.5, 0.5, 0.1, 0.1]
    assert capsys.readouterr().out == (
        "\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.1.\n"
    )


def test_a_number_that_is_not_logged(model: galago.Sequential, data: Any) -> None:
    with pytest.warns(GalagoWarning, match="so the learning rate will not be reduced"):
        model.fit(*data, verbose=0, callbacks=ReduceLROnPlateau())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"factor": 1.0}, "factor must be less than 1"),
        ({"factor": 2}, "factor must be a finite number from 0 to 1"),
        ({"cooldown": 0.5}, "cooldown must be a whole number"),
        ({"min_lr": -1}, "min_lr must be a finite number of at least 0"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        ReduceLROnPlateau(**arguments)
