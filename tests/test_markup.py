from __future__ import annotations

import io
import sys
from html.parser import HTMLParser
from types import ModuleType

import pytest

from galago.markup import block, folded, in_notebook, show, table, text


class Tags(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


HOSTILE = "<img src=x onerror=alert(1)>\x1b[31m\"'&amp;"


def test_text_is_only_text() -> None:
    page = Tags(text(HOSTILE))
    assert page.tags == []
    assert "".join(page.words) == HOSTILE.replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    assert text("a\nb") == "a\nb" and text(3) == "3"


def test_tables() -> None:
    page = table(["name", "size"], [[HOSTILE, 3]], right=["size"], wrapped=["name"])
    found = Tags(page)
    assert found.tags == ["table", "tr", "th", "th", "tr", "td", "td"]
    name, size = page.partition("<td")[2].split("</td>")[:2]
    assert "text-align:left" in name and "nowrap" not in name
    assert "text-align:right" in size and "nowrap" in size


def test_no_colour_of_text_or_page_is_set() -> None:
    page = block(table(["a"], [["b"]]), folded("more", "<p>c</p>"))
    assert "color:" not in page.replace("rgba(128,128,128", "") and "background" not in page
    assert "script" not in page


def test_blocks_leave_out_what_is_empty() -> None:
    assert Tags(block("a", "", "b")).tags == ["div"] * 3


class Kernel(io.StringIO):
    """Stands in for the standard output of a notebook, which is known by its module."""


Kernel.__module__ = "ipykernel.iostream"


def test_notebooks_draw_what_programs_print(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    show("plain")
    assert capsys.readouterr().out == "plain\n" and not in_notebook()
    display, drawn = ModuleType("IPython.display"), list[object]()
    display.display = drawn.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setattr(sys, "stdout", Kernel())
    assert in_notebook()
    show("drawn")
    assert drawn == ["drawn"] and sys.stdout.getvalue() == ""  # type: ignore[attr-defined]
