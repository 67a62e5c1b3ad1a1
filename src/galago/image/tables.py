"""Small tables of numbers in notebooks and figures: colours say what is large or negative."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from galago.filters import Filter
from galago.markup import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CELL = "padding:4px 8px;text-align:right;font-variant-numeric:tabular-nums;border:1px solid #ccc"
_ROW = "display:flex;flex-wrap:wrap;align-items:center;gap:12px;font-family:system-ui,sans-serif"
#: Around the number that a pool takes.
_TAKEN = ";outline:3px solid #d55e00;outline-offset:-3px"
#: Numbers are read on any colour: dark, in a light box.
_LABEL: dict[str, Any] = {
    "color": "black",
    "bbox": {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.5},
}


def number(value: float) -> str:
    """Return a number as short as it can be written, with five digits at most behind the point.

    >>> number(577.0), number(-0.5), number(1 / 3), number(1e-9)
    ('577', '-0.5', '0.33333', '1e-09')
    """
    value = float(value) + 0.0  # no -0
    if value and abs(value) < 1e-4:
        return f"{value:.3g}"
    rounded = f"{value:.5f}".rstrip("0").rstrip(".")
    return "0" if rounded == "-0" else rounded


def number_table(
    values: Filter,
    title: str,
    *,
    low: float | None = None,
    high: float | None = None,
    taken: tuple[int, int] | None = None,
) -> str:
    """Return numbers as a table of HTML.

    With `low` and `high` they are greys from black to white; without, what is positive is red and
    what is negative blue, the stronger the larger. `taken` is the place of one to frame.
    """
    rows = []
    for row, numbers in enumerate(values):
        cells = (
            f'<td style="{_CELL};{_colours(float(value), values, low, high)}'
            f'{_TAKEN if (row, column) == taken else ""}">{number(value)}</td>'
            for column, value in enumerate(numbers)
        )
        rows.append(f"<tr>{''.join(cells)}</tr>")
    caption = f"<caption>{text(title)}</caption>"
    return f'<table style="border-collapse:collapse">{caption}{"".join(rows)}</table>'


def row_of_tables(title: str, parts: Sequence[str]) -> str:
    """Return tables, and what stands between them, side by side."""
    inner = "".join(f"<div>{part}</div>" for part in parts)
    return f'<div><strong>{text(title)}</strong><div style="{_ROW}">{inner}</div></div>'


def drawn_numbers(
    axes: Axes, values: Filter, title: str, *, low: float | None = None, high: float | None = None
) -> None:
    """Draw numbers into a part of a figure, in the colours of number_table()."""
    largest = _largest(values)
    grey = low is not None
    colours: dict[str, Any] = (
        {"cmap": "gray", "vmin": low, "vmax": high}
        if grey
        else {"cmap": "RdBu_r", "vmin": -largest, "vmax": largest}
    )
    axes.imshow(values, **colours)
    axes.set(title=title, xticks=[], yticks=[])
    for (row, column), value in np.ndenumerate(values):
        axes.text(column, row, number(value), ha="center", va="center", **_LABEL)


def _largest(values: Filter) -> float:
    return float(np.abs(np.where(np.isfinite(values), values, 0.0)).max()) or 1.0


def _colours(value: float, values: Filter, low: float | None, high: float | None) -> str:
    if not math.isfinite(value):
        return "background:#888;color:#fff"
    if low is not None and high is not None:
        grey = round(255 * min(max((value - low) / (high - low), 0.0), 1.0))
        return f"background:rgb({grey},{grey},{grey});color:{'#fff' if grey < 128 else '#000'}"
    largest = _largest(values)
    strength = round(70 * abs(value) / largest)
    hue = 10 if value > 0 else 220
    return f"background:hsl({hue},80%,{100 - strength // 2}%);color:#000"
