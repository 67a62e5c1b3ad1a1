"""One number of a network in a notebook and as a figure: the image, the map, what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from galago.explain.colours import (
    Array,
    Pixels,
    frame_axes,
    framed,
    framed_axes,
    inferno,
    picture,
    shares,
)
from galago.explain.patches import Patch, patches
from galago.explain.steps import SUM, Step
from galago.explain.words import number, seen_words
from galago.figures import new_figure
from galago.image.tables import drawn_numbers, number_table, row_of_tables
from galago.markup import block, table, text
from galago.windows import Region, point

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from galago.explain.unit import UnitExplanation

#: Channels and terms that are shown of many.
_CHANNELS, _TERMS = 3, 10
#: Numbers of a window that can still be read: in a page, in a figure.
_MOST_WRITTEN, _MOST_DRAWN = 121, 36
_SIDE = 168


def unit_html(unit: UnitExplanation) -> str:
    """Return an explanation as HTML."""
    chain = [[who, how] for who, how in unit.way_back()]
    rows = table(("and back to the input", ""), chain, wrapped=("",)) if chain else ""
    lines = "<br>".join(map(text, unit.made(0)))
    return block(
        f"<strong>{text(unit.title)}</strong>",
        f'<div style="display:flex;flex-wrap:wrap">{_pictures(unit)}</div>',
        lines,
        _read(unit),
        "<br>".join(map(text, unit.reach())),
        rows,
    )


def unit_figure(unit: UnitExplanation) -> Figure:
    """Return an explanation as a matplotlib figure."""
    shown, step = _shown(unit), unit.source
    read = _tables(step, _MOST_DRAWN)[:1]
    parts = (3 if step.how == SUM else 1) if read else 1
    figure = new_figure(max(3.2 * (len(shown) + parts), 5.0), 3.4)
    axes = list(figure.subplots(1, len(shown) + parts, squeeze=False)[0])
    for title, pixels, region in shown:
        framed_axes(axes.pop(0), pixels, region, title)
    for patch in read:
        one = axes.pop(0)
        low, high = _greys(patch.values)
        drawn_numbers(one, patch.values, _channel(unit, patch), low=low, high=high)
        if patch.winner is not None:
            frame_axes(one, point(patch.winner))
        for other, values in zip(axes, (patch.weights, patch.products), strict=False):
            drawn_numbers(other, values, "weights" if values is patch.weights else "products")
    if not read:
        terms = step.largest(_TERMS)
        names = [seen_words(unit.probed, term.source, term.place) for term in terms]
        axes[0].barh(range(len(terms)), [term.product for term in terms], color="#0072b2")
        axes[0].set(title="largest products", yticks=range(len(terms)), yticklabels=names)
        axes[0].tick_params(labelsize=6)
        axes[0].invert_yaxis()
    figure.suptitle(unit.title)
    return figure


def _shown(unit: UnitExplanation) -> list[tuple[str, Pixels, Region]]:
    """Inputs that are images, and the layer's map, with titles and what to frame in them."""
    probed, found = unit.probed, list[tuple[str, Pixels, Region]]()
    for place, node in enumerate(probed.graph.nodes):
        if node.op == "input" and len(node.shape) == 3 and node.layer in unit.receptive_field:
            region = unit.receptive_field[node.layer]
            found.append((node.layer, picture(probed.values[place]), region))
    step = unit.steps[0]
    if len(unit.place) == 3 and unit.chain:
        values = probed.values[step.node][..., unit.place[2]]
        title = f"{unit.layer}, channel {unit.place[2]}"
        found.append((title, inferno(shares(values)), point(unit.place)))
    return found


def _pictures(unit: UnitExplanation) -> str:
    return "".join(framed(pixels, region, _SIDE, title) for title, pixels, region in _shown(unit))


def _tables(step: Step, most: int) -> list[Patch]:
    """The windows of channels, where their numbers can be read."""
    found = patches(step)
    return found if found and found[0].values.size <= most else []


def _channel(unit: UnitExplanation, patch: Patch) -> str:
    """Whose channel a window is of, in words."""
    first = unit.source.terms[0]
    layer, _ = unit.probed.seen(first.source, first.place)
    return f"{layer}, channel {patch.channel}"


def _read(unit: UnitExplanation) -> str:
    """What the layer read: windows channel by channel, or a list of the largest terms."""
    found = _tables(unit.source, _MOST_WRITTEN)
    if not found:
        return _list(unit)
    parts = [_window(unit, patch) for patch in found[:_CHANNELS]]
    more = len(found) - len(parts)
    if more:
        rest = number(sum(patch.total for patch in found[_CHANNELS:]))
        others = "the other channel adds" if more == 1 else f"the other {more} channels add"
        parts.append(f"{others} {rest}")
    return "".join(parts)


def _window(unit: UnitExplanation, patch: Patch) -> str:
    low, high = _greys(patch.values)
    parts = [number_table(patch.values, "read", low=low, high=high, taken=patch.winner)]
    if unit.source.how == SUM:
        parts += [
            "&times;",
            number_table(patch.weights, "weights"),
            "=",
            number_table(patch.products, "products"),
            f"&rarr; {number(patch.total)}",
        ]
    return row_of_tables(_channel(unit, patch), parts)


def _list(unit: UnitExplanation) -> str:
    step = unit.source
    if len(step.terms) < 2:
        return ""
    largest = step.largest(_TERMS)
    rows = [
        [seen_words(unit.probed, term.source, term.place), *map(number, numbers)]
        for term in largest
        for numbers in [(term.value, term.weight, term.product)]
    ]
    titles = ("from", "value", "weight", "product")
    made = table(titles, rows, right=titles[1:])
    more = len(step.terms) - len(largest)
    if not more or step.how != SUM:
        return made
    rest = sum(term.product for term in step.terms) - sum(term.product for term in largest)
    return f"{made}and {more} more, which add {number(rest)}"


def _greys(values: Array) -> tuple[float, float]:
    finite = np.where(np.isfinite(values), values, 0.0)
    return min(float(finite.min()), 0.0), max(float(finite.max()), 0.0) or 1.0
