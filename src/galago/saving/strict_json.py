"""JSON of strangers: what two readers may understand differently is refused."""

from __future__ import annotations

import collections
import json
import math
from typing import Any, NoReturn

DEEPEST = 100
#: Whole numbers of more digits are refused: Python's have no end, other readers' do.
MOST_DIGITS = 40
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
#: What CPython takes, at most, for what these bytes begin or separate: lists, objects, their
#: entries, other values, half a text. Measured; see tests/saving/test_strict_json.py.
_COSTS = {b"[": 96, b"{": 200, b":": 110, b",": 48, b'"': 28}
#: The first bytes of characters in UTF-8 from which on all of a text has so many a character.
_WIDE = (0xF0, 4), (0xC4, 2)


def loads(text: bytes | bytearray) -> Any:
    """Return the value of a JSON text in UTF-8.

    Raises ValueError for what is no JSON (NaN and Infinity are none), for a name that stands
    twice in one object, for numbers of more than MOST_DIGITS digits or beyond float64, and for
    lists and objects more than DEEPEST deep.

    >>> loads(b'{"a": [1, 2]}')
    {'a': [1, 2]}
    """
    depth = 0  # counts the brackets in texts too
    for bracket in text.translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise ValueError(f"expected lists and objects {DEEPEST} deep at most")
    return json.loads(
        text.decode(),
        object_pairs_hook=_once,
        parse_constant=_no_constant,
        parse_float=_finite,
        parse_int=_whole,
    )


def cost(text: bytes | bytearray) -> int:
    """Return how many bytes loads() takes at most, from the characters alone.

    >>> cost(b'{"a": [1, 2]}')
    536
    """
    width = _width(text)
    # Escapes may widen a text when half of it is there, which then is there twice.
    widths = 3 * width + 5 if b"\\u" in text else 2 * width
    return widths * len(text) + sum(size * text.count(mark) for mark, size in _COSTS.items())


def _width(text: bytes | bytearray) -> int:
    """Bytes that Python keeps a character in."""
    highest = 0 if text.isascii() else max(text)
    return next((width for first, width in _WIDE if highest >= first), 1)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: with two of one name readers disagree on which counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = collections.Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise ValueError(f"the name {twice[:100]!r} stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"the number {digits[:40]} is too large")
    return number


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"expected whole numbers of {MOST_DIGITS} digits at most")
    return int(digits)
