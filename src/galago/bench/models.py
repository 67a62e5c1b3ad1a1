"""The models that can be measured: those of galago.applications, by name, and saved ones."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from galago import applications
from galago.errors import ArgumentError
from galago.models import Model, load_model


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
    """Return a new model: a name with arguments behind a colon, or what a `.keras` file holds.

    Raises ArgumentError, and FileFormatError or OSError for a file.

    >>> build("reference:filters=16").count_params()
    55098
    """
    if is_file(spec):
        return _loaded(spec)
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


def is_file(spec: str) -> bool:
    """Tell whether a model is to come from a file.

    >>> is_file("mine.keras"), is_file("reference:filters=16")
    (True, False)
    """
    return spec.endswith(".keras") or (bool(spec) and Path(spec).is_file())


def _loaded(spec: str) -> Model:
    """A saved model, of which all layers are trained."""
    model = load_model(spec, compile=False)
    if len(model.inputs) > 1 or len(model.outputs) > 1:
        raise ArgumentError(
            f"{spec}: expected a model with one input and one output, received one with "
            f"{len(model.inputs)} and {len(model.outputs)}. Make a Model of one of each, with its "
            "layers, and save that."
        )
    model.trainable = True
    return model


def _unknown(spec: str) -> str:
    return (
        f"Expected a .keras file or a model of {', '.join(names())}, received {spec!r}. "
        "Choose one of them."
    )
