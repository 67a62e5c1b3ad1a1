"""The stopwatch of a contestant's process, and what spoils its figures."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: Share of all cores that others may take before a figure counts as disturbed.
QUIET = 0.05
#: Change of the machine's own speed that is too much.
STEADY = 0.03

_CORE_TIMES = Path("/proc/stat")  # Linux only: elsewhere nobody knows what others do
_IDLE, _IO_WAIT = 3, 4


@dataclass
class Timing:
    """Wall seconds, the share of all cores that others took, the change of the machine's speed."""

    seconds: float = 0.0
    others: float | None = None
    drift: float = 0.0

    @property
    def disturbed(self) -> bool:
        """Whether the figure says too much about others, or about the machine, to be kept."""
        return (self.others or 0.0) > QUIET or self.drift > STEADY


@contextmanager
def stopwatch() -> Iterator[Timing]:
    """Time a block; the result is complete when the block ends."""
    timing = Timing()
    cores, own, start = _core_seconds(), _own_seconds(), time.perf_counter()
    yield timing
    timing.seconds = time.perf_counter() - start
    after = _core_seconds()
    if cores and after and after[1] > cores[1]:
        foreign = after[0] - cores[0] - (_own_seconds() - own)
        timing.others = max(0.0, foreign / (after[1] - cores[1]))


def _core_seconds() -> tuple[float, float] | None:
    """Busy and total seconds of all cores since the start of the machine."""
    if not _CORE_TIMES.exists():
        return None
    # user nice system idle iowait irq softirq steal; the two that follow are part of user and nice
    line = _CORE_TIMES.read_text().split("\n", 1)[0]
    ticks = [int(word) for word in line.split()[1:9]]
    hertz = os.sysconf("SC_CLK_TCK")
    return (sum(ticks) - ticks[_IDLE] - ticks[_IO_WAIT]) / hertz, sum(ticks) / hertz


def _own_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
