"""The stopwatch, and what counts as disturbed."""

from __future__ import annotations

import time

import pytest

from galago.bench.timing import Timing, stopwatch


def test_own_work_does_not_count_as_others() -> None:
    with stopwatch() as idle:
        time.sleep(0.3)
    with stopwatch() as busy:
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
    assert busy.seconds >= 0.3 <= idle.seconds
    assert idle.others is None or 0 <= idle.others <= 1


@pytest.mark.parametrize(
    ("others", "drift", "expected"),
    [(None, 0.0, False), (0.04, 0.02, False), (0.06, 0.0, True), (0.0, 0.04, True)],
)
def test_disturbed(others: float | None, drift: float, expected: bool) -> None:
    assert Timing(1.0, others, drift).disturbed is expected
