"""What belongs to several inputs or outputs: in a list, or in a dictionary by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from galago.errors import DataError


def spread(given: Any, names: Sequence[str], what: str, owner: str) -> list[Any]:
    """Return what is given for each name, in their order. Raises DataError.

    For one name it is what is given itself, also where that is a list of examples; for several a
    list or tuple, or a dictionary. `what` ("x") and `owner` ("fit()") are for the message.

    >>> spread({"b": 2, "a": 1}, ["a", "b"], "x", "fit()")
    [1, 2]
    """
    if isinstance(given, Mapping):
        if set(given) != set(names):
            raise DataError(
                f"{owner}: expected {what} for {_words(names)}, received {_words(list(given))}. "
                f"Pass a dictionary with these names."
            )
        return [given[name] for name in names]
    if len(names) == 1:
        return [given]
    if not isinstance(given, (list, tuple)) or len(given) != len(names):
        received = f"{len(given)}" if isinstance(given, (list, tuple)) else type(given).__name__
        raise DataError(
            f"{owner}: expected {what} as a list of {len(names)}, for {_words(names)}, received "
            f"{received}. Pass a list, or a dictionary with these names."
        )
    return list(given)


def _words(names: Sequence[Any]) -> str:
    return ", ".join(repr(name) for name in names)
