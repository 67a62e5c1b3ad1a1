"""The pages of docs/api: which there are, what stands where, and how they refer to each other."""

from __future__ import annotations

import inspect
import re
import sys
from functools import cache
from types import ModuleType
from typing import NamedTuple

from api_entries import constant_comment, doc, entry_text, first_line
from api_examples import with_imports
from api_markdown import Linker, inline, render
from api_names import ROOT, Entry, entries, home, is_module, is_public, modules, names
from api_tables import table_text

#: A module with more names has a page for each of its families.
LARGE = 30
INDEX = "README.md"
NOTICE = "<!-- Written by tools/make_api_docs.py from the docstrings. Change those. -->"


class Family(NamedTuple):
    """Entries that one source file defines."""

    source: str
    entries: list[Entry]

    @property
    def title(self) -> str:
        """What the source file says of itself, up to the first colon or stop."""
        line = first_line(doc(sys.modules[self.source]))
        return re.split(r"[:;.](?:\s|$)", line)[0].replace("`", "")


@cache
def families(module: str) -> list[Family]:
    """Return what a module explains, file by file in the order of the source."""
    found: dict[str, list[Entry]] = {}
    for entry in entries():
        if entry.module == module:
            found.setdefault(source(entry), []).append(entry)
    return [Family(name, sorted(found[name], key=place)) for name in sorted(found)]


def source(entry: Entry) -> str:
    """Return the module that defines an entry."""
    origin = getattr(entry.value, "__module__", None)
    return origin if callable(entry.value) and isinstance(origin, str) else entry.module


def place(entry: Entry) -> tuple[bool, bool, int]:
    """Return where an entry stands in its family: base classes that are not public come last."""
    is_code = isinstance(entry.value, type) or inspect.isroutine(entry.value)
    line = inspect.getsourcelines(entry.value)[1] if is_code else 0
    return not is_public(entry), not is_code, line


def is_large(module: str) -> bool:
    """Return whether a module's families have pages of their own."""
    return sum(len(family.entries) for family in families(module)) > LARGE


def page_of(entry: Entry) -> str:
    """Return the file name of an entry's page."""
    return family_page(entry.module, source(entry))


def module_page(module: str) -> str:
    """Return the file name of a module's page: "layers.md" for galago.layers."""
    return f"{module.removeprefix(f'{ROOT}.')}.md"


def family_page(module: str, origin: str) -> str:
    """Return the file name of a family's page: its module's, or "layers-pooling.md"."""
    if origin == module or not is_large(module):
        return module_page(module)
    return f"{module_page(module).removesuffix('.md')}-{origin.rpartition('.')[2]}.md"


def pages() -> dict[str, str]:
    """Return all pages by file name."""
    texts = drawn(lambda word: None)
    anchors = {name: slugs(text) for name, text in texts.items()}
    targets, members = {}, {}
    for entry in entries():
        page = page_of(entry)
        targets[entry.path] = f"{page}#{anchors[page][entry.name]}"
        own = [name for name in anchors[page] if name.startswith(f"{entry.name}.")]
        members |= {f"{entry.module}.{name}": f"{page}#{anchors[page][name]}" for name in own}
    return {**drawn(linker(targets, members)), INDEX: index(targets)}


def linker(targets: dict[str, str], members: dict[str, str]) -> Linker:
    """Return what finds entries by their path, or by their name if only one has it.

    Members of classes are found by the whole path.
    """
    by_name: dict[str, list[str]] = {}
    for path, target in targets.items():
        by_name.setdefault(path.rpartition(".")[2], []).append(target)
    single = {name: found[0] for name, found in by_name.items() if len(found) == 1}
    names = {path.removeprefix(f"{ROOT}."): target for path, target in targets.items()}
    return ({**single, **names, **members, **targets}).get


def drawn(link: Linker) -> dict[str, str]:
    """Return the pages of modules and families."""
    found: dict[str, str] = {}
    for name, module in modules().items():
        here = [f for f in families(name) if family_page(name, f.source) == module_page(name)]
        own = [entry for family in here for entry in family.entries]
        own.sort(key=lambda entry: not is_public(entry))
        texts = [module_text(name, module, link), *entry_texts(own, link)]
        found[module_page(name)] = page(texts)
        for family in families(name):
            if family not in here:
                found[family_page(name, family.source)] = page(
                    [
                        f"# {name}: {family.title}",
                        f"[{name}]({module_page(name)}) · [All names]({INDEX})",
                        *entry_texts(family.entries, link),
                    ]
                )
    return found


def page(paragraphs: list[str]) -> str:
    """Return a page of paragraphs."""
    return "\n\n".join([NOTICE, *(text for text in paragraphs if text)]) + "\n"


def module_text(name: str, module: ModuleType, link: Linker) -> str:
    """Return the head of a module's page: what it is, and a table of its names."""
    below = [f"[{child}]({module_page(child)})" for child in modules() if is_below(child, name)]
    text = ["# " + name, f"[All names]({INDEX})", render(with_imports(doc(module), name), link)]
    text += [f"Modules: {', '.join(below)}"] if below else []
    rows: list[str] = []
    for title, words in grouped(name):
        rows += [f"| | {title} |"] if title else []
        rows += [row(name, word, link) for word in words]
    text += ["\n".join(["| name | what it is |", "|---|---|", *rows])] if rows else []
    text.append(table_text(module, link))
    return "\n\n".join(text).rstrip()


def is_below(child: str, name: str) -> bool:
    """Return whether a module is directly in another one."""
    return child.rpartition(".")[0] == name


def grouped(module: str) -> list[tuple[str, list[str]]]:
    """Return a module's names under the titles of its families; of a small one without titles."""
    words = names(modules()[module])
    if not is_large(module):
        return [("", words)] if words else []
    titles = {
        family.source: f"**[{family.title}]({family_page(module, family.source)})**"
        for family in families(module)
        if family.source != module
    }
    found: dict[str, list[str]] = {title: [] for title in titles.values()}
    for word in words:
        entry = home(module, word, getattr(modules()[module], word))
        elsewhere = "**Others**" if entry.module == module else f"**Of {entry.module}**"
        found.setdefault(titles.get(source(entry), elsewhere), []).append(word)
    return [(title, group) for title, group in found.items() if group]


def row(module: str, name: str, link: Linker) -> str:
    """Return a name's line in the table of its module."""
    value = getattr(modules()[module], name)
    entry = home(module, name, value)
    target = link(entry.path)
    shown = f"[`{name}`]({target})" if target else f"`{name}`"
    if entry.name != name:
        return f"| {shown} | another name of `{entry.name}` |"
    text = first_line(doc(value)) if callable(value) else constant_comment(entry)
    return f"| {shown} | {inline(text, link).replace('|', chr(92) + '|')} |"


def entry_texts(entries: list[Entry], link: Linker) -> list[str]:
    """Return entries, each with its heading."""
    return [f"## {entry.name}\n\n{entry_text(entry, link)}" for entry in entries]


def index(targets: dict[str, str]) -> str:
    """Return the page of all names, module by module."""
    parts = [
        "# API: every public name",
        "Each module has a page, the large ones a page for each family. Names are Keras's. "
        "[Guides](../README.md) say how things go together.",
    ]
    for name, module in modules().items():
        paths = {word: home(name, word, getattr(module, word)).path for word in names(module)}
        links = ", ".join(f"[`{word}`]({targets[path]})" for word, path in paths.items())
        pointers = ", ".join(f"[`{word}`]({module_page(name)})" for word in others(module))
        text = [f"## [{name}]({module_page(name)})", first_line(doc(module)), links, pointers]
        parts.append("\n\n".join(filter(None, text)))
    return page(parts)


def others(module: ModuleType) -> list[str]:
    """Return the public names that stand for things of other modules, or of other packages."""
    known = {*names(module), *(word for word in module.__all__ if is_module(getattr(module, word)))}
    return sorted(set(module.__all__) - known)


def slugs(text: str) -> dict[str, str]:
    """Return the anchors that GitHub gives to the headings of a page, by their words."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    found: dict[str, str] = {}
    taken: dict[str, int] = {}
    for heading in re.findall(r"^#+ (.+)$", prose, re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        count = taken.get(slug, 0)
        taken[slug] = count + 1
        found[heading] = f"{slug}-{count}" if count else slug
    return found
