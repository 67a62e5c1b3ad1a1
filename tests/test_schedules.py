"""Learning-rate schedules; tests/models/test_keras_optimizers.py compares them with Keras's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from galago.errors import ArgumentError, UnknownNameError
from galago.optimizers import schedules
from galago.optimizers.schedules import (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    LearningRateSchedule,
    PiecewiseConstantDecay,
    PolynomialDecay,
)


def rates(schedule: LearningRateSchedule, *steps: int) -> list[float]:
    return [schedule(step) for step in steps]


def test_exponential() -> None:
    assert rates(ExponentialDecay(2.0, 4, 0.25), 0, 2, 4, 8) == [2.0, 1.0, 0.5, 0.125]
    assert rates(ExponentialDecay(2.0, 4, 0.25, True), 3, 4, 7) == [2.0, 0.5, 0.5]
    assert ExponentialDecay(0.1, 7, 0.9)(3) == pytest.approx(0.1 * 0.9 ** (3 / 7), rel=1e-15)


def test_inverse_time() -> None:
    assert rates(InverseTimeDecay(2.0, 4, 2.0), 0, 2, 4) == [2.0, 1.0, 2 / 3]
    assert rates(InverseTimeDecay(2.0, 4, 1.0, staircase=True), 3, 4, 7) == [2.0, 1.0, 1.0]


def test_piecewise() -> None:
    schedule = PiecewiseConstantDecay([2, 5], [3.0, 2.0, 1.0])
    assert rates(schedule, 0, 2, 3, 5, 6, 100) == [3.0, 3.0, 2.0, 2.0, 1.0, 1.0]


def test_polynomial() -> None:
    schedule = PolynomialDecay(1.0, 4, end_learning_rate=0.5, power=2.0)
    assert rates(schedule, 0, 2, 4, 9) == [1.0, 0.625, 0.5, 0.5]
    cycle = PolynomialDecay(1.0, 4, end_learning_rate=0.0, cycle=True)
    assert rates(cycle, 0, 2, 4, 6, 8, 9) == [1.0, 0.5, 0.0, 0.25, 0.0, 0.25]


def test_cosine() -> None:
    schedule = CosineDecay(1.0, 8, alpha=0.5)
    assert rates(schedule, 0, 4, 8, 20) == [1.0, 0.75, 0.5, 0.5]
    assert schedule(1) == pytest.approx(0.5 + 0.25 * (1 + math.cos(math.pi / 8)), rel=1e-15)
    warm = CosineDecay(0.5, 4, warmup_target=1.0, warmup_steps=2)
    assert rates(warm, 0, 1, 2, 4, 6, 9) == [0.5, 0.75, 1.0, 0.5, 0.0, 0.0]


def test_restarts() -> None:
    schedule = CosineDecayRestarts(1.0, 2, t_mul=2.0, m_mul=0.5)
    assert rates(schedule, 0, 1, 2, 4, 6, 10, 14) == [1.0, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]
    even = CosineDecayRestarts(1.0, 2, t_mul=1.0, m_mul=0.5, alpha=0.5)
    assert rates(even, 0, 1, 2, 3, 4) == [1.0, 0.75, 0.75, 0.625, 0.625]


def test_a_base_must_be_filled_in() -> None:
    with pytest.raises(NotImplementedError, match="LearningRateSchedule must say __call__"):
        LearningRateSchedule()(0)


@pytest.mark.parametrize(
    "schedule",
    [
        ExponentialDecay(0.5, 3, 0.25, True),
        InverseTimeDecay(0.5, 3, 0.25),
        PiecewiseConstantDecay([1, 2], [0.5, 0.25, 0.125], name="mine"),
        PolynomialDecay(0.5, 3, power=2.0, cycle=True),
        CosineDecay(0.5, 3, 0.125, warmup_target=1.0, warmup_steps=2),
        CosineDecayRestarts(0.5, 3, 3.0, 0.5, 0.25),
    ],
    ids=lambda schedule: type(schedule).__name__,
)
def test_configurations(schedule: LearningRateSchedule) -> None:
    stored = {"class_name": type(schedule).__name__, "config": schedule.get_config()}
    again = schedules.get(stored)
    assert again.get_config() == schedule.get_config()
    assert schedules.get(again) is again


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ExponentialDecay(0.1, 0, 0.5), "ExponentialDecay: decay_steps must be a whole"),
        (lambda: ExponentialDecay(-1, 1, 0.5), "ExponentialDecay: initial_learning_rate must be"),
        (lambda: ExponentialDecay(1, 1, -1), "ExponentialDecay: decay_rate must be a finite"),
        (lambda: InverseTimeDecay(1, 1, 1, staircase=1), "InverseTimeDecay: staircase must be"),  # type: ignore[arg-type]
        (
            lambda: PiecewiseConstantDecay([1], [0.1]),
            r"PiecewiseConstantDecay: expected boundaries, and a value more than there are of "
            r"them, received boundaries=\[1\] and values=\[0.1\]. Write for example",
        ),
        (
            lambda: PiecewiseConstantDecay([2, 1], [1, 2, 3]),
            r"PiecewiseConstantDecay: expected boundaries that ascend, received \[2, 1\]. Sort",
        ),
        (lambda: PolynomialDecay(1, 1, power=-1), "PolynomialDecay: power must be a finite"),
        (lambda: CosineDecay(1, 1, warmup_steps=-1), "CosineDecay: warmup_steps must be a whole"),
        (lambda: CosineDecayRestarts(1, 1, t_mul=0.5), "CosineDecayRestarts: t_mul must be a"),
    ],
)
def test_wrong_settings(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=f"^{message}"):
        make()


def test_unknown_names() -> None:
    with pytest.raises(UnknownNameError) as caught:
        schedules.get({"class_name": "CosineDcay", "config": {}})
    assert str(caught.value) == (
        "learning_rate: expected a known learning rate schedule, received 'CosineDcay'. Did you "
        "mean 'CosineDecay'? Known: ExponentialDecay, PiecewiseConstantDecay, PolynomialDecay, "
        "InverseTimeDecay, CosineDecay, CosineDecayRestarts."
    )
