"""Drawings as SVG, which need nothing else: what feeds what, and curves over epochs."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from galago.errors import ArgumentError
from galago.saving.durable import durable_writer

#: Of a letter, a line, and the room in and between boxes, in pixels.
_LETTER, _LINE, _INNER, _DOWN, _ASIDE = 6.6, 16, 8, 26, 28
#: Size of a plot of curves, and the room for its axes.
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 420, 240, 52, 28, 22
#: Told apart also by those who see few colours (Okabe and Ito, 2008).
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


class Svg:
    """A drawing; notebooks show it.

    Arguments:
        text: the SVG

    >>> Svg("<svg/>")
    <Svg of 6 characters>
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_svg_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Svg of {len(self.text)} characters>"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file, `path`, that ends in .svg. Raises ArgumentError and OSError."""
        require_svg(path)
        with durable_writer(path) as file:
            file.write(self.text.encode())


def require_svg(path: str | os.PathLike[str]) -> None:
    """Raise ArgumentError unless a file's name ends in .svg."""
    if not os.fspath(path).lower().endswith(".svg"):
        raise ArgumentError(
            f"Expected a file name that ends in .svg, received {os.fspath(path)!r}. Browsers show "
            "it, and Inkscape or cairosvg make a .png or .pdf of it."
        )


def flow(boxes: Sequence[Sequence[str]], edges: Sequence[tuple[int, int]]) -> Svg:
    """Return boxes of lines of text, each below all that it reads, and arrows between them.

    Arguments: the lines of each box, the first one in bold, in an order in which none reads a later
    one; pairs (from, to) of places in it.

    >>> flow([["Input"], ["Dense"]], [(0, 1)]).text.count("<rect")
    3
    """
    depths = [0] * len(boxes)
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        depths[target] = max(depths[target], depths[source] + 1)
    rows: dict[int, list[int]] = {}
    for box, depth in enumerate(depths):
        rows.setdefault(depth, []).append(box)
    widths = [max(map(len, lines)) * _LETTER + 2 * _INNER for lines in boxes]
    middles = _middles(rows, widths, edges)
    sides = {edge: _side(edge, depths, rows, middles, widths) for edge in edges}
    least = min(m - w / 2 for m, w in zip(middles, widths, strict=True))
    most = max(m + w / 2 for m, w in zip(middles, widths, strict=True))
    most = max([most, *(side for side in sides.values() if side is not None)])
    tops, y = {}, 4.0
    for depth in sorted(rows):
        tops[depth] = y
        y += max(len(boxes[box]) for box in rows[depth]) * _LINE + _INNER + _DOWN
    parts = [_head(most - least + 8, y - _DOWN + 4, least - 4)]
    for source, target in edges:
        start = tops[depths[source]] + len(boxes[source]) * _LINE + _INNER
        end = (middles[target], tops[depths[target]])
        parts.append(_arrow((middles[source], start), end, sides[source, target]))
    for lines, depth, middle, width in zip(boxes, depths, middles, widths, strict=True):
        parts.append(_box(lines, middle, tops[depth], width))
    return Svg("\n".join([*parts, "</svg>"]))


def _middles(
    rows: Mapping[int, Sequence[int]], widths: Sequence[float], edges: Sequence[tuple[int, int]]
) -> list[float]:
    """Where boxes stand: below the middle of what they read, apart from their neighbours."""
    sources: dict[int, list[int]] = {}
    for source, target in edges:
        sources.setdefault(target, []).append(source)
    middles = [0.0] * len(widths)
    for depth in sorted(rows):
        wanted = {
            box: float(np.mean([middles[s] for s in sources[box]])) if box in sources else 0.0
            for box in rows[depth]
        }
        order = sorted(rows[depth], key=lambda box: (wanted[box], box))
        places, right = [], -math.inf
        for box in order:
            place = max(wanted[box], right + widths[box] / 2)
            places.append(place)
            right = place + widths[box] / 2 + _ASIDE
        shift = float(np.mean([wanted[box] for box in order]) - np.mean(places))
        for box, place in zip(order, places, strict=True):
            middles[box] = place + shift
    return middles


def _head(width: float, height: float, left: float = 0.0) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="{left:.1f} 0 {width:.1f} {height:.1f}" font-family="system-ui,sans-serif" '
        f'font-size="11"><rect x="{left:.1f}" width="{width:.1f}" height="{height:.1f}" '
        'fill="#fff"/>'
    )


def _box(lines: Sequence[str], middle: float, top: float, width: float) -> str:
    height = len(lines) * _LINE + _INNER
    parts = [
        f'<rect x="{middle - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height}" '
        'rx="4" fill="#f2f5fa" stroke="#5b6b82"/>'
    ]
    for number, line in enumerate(lines):
        weight = ' font-weight="600"' if not number else ' fill="#444"'
        y = top + (number + 1) * _LINE - 1
        text = f'<text x="{middle:.1f}" y="{y:.1f}" text-anchor="middle"{weight}>'
        parts.append(f"{text}{escape(line)}</text>")
    return "".join(parts)


def _side(
    edge: tuple[int, int],
    depths: Sequence[int],
    rows: Mapping[int, Sequence[int]],
    middles: Sequence[float],
    widths: Sequence[float],
) -> float | None:
    """How far right a line has to go round the boxes that it passes; None if it passes none."""
    first, last = (depths[box] for box in edge)
    passed = [box for depth in range(first + 1, last) for box in rows[depth]]
    if not passed:
        return None
    return max(middles[box] + widths[box] / 2 for box in passed) + _ASIDE / 2


def _arrow(start: tuple[float, float], end: tuple[float, float], side: float | None) -> str:
    """A line down, or one that goes round boxes on the right."""
    (x, y), (to, bottom) = start, end
    tip = f"M{to - 3:.1f},{bottom - 6:.1f} L{to:.1f},{bottom:.1f} L{to + 3:.1f},{bottom - 6:.1f}"
    if side is None:
        half = (y + bottom) / 2
        way = f"C{x:.1f},{half:.1f} {to:.1f},{half:.1f} {to:.1f},{bottom:.1f}"
    else:  # whose middle is an eighth of both ends and three quarters of the control points
        away = max((side - (x + to) / 8) / 0.75, x, to)
        way = f"C{away:.1f},{y + 8:.1f} {away:.1f},{bottom - 10:.1f} {to:.1f},{bottom:.1f}"
    return f'<path d="M{x:.1f},{y:.1f} {way} {tip}" fill="none" stroke="#5b6b82"/>'


def curves(series: Mapping[str, Sequence[float]], title: str, first: int = 1) -> Svg:
    """Return curves over epochs, which are counted from `first`, with a legend.

    `series` has the values of each curve by its name; what is not finite is left out.

    >>> curves({"loss": [0.9, 0.5]}, "loss").text.count("<polyline")
    1
    """
    values = [float(v) for one in series.values() for v in one if math.isfinite(v)]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    count = max(map(len, series.values()), default=1)
    inner, tall = _WIDTH - _LEFT - 12, _HEIGHT - _TOP - _BOTTOM

    def at(epoch: float, value: float) -> tuple[float, float]:
        x = _LEFT + inner * (epoch / max(count - 1, 1))
        return x, _TOP + tall * (1 - (value - low) / ((high - low) or 1.0))

    parts = [_head(_WIDTH, _HEIGHT), f'<text x="{_LEFT}" y="14">{escape(title)}</text>']
    for tick in ticks:
        _, y = at(0, tick)
        parts.append(f'<path d="M{_LEFT},{y:.1f} h{inner}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:.4g}</text>')
    for epoch in sorted({0, (count - 1) // 2, count - 1}):
        x, y = at(epoch, low)
        text = f'<text x="{x:.1f}" y="{y + 16:.1f}" text-anchor="middle">{epoch + first}</text>'
        parts.append(text)
    for number, (name, one) in enumerate(series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [at(e, float(v)) for e, v in enumerate(one) if math.isfinite(v)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in places]
        left = _LEFT + 90 + 150 * number
        parts.append(f'<rect x="{left}" y="6" width="12" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{left + 16}" y="14">{escape(name)}</text>')
    return Svg("\n".join([*parts, "</svg>"]))


def beside(drawings: Sequence[Svg]) -> Svg:
    """Return plots of curves beside each other.

    >>> beside([curves({"loss": [1.0]}, "loss")] * 2).text.count("<polyline")
    2
    """
    parts = [_head(_WIDTH * max(len(drawings), 1), _HEIGHT)]
    for number, one in enumerate(drawings):
        parts.append(one.text.replace("<svg ", f'<svg x="{number * _WIDTH}" ', 1))
    return Svg("\n".join([*parts, "</svg>"]))


def _ticks(low: float, high: float) -> list[float]:
    """About four round numbers from at most `low` to at least `high`."""
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= span / 4)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(n * step, 12) for n in range(first, last + 1)]
