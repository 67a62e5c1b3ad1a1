"""What is public: modules, their names, and the one place where each thing is explained.

A module is public if it lies right under `galago` and has an `__all__`, or if such a module names
it there; a name if it stands in the `__all__` of a public module. Base classes of public classes
belong to the documentation too, since they explain what their subclasses share.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import galago
from galago.tf.namespace import Namespace

ROOT = galago.__name__


class Entry(NamedTuple):
    """A thing that a page explains: where it is imported from, its name there, and itself."""

    module: str
    name: str
    value: Any

    @property
    def path(self) -> str:
        """The whole name: "galago.layers.Conv2D"."""
        return f"{self.module}.{self.name}"


@cache
def modules() -> dict[str, ModuleType]:
    """Return all public modules by name."""
    found: dict[str, ModuleType] = {}
    waiting = [galago, *(import_module(name) for name in listing(galago.__path__[0]))]
    while waiting:
        module = waiting.pop()
        if module.__name__ in found:
            continue
        found[module.__name__] = module
        values = (getattr(module, name) for name in module.__all__)
        waiting += [value for value in values if is_module(value)]
    return dict(sorted(found.items()))


def listing(folder: str) -> list[str]:
    """Return the modules right in the package's folder that say what is public in them."""
    files = [*Path(folder).glob("*.py"), *Path(folder).glob("*/__init__.py")]
    found = [path for path in files if "\n__all__ = " in path.read_text(encoding="utf-8")]
    parts = [path.parent.name if path.name == "__init__.py" else path.stem for path in found]
    return sorted(f"{ROOT}.{part}" for part in parts if part != ROOT)


def is_module(value: Any) -> bool:
    """Return whether something is a module of Galago."""
    return isinstance(value, ModuleType) and value.__name__.partition(".")[0] == ROOT


def names(module: ModuleType) -> list[str]:
    """Return the public names of a module's things, in the order of the alphabet.

    Modules, tables of names (of galago.tf) and what is another package's are left out.
    """
    values = {name: getattr(module, name) for name in module.__all__}
    listed = [
        name
        for name, value in values.items()
        if not (is_module(value) or isinstance(value, Namespace) or is_foreign(value))
    ]
    return sorted(listed, key=lambda name: (name.lower(), name))


def is_foreign(value: Any) -> bool:
    """Return whether a class or function is of another package, as NumPy's float32."""
    return callable(value) and value.__module__.partition(".")[0] != ROOT


@cache
def entries() -> list[Entry]:
    """Return everything that the documentation explains, each thing once."""
    found: dict[str, Entry] = {}
    for name, module in modules().items():
        for word in names(module):
            entry = home(name, word, getattr(module, word))
            found.setdefault(entry.path, entry)
    for entry in list(found.values()):
        if isinstance(entry.value, type):
            for base in bases(entry.value):
                known = home(base.__module__, base.__name__, base)
                found.setdefault(known.path, known)
    return list(found.values())


def home(module: str, name: str, value: Any) -> Entry:
    """Return the place of something public: its own name in the module that it belongs to.

    Other names of it, such as MaxPool2D for MaxPooling2D, and other modules that offer it are
    told to look there.
    """
    if not callable(value) or is_foreign(value):
        return Entry(module, name, value)
    return Entry(offering(value) or owner(value.__module__), value.__name__, value)


@cache
def offering(value: Any) -> str | None:
    """Return the public module that offers a class or function by its own name: best its owner."""
    name = value.__name__
    first = owner(value.__module__)
    for module in [first, *modules()]:
        known = modules()[module]
        if name in known.__all__ and getattr(known, name) is value:
            return module
    return None


def owner(origin: str) -> str:
    """Return the public module that a module belongs to: itself or the nearest one above."""
    while origin not in modules():
        origin = origin.rpartition(".")[0]
    return origin


def is_public(entry: Entry) -> bool:
    """Return whether the module offers an entry by its name, which it does not for some bases."""
    return entry.name in modules()[entry.module].__all__


def bases(cls: type) -> list[type]:
    """Return the classes of Galago that a class inherits from, nearest first."""
    return [base for base in cls.__mro__[1:] if is_shared(base)]


def is_shared(cls: type) -> bool:
    """Return whether a class is Galago's and not private."""
    return cls.__module__.partition(".")[0] == ROOT and not cls.__name__.startswith("_")


def hidden(cls: type) -> list[type]:
    """Return a class with the private ones that it inherits from: all that its entry explains."""
    private = [base for base in cls.__mro__[1:] if base.__name__.startswith("_")]
    return [cls, *(base for base in private if base.__module__.partition(".")[0] == ROOT)]


def members(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield what a class defines: methods, properties, and special methods with a docstring."""
    seen: set[str] = set()
    for part in hidden(cls):
        for name, value in vars(part).items():
            if name not in seen and is_member(name, value):
                seen.add(name)
                yield name, value


def is_member(name: str, value: Any) -> bool:
    """Return whether an attribute of a class is a method or property that users may know."""
    if name.startswith("__"):
        return name != "__init__" and inspect.isfunction(value) and bool(value.__doc__)
    routine = isinstance(value, (classmethod, staticmethod, property)) or inspect.isfunction(value)
    return routine and not name.startswith("_")


def function_of(member: Any) -> Any:
    """Return the function behind a member of a class."""
    if isinstance(member, property):
        return member.fget
    return getattr(member, "__func__", member)
