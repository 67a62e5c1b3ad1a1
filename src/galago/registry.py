"""Look-ups in literal tables of names, and how a wrong name is answered."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

from galago.errors import UnknownNameError

T = TypeVar("T")

#: A longer name is nobody's mistake of typing, and comparing it would take long.
_LONGEST = 100


def look_up(table: Mapping[str, T], name: object, *, kind: str, owner: str = "") -> T:
    """Return the entry of a table.

    Arguments: the table, the name asked for, what the names are ("activation"), and who asks
    ("Dense 'dense_1'"), both for the message. Raises UnknownNameError.

    >>> look_up({"same": 1, "valid": 2}, "valid", kind="padding")
    2
    >>> look_up({"same": 1, "valid": 2}, "vald", kind="padding", owner="Conv2D 'conv2d'")
    Traceback (most recent call last):
    galago.errors.UnknownNameError: Conv2D 'conv2d': expected a known padding, received 'vald'. \
Did you mean 'valid'? Known: same, valid.
    """
    if isinstance(name, str) and name in table:
        return table[name]
    prefix = f"{owner}: " if owner else ""
    raise UnknownNameError(
        f"{prefix}expected a known {kind}, received {name!r}.{nearest(name, table)} "
        f"Known: {', '.join(table)}."
    )


def nearest(name: object, names: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" with the nearest of the names, or nothing.

    >>> nearest("rellu", ["relu", "tanh"])
    " Did you mean 'relu'?"
    """
    if not isinstance(name, str) or len(name) > _LONGEST:
        return ""
    by_lower = {known.lower(): known for known in names}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return f" Did you mean {by_lower[found[0]]!r}?" if found else ""
