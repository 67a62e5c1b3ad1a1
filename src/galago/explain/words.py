"""Explanations in words."""

from __future__ import annotations

from galago.explain.probe import Place, Probe
from galago.explain.steps import Step, Term
from galago.image.tables import number
from galago.windows import Region

__all__ = ["number", "place_words", "region_words", "seen_words", "short", "step_words"]

#: What axes are called, by how many there are.
AXES: dict[int, tuple[str, ...]] = {
    1: ("unit",),
    2: ("step", "channel"),
    3: ("row", "column", "channel"),
}


def place_words(at: Place) -> str:
    """Return a place in words.

    >>> place_words((3, 4, 7)), place_words((2, 5)), place_words((9,))
    ('(row 3, column 4, channel 7)', '(step 2, channel 5)', '(unit 9)')
    """
    pairs = zip(AXES[len(at)], at, strict=True)
    return f"({', '.join(f'{name} {n}' for name, n in pairs)})"


def short(at: Place) -> str:
    """Return a place as short as it can be read.

    >>> short((3, 4, 7)), short((2, 5)), short((9,))
    ('(3, 4, channel 7)', '(step 2, channel 5)', '(unit 9)')
    """
    return f"({at[0]}, {at[1]}, channel {at[2]})" if len(at) == 3 else place_words(at)


def seen_words(probed: Probe, node: int, at: Place) -> str:
    """Return the layer and the place of a number in words."""
    layer, place = probed.seen(node, at)
    return f"{layer} {place_words(place)}"


def region_words(region: Region) -> str:
    """Return a region in words.

    >>> region_words(((3, 13), (0, 10), (0, 1)))
    'rows 3 to 12, columns 0 to 9, channel 0'
    >>> region_words(((0, 128),))
    'units 0 to 127'
    """
    parts = []
    for name, (first, end) in zip(AXES[len(region)], region, strict=True):
        last = end - 1
        parts.append(f"{name} {first}" if first == last else f"{name}s {first} to {last}")
    return ", ".join(parts)


def step_words(probed: Probe, step: Step, shown: int) -> str:
    """Return how a number was made; of many products the largest `shown`, or their count alone."""
    value = number(step.value)
    match step.how:
        case "choice":
            return f"{value} = {_choice(probed, step)}"
        case "function":
            return f"{value} = {_function(step)}"
        case "copy":
            (term,) = step.terms
            return f"{value}, moved from {_origin(probed, term)}"
        case "product":
            return f"{value} = {' * '.join(number(term.value) for term in step.terms)}"
        case "nothing":
            return value if step.name else f"{value}, a border of zeros"
        case "mean":
            listed = _listed(probed, step, shown, values=True)
            return f"{value} = the mean of {len(step.terms)}: {listed}"
    return f"{value} = {_sum(probed, step, shown)}"


def _at(probed: Probe, term: Term) -> str:
    return short(probed.seen(term.source, term.place)[1])


def _origin(probed: Probe, term: Term) -> str:
    layer, at = probed.seen(term.source, term.place)
    return f"{layer} {short(at)}"


def _choice(probed: Probe, step: Step) -> str:
    winner = step.terms[step.winner]
    op = probed.node(step.node).op
    word = "smallest" if op == "minimum" else "largest"
    others = [number(t.value) for at, t in enumerate(step.terms) if at != step.winner]
    rest = f", not {', '.join(others)}" if 0 < len(others) <= 8 else ""
    return f"the {word} of {len(step.terms)}: {_origin(probed, winner)}{rest}"


def _function(step: Step) -> str:
    if not step.terms:
        return f"{step.name} of all its inputs"
    first, *others = step.terms
    if not others:
        return f"{step.name}({number(first.value)})"
    return f"{step.name} of {number(first.value)} among {len(step.terms)} numbers"


def _product(probed: Probe, term: Term) -> str:
    return f"{number(term.weight)} * {number(term.value)} {_at(probed, term)}"


def _listed(probed: Probe, step: Step, shown: int, values: bool = False) -> str:
    terms = step.largest(shown)
    if values:
        listed = [f"{number(t.value)} {_at(probed, t)}" for t in terms]
    else:
        listed = [f"{_product(probed, t)} = {number(t.product)}" for t in terms]
    more = len(step.terms) - len(listed)
    return ", ".join([*listed, *([f"and {more} more"] if more else [])])


def _sum(probed: Probe, step: Step, shown: int) -> str:
    count = len(step.terms)
    start = f"bias {number(step.bias)} + " if step.bias else ""
    if len({term.source for term in step.terms}) > 1:
        return _merged(probed, step)
    if count == 1:
        rest = f" + {number(step.bias)}" if step.bias else ""
        return f"{_product(probed, step.terms[0])}{rest}"
    if not shown:
        return f"{start}{count} products"
    largest = "; the largest: " if count > shown else ": "
    return f"{start}{count} products{largest}{_listed(probed, step, shown)}"


def _merged(probed: Probe, step: Step) -> str:
    """A sum of several layers' numbers."""
    parts: list[str] = []
    for term in step.terms:
        sign = "- " if term.weight < 0 else "+ " if parts else ""
        layer, _ = probed.seen(term.source, term.place)
        of = "" if layer == probed.node(step.node).layer else f" of {layer}"
        parts.append(f"{sign}{number(term.value)}{of}")
    return " ".join(parts)
