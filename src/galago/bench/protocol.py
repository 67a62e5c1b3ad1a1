"""How it is measured: contestants in turn, medians, ratios within a round.

Contestants take turns, round after round (A B C, A B C, ...), so that a machine that slows down
does so for all of them. Other processes spoil a figure, and not everybody's alike: a sample tells
which share of the cores others took and how much the machine's own speed changed meanwhile, and is
taken again if that was too much, as long as the user's patience lasts.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from galago.bench.timing import Timing, stopwatch


@dataclass(frozen=True)
class Sample:
    """One figure of a contestant: when, in what company, and what else it reported."""

    contestant: str
    round: int
    load_before: float
    timing: Timing
    report: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """All samples of one contestant. A ratio is its time over the base's in the same round."""

    contestant: str
    seconds: float
    seconds_range: tuple[float, float]
    ratio: float
    ratio_range: tuple[float, float]


#: Takes one sample: a timing as a dictionary under "timing", and whatever else there is to tell.
Measure = Callable[[], dict[str, Any]]


def measure(
    contestants: Mapping[str, Measure], rounds: int, *, patience: float = 0.0
) -> Iterator[Sample]:
    """Yield a sample of every contestant in turn, `rounds` times.

    `patience`: seconds to spend on waiting and trying again for each sample.
    """
    for number in range(1, rounds + 1):
        for name, take in contestants.items():
            deadline = time.monotonic() + patience
            sample = _sample(name, take, number, deadline)
            while sample.timing.disturbed and time.monotonic() < deadline:
                sample = _sample(name, take, number, deadline)
            yield sample


def rows(samples: Sequence[Sample], base: str, *, scale: float = 1.0) -> list[Row]:
    """Median and range of every contestant's seconds times scale, and of its ratio to the base."""
    times: dict[str, dict[int, float]] = {}
    for sample in samples:
        times.setdefault(sample.contestant, {})[sample.round] = sample.timing.seconds * scale
    found = []
    for name, own in times.items():
        ratios = [seconds / times[base][number] for number, seconds in own.items()]
        found.append(
            Row(
                name,
                statistics.median(own.values()),
                (min(own.values()), max(own.values())),
                statistics.median(ratios),
                (min(ratios), max(ratios)),
            )
        )
    return found


def machine() -> dict[str, Any]:
    """CPU, cores, system, load average, and the time."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load": [round(load, 2) for load in os.getloadavg()],
    }


def _sample(name: str, take: Measure, number: int, deadline: float) -> Sample:
    """One sample, once others leave the cores alone for two seconds or the deadline has come."""
    while time.monotonic() < deadline:
        with stopwatch() as pause:
            time.sleep(2)
        if not pause.disturbed:
            break
        time.sleep(5)
    load = os.getloadavg()[0]
    found = take()
    return Sample(name, number, load, Timing(**found.pop("timing")), found)


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
