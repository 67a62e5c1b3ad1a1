"""The notebooks of examples/ are what their pages make, and run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import make_notebooks
import pytest

FOLDER = make_notebooks.ROOT / make_notebooks.FOLDER


def test_they_are_up_to_date() -> None:
    assert make_notebooks.stale() == [], "run python tools/make_notebooks.py"
    assert sorted(file.name for file in FOLDER.glob("*.ipynb")) == sorted(make_notebooks.PAGES)


@pytest.mark.parametrize("name", make_notebooks.PAGES)
def test_they_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    content = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    code = ["".join(c["source"]) for c in content["cells"] if c["cell_type"] == "code"]
    for number, source in enumerate(code):
        exec(compile(source, f"{name}, cell {number}", "exec"), names)
    assert code


@pytest.mark.parametrize("name", make_notebooks.PAGES)
def test_their_links_lead_somewhere(name: str) -> None:
    content = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    assert content["nbformat"] == 4
    for cell in content["cells"]:
        for link in make_notebooks._LINK.finditer("".join(cell["source"])):
            assert (FOLDER / link[2].partition("#")[0]).exists(), link[0]


def test_what_is_folded_on_a_page_is_not_in_a_notebook() -> None:
    text = "<details><summary>Answer</summary>\n\n[more](../image.md#speed)\n\n</details>"
    found = make_notebooks.readable(text, "docs/course/README.md")
    assert found == "Answer\n\n[more](../docs/image.md#speed)"


def test_outputs_are_left_to_the_cells() -> None:
    text = "```python\nprint(1)\n```\n\n```text\n1\n```\n\nEnd\n\n```text\nno output\n```\n"
    found = make_notebooks.cells(text)
    assert found == [("code", "print(1)"), ("markdown", "End\n\n```text\nno output\n```")]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (
            "x = 1\nprint(explain_unit(model, f(x), 'a', 1))",
            "x = 1\nexplain_unit(model, f(x), 'a', 1)",
        ),
        ("print(x)", "print(x)"),
        ("print(explain_unit(model, x)); y = (1)", "print(explain_unit(model, x)); y = (1)"),
        ("print(journey(a))\nx = 1", "print(journey(a))\nx = 1"),
    ],
)
def test_explanations_show_themselves(code: str, shown: str) -> None:
    assert make_notebooks.cells(f"```python\n{code}\n```\n") == [("code", shown)]
