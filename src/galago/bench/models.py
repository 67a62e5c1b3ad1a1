"""The models that can be measured: those of galago.applications, by name."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from galago import applications
from galago.errors import ArgumentError
from galago.models.model import Model


def names() -> list[str]:
    """Return the names of all models.

    >>> "reference" in names()
    True
    """
    return [
        name
        for name, function in vars(applications).items()
        if inspect.isfunction(function) and function.__module__ == applications.__name__
        if not name.startswith("_")
    ]


def build(spec: str) -> Model:
    """Return a new model: a name, and arguments behind a colon. Raises ArgumentError.

    >>> build("reference:filters=16").count_params()
    55098
    """
    name, _, arguments = spec.partition(":")
    if name not in names():
        raise ArgumentError(_unknown(spec))
    function: Callable[..., Model] = getattr(applications, name)
    known = inspect.signature(function).parameters
    given: dict[str, Any] = {}
    for argument in filter(None, arguments.split(",")):
        key, _, text = argument.partition("=")
        if key not in known:
            raise ArgumentError(
                f"{name} expected arguments of {', '.join(known) or 'none'}, received "
                f"{argument!r}. Write for example reference:filters=16."
            )
        try:
            given[key] = ast.literal_eval(text.replace("x", ","))  # 3x3 is a pair
        except (SyntaxError, ValueError):
            given[key] = text
    return function(**given)


def _unknown(spec: str) -> str:
    if "." in spec or "/" in spec or (spec and Path(spec).exists()):
        return (
            f"Expected the name of a model, received the file {spec!r}: Galago cannot load saved "
            f"models yet. Choose one of {', '.join(names())}."
        )
    return f"Expected a model of {', '.join(names())}, received {spec!r}. Choose one of them."
