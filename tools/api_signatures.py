"""How a call of something public is written, without types, which its text explains."""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, is_typeddict

WIDTH = 100


def signature(call: Callable[..., Any], *, bound: bool = False) -> inspect.Signature:
    """Return a signature without annotations, and without `self` or `cls` if it is bound."""
    known = inspect.signature(call)
    parameters = list(known.parameters.values())[bound:]
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    return known.replace(parameters=bare, return_annotation=inspect.Signature.empty)


def call_text(name: str, call: Callable[..., Any], *, bound: bool = False) -> str:
    """Return a call in one line, or in several if it is longer than a page is wide."""
    known = signature(call, bound=bound)
    inner = str(known)[1:-1].replace("'", '"')
    if len(name) + len(inner) + 2 <= WIDTH:
        return f"{name}({inner})"
    for parameter in known.parameters.values():  # a default stays in one piece
        piece = str(parameter).replace("'", '"')
        inner = inner.replace(piece, piece.replace(" ", "\0"))
    rows = textwrap.wrap(inner, WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return "\n".join([f"{name}(", *(f"    {row}" for row in rows), ")"]).replace("\0", " ")


def parameters(call: Callable[..., Any], *, bound: bool = False) -> list[str]:
    """Return the names of a call's arguments, but for `**options` that have names of their own."""
    known = list(inspect.signature(call).parameters.values())[bound:]
    named = options(call)
    return [p.name for p in known if not (p.kind is p.VAR_KEYWORD and named is not None)]


def shared_options(cls: type) -> list[str]:
    """Return the names that a class takes by `**options`: those of a TypedDict that fit it.

    The TypedDict names what some class of the family takes; one that it extends is for all.
    """
    found = options(cls)
    if found is None:
        return []
    every = set(found.__annotations__)
    known = [part for part in vars(sys.modules[found.__module__]).values() if is_typeddict(part)]
    smaller = [set(part.__annotations__) for part in known if set(part.__annotations__) < every]
    own: set[str] = set(cls.argument_names()) if hasattr(cls, "argument_names") else set()
    fitting = own.union(*(smaller or [every]))
    return [name for name in found.__annotations__ if name in fitting]


def options(call: Callable[..., Any]) -> Any:
    """Return the TypedDict that explains `**options: Unpack[TypedDict]`, None if there is none."""
    function: Any = call.__init__ if isinstance(call, type) else call
    every = inspect.signature(function).parameters.values()
    annotation = next((p.annotation for p in every if p.kind is p.VAR_KEYWORD), "")
    where: Mapping[str, Any] = getattr(function, "__globals__", {})
    found = where.get(str(annotation).removeprefix("Unpack[").removesuffix("]"))
    return found if is_typeddict(found) else None
