"""The times of a training."""

from __future__ import annotations

import pytest

from galago.cli.stopwatch import Stopwatch


def test_epochs_are_timed_without_what_lies_between(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 12.0, 20.0, 21.0])
    monkeypatch.setattr("galago.cli.stopwatch.time.perf_counter", lambda: next(times))
    watch = Stopwatch()
    for epoch in range(2):
        watch.on_epoch_begin(epoch)
        watch.on_epoch_end(epoch)
    assert watch.seconds == [2.0, 1.0]
    assert watch.report(6000) == ("Training took 3.00 s: 1.50 s an epoch, 4,000 images a second.")
