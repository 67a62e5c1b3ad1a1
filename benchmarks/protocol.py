"""How the benchmarks measure: processes in turn, medians, ratios, tables.

A sample is one process: it warms up, times one block and reports (timing.py). Contestants take
turns, round after round (A B C, A B C, ...), so that a machine that slows down does so for all of
them, and ratios are taken within a round. Other processes spoil a figure, and not everybody's
alike: a sample waits until the cores are idle, tells which share of them others took while it ran,
and is taken again if that was too much, as long as the user's patience lasts.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from timing import Timing, stopwatch


class ProtocolError(RuntimeError):
    """A contestant that did not do what it was asked to."""


@dataclass(frozen=True)
class Contestant:
    """Something to measure: a command that ends with report(), and its environment variables."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """One process: when, in what company, and what it reported."""

    contestant: str
    round: int
    load_before: float
    timing: Timing
    report: dict[str, Any]


@dataclass(frozen=True)
class Row:
    """All samples of one contestant. A ratio is its time over the base's in the same round."""

    contestant: str
    seconds: float
    seconds_range: tuple[float, float]
    ratio: float
    ratio_range: tuple[float, float]


def measure(
    contestants: Sequence[Contestant], rounds: int, *, patience: float = 0.0
) -> Iterator[Sample]:
    """Run all contestants in turn, `rounds` times.

    `patience`: seconds to spend on waiting and trying again for each sample. Raises ProtocolError.
    """
    for number in range(1, rounds + 1):
        for contestant in contestants:
            deadline = time.monotonic() + patience
            sample = _sample(contestant, number, deadline)
            while sample.timing.disturbed and time.monotonic() < deadline:
                sample = _sample(contestant, number, deadline)
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


def percent(share: float | None) -> str:
    """A share as text; "?" where it is not known."""
    return "?" if share is None else f"{share:.0%}"


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    rule = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))


def write_json(path: Path, **parts: Any) -> None:
    """Write a benchmark's results after the command that made them."""
    content = {"command": ["python", *sys.argv], **parts}
    path.write_text(json.dumps(content, indent=1, default=asdict) + "\n")


def _sample(contestant: Contestant, number: int, deadline: float) -> Sample:
    """One sample, once others leave the cores alone for two seconds or the deadline has come."""
    while time.monotonic() < deadline:
        with stopwatch() as pause:
            time.sleep(2)
        if not pause.disturbed:
            break
        time.sleep(5)
    load = os.getloadavg()[0]
    found = _run(contestant)
    return Sample(contestant.name, number, load, Timing(**found.pop("timing")), found)


def _run(contestant: Contestant) -> dict[str, Any]:
    """One process's report. Settings of another OpenBLAS do not reach it: they slow peers down."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    done = subprocess.run(
        contestant.command,
        env={**inherited, **contestant.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not done.stdout:
        raise ProtocolError(
            f"{contestant.name}: expected a report, received exit status {done.returncode} from\n"
            f"{' '.join(contestant.command)}\n{done.stderr.strip()}"
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
