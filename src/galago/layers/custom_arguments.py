"""What classes with code of their own say by their signatures, and where their errors come from."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

#: Arguments that the constructor of every layer takes, if it hands on those it does not know.
SHARED = ("name", "trainable", "dtype", "input_shape")


def named(cls: type[Any]) -> list[str]:
    """Return the names of the constructor's arguments."""
    _, *parameters = inspect.signature(cls.__init__).parameters.values()
    return [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]


def takes(function: Callable[..., Any], name: str | None) -> bool:
    """Whether a function has an argument of this name; None: whether it takes any."""
    parameters = inspect.signature(function).parameters
    if name is None:
        return any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    return name in parameters


def bound(cls: type[Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The constructor's own arguments by name; none where they do not fit."""
    try:
        given = inspect.signature(cls.__init__).bind(None, *args, **kwargs)
    except TypeError:  # which the constructor is going to say
        return {}
    _, *names = given.arguments
    found: dict[str, Any] = {}
    for name in names:
        value = given.arguments[name]
        rest = given.signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD
        found.update(value if rest else {name: value})
    return {name: value for name, value in found.items() if name not in SHARED}


@contextmanager
def noted(where: str) -> Iterator[None]:
    """Whatever is raised says where it was."""
    try:
        yield
    except BaseException as error:
        error.add_note(where)
        raise
