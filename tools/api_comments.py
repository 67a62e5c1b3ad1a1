"""The comments that explain names which cannot have a docstring: `#:` above an assignment."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any


@cache
def comments(thing: ModuleType | type) -> dict[str, str]:
    """Return what stands above the names that a module or a class assigns, by name.

    In a class these are its own attributes, and those that its methods set on `self`.
    """
    source = textwrap.dedent(inspect.getsource(thing))
    lines = source.splitlines()
    body = ast.parse(source).body
    own = body if isinstance(thing, ModuleType) else list(ast.walk(body[0]))
    found = {name: above(lines, line) for node in own for name, line in assigned(node)}
    return {name: text for name, text in found.items() if text}


def assigned(node: Any) -> Iterator[tuple[str, int]]:
    """Yield the names that a statement assigns, `self.` left out, with its line."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    for target in targets:
        for part in target.elts if isinstance(target, ast.Tuple) else [target]:
            name = ast.unparse(part).removeprefix("self.")
            if name.isidentifier() and (name.startswith("__") or not name.startswith("_")):
                yield name, node.lineno


def above(lines: list[str], line: int) -> str:
    """Return the text of the `#:` comment that ends above a line, which counts from 1."""
    text: list[str] = []
    for before in reversed(lines[: line - 1]):
        if not before.strip().startswith("#:"):
            break
        text.insert(0, before.strip()[2:].strip())
    return " ".join(text)
