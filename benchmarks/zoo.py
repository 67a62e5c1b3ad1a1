"""The zoo's table: one line a model and task, and geometric means over the models."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from galago.bench.results import Result
from galago.bench.tables import digits, markdown

#: Whom the means are taken against, by mode.
RIVALS = {"train": "PyTorch", "infer": "ONNX Runtime"}


def table(results: Sequence[Result]) -> str:
    """Galago's time, the rival's ratio, and who is the fastest of the others with which ratio."""
    found = []
    for result in results:
        own, *others = result.rows
        mode = result.task.split("-")[0]
        unit = "s an epoch" if mode == "train" else "us an image"
        seconds = own.seconds if mode == "train" else own.seconds * 1e6
        rival = _ratio(result)
        best = min(others, key=lambda row: row.ratio, default=None)
        found.append(
            (
                result.model,
                result.task,
                f"{digits(seconds)} {unit}",
                "" if rival is None else f"{rival:.2f} ({RIVALS[mode]})",
                "" if best is None else f"{best.ratio:.2f} ({best.contestant})",
            )
        )
    return markdown(("model", "task", "Galago", "ratio", "ratio of the fastest"), found)


def means(results: Sequence[Result]) -> str:
    """A sentence with the geometric mean of the ratios to the rivals, by mode."""
    parts = []
    for mode, name in RIVALS.items():
        ratios = [_ratio(result) for result in results if result.task.startswith(mode)]
        known = [ratio for ratio in ratios if ratio is not None]
        if known:
            mean = statistics.geometric_mean(known)
            parts.append(f"{mode} {mean:.2f} times as fast as {name} (over {len(known)} lines)")
    return f"Geometric means: {'; '.join(parts)}." if parts else ""


def _ratio(result: Result) -> float | None:
    """The ratio of the rival's fastest setting; None where it does not take part."""
    name = RIVALS[result.task.split("-")[0]]
    return min((row.ratio for row in result.rows if row.contestant.startswith(name)), default=None)
