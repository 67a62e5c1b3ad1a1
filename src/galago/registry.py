"""Literal tables from names to what they stand for, and how a wrong name is answered."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

from galago.errors import UnknownNameError

T = TypeVar("T")

#: Keras's name of an activation -> the engine's kind and its alpha (0.0 where it has none).
ACTIVATIONS: Mapping[str, tuple[str, float]] = {
    "linear": ("linear", 0.0),
    "relu": ("relu", 0.0),
    "softmax": ("softmax", 0.0),
    "sigmoid": ("sigmoid", 0.0),
    "tanh": ("tanh", 0.0),
    "relu6": ("relu6", 0.0),
    "leaky_relu": ("leaky_relu", 0.2),
    "elu": ("elu", 1.0),
    "selu": ("selu", 0.0),
    "gelu": ("gelu", 0.0),
    "silu": ("silu", 0.0),
    "swish": ("silu", 0.0),
    "softplus": ("softplus", 0.0),
    "softsign": ("softsign", 0.0),
    "hard_sigmoid": ("hard_sigmoid", 0.0),
    "exponential": ("exponential", 0.0),
}


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
    if not isinstance(name, str):
        return ""
    by_lower = {known.lower(): known for known in names}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return f" Did you mean {by_lower[found[0]]!r}?" if found else ""
