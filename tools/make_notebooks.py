"""Make the notebooks of examples/ out of pages of the documentation, whose code the tests run.

    python tools/make_notebooks.py           writes what is out of date
    python tools/make_notebooks.py --check   says what is, and fails

Text becomes Markdown cells, code in Python code cells; links and pictures lead back to docs/. What
a page shows of an output is left out: the cell gives it. An explanation that a page prints at the
end of a block shows itself.
"""

from __future__ import annotations

import json
import posixpath
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = "examples"
#: Notebook -> the page that it is made of.
PAGES = {
    "convolutions.ipynb": "docs/course/README.md",
    "pictures_and_filters.ipynb": "docs/image.md",
    "what_a_network_sees.ipynb": "docs/explain.md",
    "layers_of_your_own.ipynb": "docs/custom_layers.md",
}
_BLOCK = re.compile(
    r"^```python\n(.*?)^```\n?(?:\s*^```text\n.*?^```\n?)?", re.DOTALL | re.MULTILINE
)
#: A last line that prints what has pictures of itself.
_SHOWN = ("explain_pixel", "explain_unit", "filters_report", "mistakes", "journey")
_PRINTED = re.compile(rf"^print\(((?:{'|'.join(_SHOWN)})\(.*\))\)\s*\Z", re.MULTILINE)
_LINK = re.compile(r"(\[[^\]]*\]\()(?![a-z]+:|#)([^)\s]+)(\))")
_FOLDED = re.compile(r"</?details>|</?summary>")


def cells(text: str) -> list[tuple[str, str]]:
    """Return the kind, "markdown" or "code", and the text of each cell of a page.

    >>> cells("# Title\\n\\n```python\\nx = 1\\n```\\n\\nEnd\\n")
    [('markdown', '# Title'), ('code', 'x = 1'), ('markdown', 'End')]
    """
    found, place = [], 0
    for block in _BLOCK.finditer(text):
        code = _PRINTED.sub(r"\1", block[1])
        found += [("markdown", text[place : block.start()]), ("code", code)]
        place = block.end()
    found.append(("markdown", text[place:]))
    return [(kind, part.strip()) for kind, part in found if part.strip()]


def readable(text: str, page: str) -> str:
    """Return Markdown of a page for a notebook: nothing folded, links as seen from examples/."""
    folder = posixpath.dirname(page)

    def moved(link: re.Match[str]) -> str:
        path, mark, anchor = link[2].partition("#")
        target = posixpath.relpath(posixpath.normpath(posixpath.join(folder, path)), FOLDER)
        return f"{link[1]}{target}{mark}{anchor}{link[3]}"

    return _FOLDED.sub("", _LINK.sub(moved, text)).strip()


def notebook(page: str) -> str:
    """Return the notebook of a page as JSON (nbformat 4.5)."""
    made: list[dict[str, Any]] = []
    for number, (kind, text) in enumerate(cells((ROOT / page).read_text(encoding="utf-8"))):
        source = text if kind == "code" else readable(text, page)
        if not source:
            continue
        lines = [line + "\n" for line in source.split("\n")]
        lines[-1] = lines[-1][:-1]
        cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        made.append(cell | {"source": lines})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {
        "cells": made,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def stale() -> list[str]:
    """Return the notebooks that are missing or not what their page makes."""
    return [
        name
        for name, page in PAGES.items()
        if not (file := ROOT / FOLDER / name).exists()
        or file.read_text(encoding="utf-8") != notebook(page)
    ]


def main() -> None:
    """Write them, or say what would be written."""
    old = stale()
    if "--check" in sys.argv[1:]:
        raise SystemExit(f"run python tools/make_notebooks.py: {', '.join(old)}" if old else 0)
    for name in old:
        (ROOT / FOLDER / name).write_text(notebook(PAGES[name]), encoding="utf-8")
        print(f"{FOLDER}/{name}")


if __name__ == "__main__":
    main()
