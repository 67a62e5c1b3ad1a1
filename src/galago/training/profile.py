"""Where the time of a step goes: kernel by kernel, layer by layer, and how near the peak it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy.typing as npt

from galago.engine import Arrays, ProfileLine, Session, isa, peak
from galago.markup import text

#: Runs of a few steps each; the fastest counts, since others use the machine too.
_ROUNDS = 5
_SECONDS_A_ROUND = 0.1


@dataclass(frozen=True)
class Cost:
    """A row of a profile: microseconds a step over all threads, and what was computed in them."""

    name: str
    kernel: str
    calls: float
    microseconds: float
    share: float  # of the threads' time
    multiply_adds: float
    bytes: float
    of_peak: float  # multiply-adds a second, as a share of the most this machine reaches

    @property
    def gigabytes_a_second(self) -> float:
        """How fast maps and weights go by; from caches this may be more than memory gives."""
        return self.bytes / self.microseconds / 1e3 if self.microseconds else 0.0


@dataclass(frozen=True, repr=False)
class Profile:
    """The profile of a train step or of a prediction; printed, a table of layers.

    `kernels` has a row for each kernel of the plan, in its order; `layers` adds them up. What the
    threads did between kernels, or waited, is in `waiting`.
    """

    mode: str
    batch_size: int
    threads: int
    isa: str
    microseconds: float  # of a step, by the clock
    peak: float  # multiply-adds a second of all threads
    kernels: tuple[Cost, ...]

    @property
    def layers(self) -> tuple[Cost, ...]:
        """The kernels of each layer together, in the order in which layers first appear."""
        rows: dict[str, list[Cost]] = {}
        for cost in self.kernels:
            rows.setdefault(cost.name, []).append(cost)
        return tuple(_sum(name, costs) for name, costs in rows.items())

    @property
    def waiting(self) -> float:
        """Share of the threads' time outside kernels."""
        return max(0.0, 1.0 - sum(cost.share for cost in self.kernels))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {**asdict(self), "layers": [asdict(row) for row in self.layers]}

    def table(self, kernels: bool = False) -> str:
        """Return the table of layers, or of all their kernels."""
        rows = self.kernels if kernels else self.layers
        names = [f"{c.name}  {c.kernel}" if kernels else c.name for c in rows]
        width = max(map(len, [*names, "Layer", "between kernels"]))
        head = f"{'Layer':{width}}  {'Time':>9}  {'Share':>6}  {'Products':>9}  {'Of peak':>7}"
        lines = [self._title(), "", head, "-" * len(head)]
        for name, cost in zip(names, rows, strict=True):
            computed = cost.multiply_adds > 0
            products = f"{cost.multiply_adds / 1e6:.2f} M" if computed else ""
            of_peak = f"{cost.of_peak:.0%}" if computed else ""
            time = f"{cost.microseconds:.0f} us"
            lines.append(
                f"{name:{width}}  {time:>9}  {cost.share:>6.1%}  {products:>9}  {of_peak:>7}"
            )
        lines.append(f"{'between kernels':{width}}  {'':>9}  {self.waiting:>6.1%}")
        return "\n".join(line.rstrip() for line in lines)

    def _title(self) -> str:
        what = "Train step" if self.mode == "train" else "Prediction"
        images = "1 image" if self.batch_size == 1 else f"{self.batch_size} images"
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return (
            f"{what} of {images}: {self.microseconds:.0f} us, {threads}, {self.isa}, "
            f"peak {2 * self.peak / 1e9:.0f} GFLOP/s"
        )

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return f"<Profile: {self._title()}>"

    def _repr_html_(self) -> str:
        return f"<pre>{text(self)}</pre>"


def _sum(name: str, costs: list[Cost]) -> Cost:
    time = sum(c.microseconds for c in costs)
    # A layer's share of peak is that of the time in which it multiplies.
    multiplying = sum(c.microseconds for c in costs if c.multiply_adds)
    at_peak = sum(c.of_peak * c.microseconds for c in costs)
    return Cost(
        name=name,
        kernel=" ".join(c.kernel for c in costs),
        calls=sum(c.calls for c in costs),
        microseconds=time,
        share=sum(c.share for c in costs),
        multiply_adds=sum(c.multiply_adds for c in costs),
        bytes=sum(c.bytes for c in costs),
        of_peak=at_peak / multiplying if multiplying else 0.0,
    )


def profile_session(
    session: Session, mode: str, x: Sequence[npt.NDArray[Any]], y: Arrays | None
) -> Profile:
    """Clock one batch again and again: "train" or "predict". Weights stay as they are."""
    first, _, _ = session.profile(mode, x, y, 1)
    repeats = max(1, int(_SECONDS_A_ROUND / max(first, 1e-6)))
    peaks, rounds = [], []
    for _ in range(_ROUNDS):
        peaks.append(peak())
        rounds.append(session.profile(mode, x, y, repeats))
    highest = max(peaks)
    seconds, threads, lines = min(rounds, key=lambda found: found[0])
    kernels = tuple(_costs(lines, repeats, seconds * threads, highest / threads))
    step = seconds / repeats * 1e6
    return Profile(mode, len(x[0]), threads, isa(), step, highest, kernels)


def _costs(
    lines: Iterable[ProfileLine], repeats: int, total: float, peak_of_thread: float
) -> Iterable[Cost]:
    given = list(lines)
    # Updates go by the parameter, "conv2d/kernel"; its unit may be "conv2d+max_pooling2d".
    units = {line.unit.partition("+")[0]: line.unit for line in reversed(given)}
    for line in given:
        layer = line.unit.partition("/")[0]
        rate = line.multiply_adds / line.seconds if line.seconds else 0.0
        yield Cost(
            name=units.get(layer, layer),
            kernel=line.kernel,
            calls=line.calls / repeats,
            microseconds=line.seconds / repeats * 1e6,
            share=line.seconds / total,
            multiply_adds=line.multiply_adds / repeats,
            bytes=line.bytes / repeats,
            of_peak=rate / peak_of_thread,
        )
