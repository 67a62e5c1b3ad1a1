"""The API pages are those of the present docstrings, and leave no public name out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import make_api_docs
import pytest

import galago


def public(module: ModuleType = galago) -> Iterator[tuple[str, str, Any]]:
    """Module, name and value of everything that `__all__` leads to."""
    for name in module.__all__:
        value = getattr(module, name)
        if isinstance(value, ModuleType) and value.__name__.startswith("galago."):
            yield from public(value)
        else:
            yield module.__name__, name, value


def test_no_page_is_stale() -> None:
    stale = make_api_docs.stale(make_api_docs.wanted())
    assert [path.name for path in stale] == [], "run python tools/make_api_docs.py"


def test_every_public_name_is_on_the_page_of_all_names_and_on_its_modules() -> None:
    index = (make_api_docs.FOLDER / "README.md").read_text(encoding="utf-8")
    sections = {part.partition("]")[0]: part for part in index.split("\n## [")[1:]}
    for module, name, _ in public():
        assert f"[`{name}`](" in sections[module], f"{module}.{name}"
        short = module.removeprefix("galago.")
        page = (make_api_docs.FOLDER / f"{short}.md").read_text(encoding="utf-8")
        assert f"`{name}`" in page or f"| `{short}.{name}` | " in page, f"{module}.{name}"


def test_every_member_of_a_public_class_is_on_a_page() -> None:
    files = sorted(make_api_docs.FOLDER.glob("*.md"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    for module, name, value in public():
        if isinstance(value, type):
            for member in (word for word in dir(value) if not word.startswith("_")):
                owner = next(cls for cls in value.__mro__ if member in vars(cls))
                if owner.__module__.startswith("galago") and callable(getattr(value, member)):
                    known = (f"`{member}", f"#### {owner.__name__}.{member}\n")
                    assert any(mark in text for mark in known), f"{module}.{name}.{member}"


def test_changed_missing_and_foreign_pages_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_api_docs, "FOLDER", tmp_path)
    front = tmp_path / "front.txt"
    front.write_text("x")
    monkeypatch.setattr(make_api_docs, "FRONT", front)
    for name in ("same.md", "changed.md", "foreign.md"):
        (tmp_path / name).write_text("old")
    files = {tmp_path / "same.md": "old", tmp_path / "changed.md": "new", front: "x"}
    files[tmp_path / "missing.md"] = "new"
    stale = {path.name for path in make_api_docs.stale(files)}
    assert stale == {"changed.md", "foreign.md", "missing.md"}


def test_the_front_page_gets_a_line_for_each_module() -> None:
    page = make_api_docs.front_page("a\n<!-- begin: modules -->\nb\n<!-- end: modules -->\nc\n")
    assert page.startswith("a\n<!-- begin: modules -->\n| module |")
    assert "| [`galago.layers`](api/layers.md) | " in page
    assert page.endswith("<!-- end: modules -->\nc\n")
    assert "\nb\n" not in page
