"""What a page says about one class, function or constant."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable
from typing import Any

from api_comments import comments
from api_examples import with_imports
from api_markdown import Linker, fenced, inline, render
from api_names import (
    Entry,
    bases,
    function_of,
    hidden,
    home,
    is_module,
    is_public,
    members,
    owner,
)
from api_signatures import call_text, shared_options


def entry_text(entry: Entry, link: Linker) -> str:
    """Return an entry below its heading."""
    value = entry.value
    name = entry.path if is_public(entry) else entry.name
    if isinstance(value, type):
        paragraphs = class_text(name, value, link)
    elif inspect.isroutine(value):
        paragraphs = [fenced("text", [call_text(name, value)]), explained(value, link)]
    else:
        paragraphs = constant_text(name, entry, link)
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def explained(value: Any, link: Linker) -> str:
    """Return the docstring of a class or function, whose examples run as they are shown."""
    module = home(value.__module__, value.__name__, value).module
    return render(with_imports(doc(value), module), link)


def constant_text(name: str, entry: Entry, link: Linker) -> list[str]:
    """Return what a constant is: its value where that is short, and its comment."""
    shown = repr(entry.value)
    short = isinstance(entry.value, (int, float, str, tuple)) and len(shown) <= 100
    return [
        fenced("text", [f"{name} = {shown.replace(chr(39), chr(34))}" if short else name]),
        inline(constant_comment(entry), link),
    ]


def constant_comment(entry: Entry) -> str:
    """Return the comment above a constant, in the file of its module that assigns it."""
    for name, module in sorted(sys.modules.items()):
        is_source = str(getattr(module, "__file__", "")).endswith(".py")
        if is_module(module) and is_source and owner(name) == entry.module:
            found = comments(module)
            if entry.name in found:
                return found[entry.name]
    return ""


def class_text(name: str, cls: type, link: Linker) -> list[str]:
    """Return a class: how it is made, what it is, what it has and what it inherits."""
    is_error = issubclass(cls, BaseException)
    return [
        fenced("text", [name if is_error else call_text(name, cls)]),
        explained(cls, link),
        options_text(cls, link),
        *member_texts(cls, link),
        inherited_text(cls, link),
    ]


def options_text(cls: type, link: Linker) -> str:
    """Return the names that a class takes as `**options`, and where they are explained."""
    found = shared_options(cls)
    if not found:
        return ""
    explained = [base for base in bases(cls) if all(name in doc(base) for name in found)]
    where = f" of every {linked(explained[0], link)}" if explained else ""
    return f"**Options**{where}: {listed(found)}"


def member_texts(cls: type, link: Linker) -> list[str]:
    """Return what a class defines: short things in a list, then the others with a heading."""
    known = {name for base in bases(cls) for name, _ in members(base)}
    attributes = [f"- `{name}`: {inline(text, link)}" for name, text in attribute_comments(cls)]
    short, long = list(attributes), []
    for name, member in members(cls):
        text = doc(function_of(member))
        if "\n" in text:
            long.append(f"#### {cls.__name__}.{name}\n\n{member_text(name, member, link)}")
        elif name not in known:
            short.append(f"- `{short_call(name, member)}`: {inline(text, link)}")
    return ["**Members**", "\n".join(short), *long] if short else long


def attribute_comments(cls: type) -> list[tuple[str, str]]:
    """Return the attributes that have a comment in a class, its private bases included."""
    found: dict[str, str] = {}
    for part in hidden(cls):
        found = {**comments(part), **found}
    return list(found.items())


def member_text(name: str, member: Any, link: Linker) -> str:
    """Return a method or property with all of its docstring."""
    text = explained(function_of(member), link)
    if isinstance(member, property):
        return text
    return fenced("text", [short_call(name, member)]) + "\n\n" + text


def short_call(name: str, member: Any) -> str:
    """Return how a method is called or a property read."""
    if isinstance(member, property):
        return name
    static = isinstance(member, staticmethod)
    return call_text(name, function_of(member), bound=not static)


def inherited_text(cls: type, link: Linker) -> str:
    """Return the names that a class has from each of its bases."""
    long = {name for name, member in members(cls) if "\n" in doc(function_of(member))}
    own = {name for name, _ in members(cls)} | {name for name, _ in attribute_comments(cls)}
    lines: list[str] = []
    seen = long | (own - {name for base in bases(cls) for name, _ in members(base)})
    for base in bases(cls):
        names = [name for name, _ in members(base)] + [name for name, _ in attribute_comments(base)]
        fresh = [name for name in names if name not in seen]
        seen |= set(fresh)
        if fresh:
            lines.append(f"- {linked(base, link)}: {inherited(base, fresh, link)}")
    if not lines:
        return ""
    fold = "<details><summary>Inherited</summary>"
    return "\n".join([fold, "", *lines, "", "</details>"])


def inherited(base: type, names: Iterable[str], link: Linker) -> str:
    """Return names of a base class as code, linked where they have headings of their own."""
    path = home(base.__module__, base.__name__, base).path
    targets = {name: link(f"{path}.{name}") for name in names}
    return ", ".join(f"[`{name}`]({to})" if to else f"`{name}`" for name, to in targets.items())


def linked(cls: type, link: Linker) -> str:
    """Return a class's name with a link to its entry."""
    target = link(home(cls.__module__, cls.__name__, cls).path)
    return f"[{cls.__name__}]({target})" if target else f"`{cls.__name__}`"


def listed(names: Iterable[str]) -> str:
    """Return names as code, with commas."""
    return ", ".join(f"`{name}`" for name in names)


def doc(value: Any) -> str:
    """Return a thing's own docstring without its indentation, "" if it has none."""
    return inspect.cleandoc(value.__doc__ or "")


def first_line(text: str) -> str:
    """Return a docstring's first paragraph, in one line."""
    return " ".join(text.partition("\n\n")[0].split())
