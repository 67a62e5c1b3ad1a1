"""A part's block goes into the page and its figures into the file, and nothing else changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import publish
import pytest


def test_a_block_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(
        "# A\n<!-- begin: zoo -->\nold\n<!-- end -->\nb\n<!-- begin: avx2 -->\nkept\n<!-- end -->\n"
    )
    (tmp_path / "benchmarks.json").write_text('{"avx2": [1], "zoo": [2]}')
    publish.write(tmp_path, "zoo", publish.Block("    new \\1\n\n", [{"a": 3}]))
    assert page.read_text() == (
        "# A\n<!-- begin: zoo -->\n    new \\1\n<!-- end -->\nb\n"
        "<!-- begin: avx2 -->\nkept\n<!-- end -->\n"
    )
    assert json.loads((tmp_path / "benchmarks.json").read_text()) == {
        "avx2": [1],
        "zoo": [{"a": 3}],
    }


def test_a_page_without_the_block_is_refused(tmp_path: Path) -> None:
    (tmp_path / "benchmarks.md").write_text("# A\n")
    with pytest.raises(SystemExit, match="expected a line <!-- begin: zoo -->"):
        publish.write(tmp_path, "zoo", publish.Block("", []))


def test_the_page_has_a_block_for_every_part() -> None:
    page = (publish.DOCS / "benchmarks.md").read_text(encoding="utf-8")
    assert re.findall(r"<!-- begin: (\w+) -->\n", page) == list(publish.PARTS)
    assert page.count("<!-- end -->") == len(publish.PARTS)
