"""Explanations in words."""

from __future__ import annotations

from galago.explain.probe import Probe
from galago.explain.steps import Step, Term
from galago.image.tables import number
from galago.windows import Region

__all__ = ["number", "place", "region_words", "step_words"]


def place(at: tuple[int, ...]) -> str:
    """Return a place as short as it can be read.

    >>> place((3, 4, 7)), place((9,))
    ('(3, 4, channel 7)', '(unit 9)')
    """
    if len(at) == 1:
        return f"(unit {at[0]})"
    return f"({', '.join(map(str, at[:-1]))}, channel {at[-1]})"


def region_words(region: Region) -> str:
    """Return a region in words.

    >>> region_words(((3, 13), (0, 10), (0, 1)))
    'rows 3 to 12, columns 0 to 9, channel 0'
    >>> region_words(((0, 128),))
    'units 0 to 127'
    """
    names = {1: ("unit",), 2: ("step", "channel"), 3: ("row", "column", "channel")}[len(region)]
    parts = []
    for name, (first, end) in zip(names, region, strict=True):
        last = end - 1
        parts.append(f"{name} {first}" if first == last else f"{name}s {first} to {last}")
    return ", ".join(parts)


def step_words(probed: Probe, step: Step, shown: int) -> list[str]:
    """Return how a number was made, a line or two; of many products the largest `shown`."""
    value = number(step.value)
    match step.how:
        case "choice":
            return [f"{value} = {_choice(probed, step)}"]
        case "function":
            return [f"{value} = {_function(step)}"]
        case "copy":
            (term,) = step.terms
            return [f"{value}, moved from {_origin(probed, term)}"]
        case "product":
            return [f"{value} = {' * '.join(number(term.value) for term in step.terms)}"]
        case "nothing":
            return [value if step.name else f"{value}, a border of zeros"]
        case "mean":
            count = len(step.terms)
            return [f"{value} = the mean of {count}: {_listed(step, shown, values=True)}"]
    return [f"{value} = {_sum(step, shown)}"]


def _origin(probed: Probe, term: Term) -> str:
    return f"{probed.node(term.source).layer} {place(term.place)}"


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


def _product(term: Term) -> str:
    return f"{number(term.weight)} * {number(term.value)} {place(term.place)}"


def _listed(step: Step, shown: int, values: bool = False) -> str:
    terms = step.largest(shown)
    if values:
        listed = [f"{number(t.value)} {place(t.place)}" for t in terms]
    else:
        listed = [f"{_product(t)} = {number(t.product)}" for t in terms]
    more = len(step.terms) - len(listed)
    return ", ".join([*listed, *([f"and {more} more"] if more else [])])


def _sum(step: Step, shown: int) -> str:
    count = len(step.terms)
    start = f"bias {number(step.bias)} + " if step.bias else ""
    if count == 1 and shown:
        return f"{_product(step.terms[0])}{f' + {number(step.bias)}' if step.bias else ''}"
    largest = "the largest: " if count > shown else ""
    return f"{start}{count} products{'; ' + largest if largest else ': '}{_listed(step, shown)}"
