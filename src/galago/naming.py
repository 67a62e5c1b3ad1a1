"""Names made up for layers and models that got none, as Keras makes them."""

from __future__ import annotations

import re

_used: dict[str, int] = {}


def snake_case(class_name: str) -> str:
    """Return a class name in Keras's lower case.

    >>> snake_case("MaxPooling2D"), snake_case("LeakyReLU")
    ('max_pooling2d', 'leaky_re_lu')
    """
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", class_name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def auto_name(class_name: str) -> str:
    """Return "dense", then "dense_1", "dense_2" ... for the layers of this process."""
    name = snake_case(class_name)
    count = _used.get(name, 0)
    _used[name] = count + 1
    return f"{name}_{count}" if count else name


def reset() -> None:
    """Start the numbering again."""
    _used.clear()


def is_layer_name(name: object) -> bool:
    """Tell whether a layer may be called so: in files, for the engine, and as a part of a path."""
    if not isinstance(name, str) or not name or "/" in name:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in name)
