"""Every public name is explained: what it does, its arguments, what it raises, an example.

What is public, and which base classes share explanations, tools/api_names.py says.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from api_entries import constant_comment, doc, first_line
from api_names import Entry, bases, entries, function_of, hidden, is_public, members, modules
from api_raises import raised
from api_signatures import parameters, shared_options

LONGEST = 25
ENTRIES = entries()
CLASSES = [entry for entry in ENTRIES if isinstance(entry.value, type)]
FUNCTIONS = [entry for entry in ENTRIES if inspect.isroutine(entry.value)]
METHODS = [(entry, name, member) for entry in CLASSES for name, member in members(entry.value)]
#: Everything with a docstring: its name in messages, and itself.
TEXTS = [
    *((name, module) for name, module in modules().items()),
    *((entry.path, entry.value) for entry in [*CLASSES, *FUNCTIONS]),
    *((f"{entry.path}.{name}", function_of(member)) for entry, name, member in METHODS),
]


def is_error(entry: Entry) -> bool:
    return isinstance(entry.value, type) and issubclass(entry.value, BaseException)


def path(entry: Any) -> str:
    return entry.path if isinstance(entry, Entry) else str(entry)


def says(name: str, *texts: str) -> bool:
    return any(re.search(rf"(?<!\w){name}(?!\w)", text) for text in texts)


def says_error(error: type[BaseException], *texts: str) -> bool:
    """Whether a text names an exception, or one that it is a kind of."""
    kinds = [cls.__name__ for cls in error.__mro__ if cls.__name__ not in _ANY]
    return any(says(kind, *texts) for kind in kinds)


#: Names that say too little: an except clause with them catches what nobody meant.
_ANY = ("BaseException", "Exception", "object")


@pytest.mark.parametrize(("name", "value"), TEXTS, ids=[name for name, _ in TEXTS])
def test_docstrings_are_there_and_short(name: str, value: Any) -> None:
    text = doc(value)
    assert text, f"{name} has no docstring"
    assert len(text.splitlines()) <= LONGEST
    assert first_line(text) == text.splitlines()[0], "the first line is a sentence of its own"
    assert text.splitlines()[0].endswith((".", ":"))


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e not in CLASSES + FUNCTIONS], ids=path)
def test_constants_have_a_comment(entry: Entry) -> None:
    assert constant_comment(entry), "write #: above its assignment"


def of_function(entry: Entry) -> list[str]:
    """The docstrings of a function and of its module, which explains what its functions share."""
    return [doc(entry.value), doc(modules()[entry.module])]


@pytest.mark.parametrize("entry", FUNCTIONS, ids=path)
def test_functions_name_their_arguments(entry: Entry) -> None:
    texts = of_function(entry)
    assert [name for name in parameters(entry.value) if not says(name, *texts)] == []


@pytest.mark.parametrize("entry", CLASSES, ids=path)
def test_classes_name_their_arguments(entry: Entry) -> None:
    """In the docstring of the class, or of a base class that shares the argument."""
    texts = [doc(cls) for cls in (entry.value, *bases(entry.value))]
    names = [] if is_error(entry) else parameters(entry.value) + shared_options(entry.value)
    assert [name for name in names if not says(name, *texts)] == []


def explanations(cls: type, name: str) -> list[str]:
    """The docstrings of a method, of the same method of base classes, and of the class."""
    lineage = [cls, *bases(cls)]
    same = [dict(members(part)).get(name) for part in lineage]
    return [doc(function_of(member)) for member in same if member] + [doc(part) for part in lineage]


@pytest.mark.parametrize(
    ("entry", "name", "member"), METHODS, ids=[f"{e.path}.{name}" for e, name, _ in METHODS]
)
def test_methods_name_their_arguments_and_errors(entry: Entry, name: str, member: Any) -> None:
    function, texts = function_of(member), explanations(entry.value, name)
    bound = not isinstance(member, staticmethod)
    assert [word for word in parameters(function, bound=bound) if not says(word, *texts)] == []
    errors = raised(function, entry.value)
    assert [error.__name__ for error in errors if not says_error(error, *texts)] == []


@pytest.mark.parametrize("entry", FUNCTIONS, ids=path)
def test_functions_name_their_errors(entry: Entry) -> None:
    errors, texts = raised(entry.value), of_function(entry)
    assert [error.__name__ for error in errors if not says_error(error, *texts)] == []


@pytest.mark.parametrize("entry", CLASSES, ids=path)
def test_classes_name_the_errors_of_their_constructors(entry: Entry) -> None:
    """Those of a base class's constructor stand there."""
    constructors = [vars(part).get("__init__") for part in hidden(entry.value)]
    errors = {error for init in constructors for error in raised(init, entry.value)}
    text = doc(entry.value)
    assert [error.__name__ for error in errors if not says_error(error, text)] == []


def used() -> Iterator[Entry]:
    """Classes and functions that users call; errors are raised and caught."""
    for entry in [*CLASSES, *FUNCTIONS]:
        if is_public(entry) and not is_error(entry):
            yield entry


@pytest.mark.parametrize("entry", list(used()), ids=path)
def test_what_users_call_has_an_example(entry: Entry) -> None:
    assert ">>> " in doc(entry.value)
