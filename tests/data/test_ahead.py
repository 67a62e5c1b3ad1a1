"""Calls made ahead by threads."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest

from galago.data.ahead import call_ahead


def test_results_come_in_the_order_of_the_calls() -> None:
    """Even where a later call is done before an earlier one."""
    later = threading.Event()

    def call(number: int) -> int:
        if number == 0:
            assert later.wait(10)
        if number == 1:
            later.set()
        return number

    assert list(call_ahead((partial(call, n) for n in range(9)), 2, 4)) == list(range(9))


def test_no_more_is_called_than_asked_for() -> None:
    called: list[int] = []
    results = call_ahead((partial(called.append, n) for n in range(100)), 1, 3)
    for _ in range(5):
        next(results)
    results.close()  # type: ignore[attr-defined]
    assert called == list(range(len(called)))
    assert len(called) <= 5 + 3


def test_an_error_comes_in_its_place_and_ends_the_threads() -> None:
    before = threading.active_count()
    calls: list[Any] = [lambda: 1, lambda: 1 / 0, lambda: 3]
    results = call_ahead(calls, 2, 5)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert threading.active_count() == before
    assert list(results) == []
