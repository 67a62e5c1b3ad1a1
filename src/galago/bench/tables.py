"""Results as tables: cells for a terminal, and Markdown for the docs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from galago.bench.results import Result

#: Digits of a figure that are more than noise.
_DIGITS = 3


def head(result: Result) -> tuple[str, ...]:
    """Return the titles of a result's columns."""
    mode, batch = result.task.split("-")
    if mode == "train":
        return "contestant", "s an epoch", "range", "ratio", "range", "others at most"
    if batch == "1":
        return "contestant", "us an image", "range", "p99", "ratio", "range", "others at most"
    return "contestant", "us an image", "range", "ratio", "range", "others at most"


def lines(result: Result) -> list[tuple[str, ...]]:
    """Return a row of cells for each contestant, the fastest first."""
    factor = 1.0 if result.task.startswith("train") else 1e6
    found = []
    for row in sorted(result.rows, key=lambda row: row.seconds):
        own = [sample for sample in result.samples if sample.contestant == row.contestant]
        others = [sample.timing.others for sample in own if sample.timing.others is not None]
        cells = [row.contestant, digits(row.seconds * factor)]
        cells.append(_span(row.seconds_range, factor))
        if "p99" in head(result):
            worst = statistics.median(sample.report["p99"] for sample in own)
            cells.append(digits(worst * factor))
        cells += [f"{row.ratio:.2f}", _span(row.ratio_range)]
        cells.append(f"{max(others):.0%}" if others else "?")
        found.append(tuple(cells))
    return found


def verdict(result: Result) -> str:
    """Return one sentence: how much faster Galago is than the fastest of the others."""
    own, *others = result.rows
    if not others:
        return ""
    best = min(others, key=lambda row: row.seconds)
    if best.ratio >= 1:
        return f"Galago is {best.ratio:.2f} times as fast as {best.contestant}."
    return f"{best.contestant} is {1 / best.ratio:.2f} times as fast as {own.contestant}."


def markdown(titles: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table.

    >>> print(markdown(["a", "b"], [["1", "2"]]))
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    rule = ["---"] * len(titles)
    return "\n".join(f"| {' | '.join(line)} |" for line in (titles, rule, *cells))


def digits(value: float) -> str:
    """Return a number with three digits.

    >>> digits(0.123456), digits(12.3456), digits(1234.5)
    ('0.123', '12.3', '1234')
    """
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    return f"{value:.{max(0, _DIGITS - whole)}f}"


def _span(bounds: tuple[float, float], factor: float = 1.0) -> str:
    return f"{digits(bounds[0] * factor)} to {digits(bounds[1] * factor)}"
