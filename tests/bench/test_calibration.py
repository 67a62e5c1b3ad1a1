"""The calibrator runs before and after."""

from __future__ import annotations

import pytest

from galago.bench import calibration


def test_a_block_between_two_speeds(monkeypatch: pytest.MonkeyPatch) -> None:
    speeds = iter([100.0, 90.0])
    monkeypatch.setattr(calibration, "speed", lambda: next(speeds))
    result, timing = calibration.calibrated(lambda: "done")
    assert result == "done"
    assert timing.drift == pytest.approx(0.1)


def test_the_speed_is_that_of_this_machine() -> None:
    flops = 2 * 8192 * calibration.speed()
    assert 1e8 < flops < 1e13
