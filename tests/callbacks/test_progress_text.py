"""Times and metrics in words."""

from __future__ import annotations

import pytest

from galago.callbacks.progress_text import metrics_text, remaining_time, step_time


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.8213, "0.8213"),
        (12.5, "12.5000"),
        (-0.5, "-0.5000"),
        (0.001, "1.0000e-03"),
        (0.0, "0.0000e+00"),
        (float("nan"), "nan"),
    ],
)
def test_metrics(value: float, text: str) -> None:
    assert metrics_text({"loss": value}) == f" - loss: {text}"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s/step"), (1.4, "1s/step"), (0.0154, "15ms/step"), (0.0000262, "26us/step")],
)
def test_steps(seconds: float, text: str) -> None:
    assert step_time(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (60, "60s"), (61, "1:01"), (3600, "60:00"), (7325, "2:02:05")]
)
def test_remaining(seconds: float, text: str) -> None:
    assert remaining_time(seconds) == text
