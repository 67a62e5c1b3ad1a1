"""Names that stand for things of other modules: the tables of galago.tf, and what is NumPy's."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from api_markdown import Linker
from api_names import ROOT, home, is_foreign, modules

from galago.tf.namespace import Namespace


def table_text(module: ModuleType, link: Linker) -> str:
    """Return what a module's tables hold, "" for a module that has none."""
    prefix = module.__name__.removeprefix(f"{ROOT}.")
    rows: list[str] = []
    for name in module.__all__:
        value = getattr(module, name)
        if isinstance(value, Namespace):
            rows += table_rows(f"{prefix}.{name}", value, link)
        elif is_foreign(value):
            rows.append(f"| `{prefix}.{name}` | `{value.__module__}.{name}` |")
    return "\n".join(["| name | what it stands for |", "|---|---|", *rows]) if rows else ""


def table_rows(title: str, table: Namespace, link: Linker) -> list[str]:
    """Return the lines of a table, and of those in it."""
    source = vars(table)["_source"]
    if isinstance(source, str):
        page = f"{source.removeprefix(f'{ROOT}.')}.md"
        return [f"| `{title}` | all names of [{source}]({page}) |"]
    shown = [pointer(name, where, link) for name, where in source.items() if isinstance(where, str)]
    shown += [f"`{name}`" for name, value in source.items() if isinstance(value, int)]
    rows = [f"| `{title}` | {', '.join(shown)} |"] if shown else []
    for name, value in source.items():
        if isinstance(value, Namespace):
            rows += table_rows(f"{title}.{name}", value, link)
    return rows


def pointer(name: str, where: str, link: Linker) -> str:
    """Return a name with a link to the thing at "package.module:name"."""
    module, _, word = where.partition(":")
    target = link(home(module, word, named(module, word)).path)
    return f"[`{name}`]({target})" if target else f"`{name}`"


def named(module: str, word: str) -> Any:
    """Return what a public module, or the whole package, has under a name."""
    known = modules()
    return getattr(known[module if module in known else ROOT], word)
