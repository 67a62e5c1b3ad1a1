"""Turns, medians and ratios."""

from __future__ import annotations

import itertools
from contextlib import nullcontext
from typing import Any

import pytest

from galago.bench import protocol
from galago.bench.protocol import Measure, Row, Sample
from galago.bench.timing import Timing


def quick(seconds: float, **more: Any) -> Measure:
    return lambda: {"timing": {"seconds": seconds, "others": 0.0, "drift": 0.0}, **more}


def test_contestants_take_turns() -> None:
    samples = protocol.measure({"a": quick(1.0), "b": quick(2.0)}, rounds=2)
    assert [(s.contestant, s.round) for s in samples] == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_a_sample_keeps_what_else_was_reported() -> None:
    (sample,) = protocol.measure({"a": quick(1.5, loss=0.5)}, rounds=1)
    assert (sample.timing.seconds, sample.report) == (1.5, {"loss": 0.5})


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else computes while a sample waits, and waiting takes no time."""
    seconds = itertools.count()
    monkeypatch.setattr(protocol.time, "monotonic", lambda: next(seconds))
    monkeypatch.setattr(protocol.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(protocol, "stopwatch", lambda: nullcontext(Timing(2.0, 0.0)))


@pytest.mark.usefixtures("quiet")
def test_a_disturbed_sample_is_taken_again() -> None:
    others = iter([0.5, 0.4, 0.0])

    def take() -> dict[str, Any]:
        return {"timing": {"seconds": 1.0, "others": next(others), "drift": 0.0}}

    (sample,) = protocol.measure({"a": take}, rounds=1, patience=600)
    assert not sample.timing.disturbed


@pytest.mark.usefixtures("quiet")
def test_patience_ends() -> None:
    taken = []

    def take() -> dict[str, Any]:
        taken.append(1)
        return {"timing": {"seconds": 1.0, "others": 0.5, "drift": 0.0}}

    (sample,) = protocol.measure({"a": take}, rounds=1, patience=10)
    assert sample.timing.disturbed
    assert 1 < len(taken) < 10


def test_without_patience_it_is_kept() -> None:
    def take() -> dict[str, Any]:
        return {"timing": {"seconds": 1.0, "others": 0.5, "drift": 0.0}}

    (sample,) = protocol.measure({"a": take}, rounds=1)
    assert sample.timing.disturbed


def test_rows_compare_within_a_round() -> None:
    times = {"base": (1.0, 2.0, 4.0), "peer": (3.0, 4.0, 20.0)}
    samples = [
        Sample(name, number, 0.0, Timing(seconds), {})
        for name, own in times.items()
        for number, seconds in enumerate(own, start=1)
    ]
    assert protocol.rows(samples, "base", scale=10) == [
        Row("base", 20.0, (10.0, 40.0), 1.0, (1.0, 1.0)),
        Row("peer", 40.0, (30.0, 200.0), 3.0, (2.0, 5.0)),
    ]


def test_the_machine_is_described() -> None:
    assert protocol.machine().keys() == {"date", "cpu", "cores", "system", "load"}
