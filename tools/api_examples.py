"""Examples as a reader has to type them: with the imports that their file makes for them."""

from __future__ import annotations

import ast
import builtins
import doctest
import re

from api_names import modules

_FIRST = re.compile(r"^>>> ", re.MULTILINE)


def with_imports(text: str, module: str) -> str:
    """Return a docstring of a public module whose first example imports what all of them need."""
    lines = "".join(f"{line}\n" for line in imports(text, module))
    return _FIRST.sub(lambda first: lines + first[0], text, count=1)


def imports(text: str, module: str) -> list[str]:
    """Return the imports that the examples of a docstring lack."""
    missing = unknown(text)
    public = sorted(missing & set(modules()[module].__all__))
    lines = [">>> import numpy as np"] if "np" in missing else []
    return [*lines, *([f">>> from {module} import {', '.join(public)}"] if public else [])]


def unknown(text: str) -> set[str]:
    """Return the names that examples use and do not make."""
    used: set[str] = set()
    made = set(dir(builtins))
    for example in doctest.DocTestParser().get_examples(text):
        for node in ast.walk(ast.parse(example.source)):
            if isinstance(node, ast.Name):
                (used if isinstance(node.ctx, ast.Load) else made).add(node.id)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                made |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                made.add(node.name)
            elif isinstance(node, ast.arg):
                made.add(node.arg)
    return used - made
