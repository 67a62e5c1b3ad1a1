"""Small tables of numbers as HTML, for notebooks: colours say what is large, what is negative."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

from galago.filters import Filter

_CELL = "padding:4px 8px;text-align:right;font-variant-numeric:tabular-nums;border:1px solid #ccc"
_ROW = "display:flex;flex-wrap:wrap;align-items:center;gap:12px;font-family:system-ui,sans-serif"


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
    values: Filter, title: str, *, low: float | None = None, high: float | None = None
) -> str:
    """Return numbers as a table.

    With `low` and `high` they are greys from black to white; without, what is positive is red and
    what is negative blue, the stronger the larger.
    """
    rows = "".join(
        "<tr>" + "".join(_cell(float(value), values, low, high) for value in row) + "</tr>"
        for row in values
    )
    style = "border-collapse:collapse;color:#000"
    return f'<table style="{style}"><caption>{html.escape(title)}</caption>{rows}</table>'


def row_of_tables(title: str, parts: Sequence[str]) -> str:
    """Return tables, and what stands between them, side by side."""
    inner = "".join(f"<div>{part}</div>" for part in parts)
    return f'<div><strong>{html.escape(title)}</strong><div style="{_ROW}">{inner}</div></div>'


def _cell(value: float, values: Filter, low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        grey = round(255 * min(max((value - low) / (high - low), 0.0), 1.0))
        colours = f"background:rgb({grey},{grey},{grey});color:{'#fff' if grey < 128 else '#000'}"
    else:
        largest = float(np.abs(values).max()) or 1.0
        strength = round(70 * abs(value) / largest)
        hue = 10 if value > 0 else 220
        colours = f"background:hsl({hue},80%,{100 - strength // 2}%);color:#000"
    return f'<td style="{_CELL};{colours}">{number(value)}</td>'
