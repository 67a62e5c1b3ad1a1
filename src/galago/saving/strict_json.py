"""JSON of strangers: what two readers may understand differently is refused."""

from __future__ import annotations

import json
from typing import Any, NoReturn

DEEPEST = 100
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def loads(text: bytes) -> Any:
    """Return the value of a JSON text in UTF-8.

    Raises ValueError for what is no JSON (NaN and Infinity are none), for a name that stands
    twice in one object, and for lists and objects more than DEEPEST deep.

    >>> loads(b'{"a": [1, 2]}')
    {'a': [1, 2]}
    """
    depth = 0  # counts the brackets in texts too
    for bracket in text.translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise ValueError(f"expected lists and objects {DEEPEST} deep at most")
    return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: with two of one name readers disagree on which counts."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the name {name!r} stands twice in one object")
        found[name] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
