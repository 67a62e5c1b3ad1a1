"""Which exceptions a function raises on purpose, read from its source.

These are its own `raise` statements, those of private helpers in its module and of private methods
of its class, and those of the checks of arguments (galago.checks, galago.registry).
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from api_names import ROOT

CHECKS = (f"{ROOT}.checks", f"{ROOT}.registry")


def raised(function: Callable[..., Any], owner: type | None = None) -> set[type[BaseException]]:
    """Return the exceptions of a function, or of a method that `owner` has.

    A NotImplementedError is none: it marks what a subclass has to say.
    """
    found: set[type[BaseException]] = set()
    waiting, seen = [function], set()
    while waiting:
        here = waiting.pop()
        if here in seen or not inspect.isfunction(here):
            continue
        if here.__code__.co_filename == "<string>":  # a constructor that dataclasses wrote
            continue
        seen.add(here)
        for node in escaping(tree(here), here):
            if isinstance(node, ast.Raise):
                found |= set(exceptions(node.exc, here))
            elif isinstance(node, ast.Call):
                waiting += helpers(node.func, here, owner)
    return found - {NotImplementedError}


def tree(function: Callable[..., Any]) -> ast.AST:
    """Return the syntax of a function."""
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def escaping(node: ast.AST, function: Any) -> Iterator[ast.AST]:
    """Yield a node and those below it, but no `raise` that a `try` around it catches."""
    yield node
    for child in ast.iter_child_nodes(node):
        below = escaping(child, function)
        if isinstance(node, ast.Try) and child in node.body:
            caught = [kind for handler in node.handlers for kind in kinds(handler.type, function)]
            below = (part for part in below if not is_caught(part, caught, function))
        yield from below


def is_caught(node: ast.AST, caught: list[type[BaseException]], function: Any) -> bool:
    """Return whether a node raises what is caught."""
    found = exceptions(node.exc, function) if isinstance(node, ast.Raise) else ()
    return any(issubclass(error, kind) for error in found for kind in caught)


def kinds(expression: ast.expr | None, function: Any) -> Iterator[type[BaseException]]:
    """Yield the classes that an `except` names."""
    for part in expression.elts if isinstance(expression, ast.Tuple) else [expression]:
        yield from exceptions(part, function)


def exceptions(expression: ast.expr | None, function: Any) -> Iterator[type[BaseException]]:
    """Yield the exception that is named, by its class or by a helper that returns it."""
    called = expression.func if isinstance(expression, ast.Call) else expression
    if isinstance(called, (ast.Name, ast.Attribute)):
        value = named(ast.unparse(called), function)
        if inspect.isfunction(value):
            value = named(str(value.__annotations__.get("return")), value)
        if isinstance(value, type) and issubclass(value, BaseException):
            yield value


def named(name: str, function: Any) -> Any:
    """Return what a name, dotted or not, means in a function's module, None for its own names."""
    first, *rest = name.split(".")
    value = function.__globals__.get(first, vars(builtins).get(first))
    for part in rest:
        value = getattr(value, part, None)
    return value


def helpers(called: ast.expr, function: Any, owner: type | None) -> list[Any]:
    """Return the function that is called if what it raises is the caller's affair."""
    if isinstance(called, ast.Attribute):
        is_own = isinstance(called.value, ast.Name) and called.value.id in ("self", "cls")
        if not is_own or owner is None or not is_private(called.attr):
            return []
        value = inspect.getattr_static(owner, called.attr, None)
        return [getattr(value, "__func__", value)]
    value = function.__globals__.get(called.id) if isinstance(called, ast.Name) else None
    module = getattr(value, "__module__", "")
    near = module == function.__module__ and is_private(getattr(value, "__name__", ""))
    return [value] if near or module in CHECKS else []


def is_private(name: str) -> bool:
    """Return whether a name is one that only its own module or class uses."""
    return name.startswith("_") and not name.startswith("__")
