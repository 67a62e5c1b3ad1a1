"""The examples of the documentation run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ["models.md", "training.md"]


def run(page: str, *kinds: str) -> list[str]:
    """Run a page's blocks of these kinds in one namespace; return the kinds that were there."""
    text = (DOCS / page).read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    found = []
    for block in re.finditer(r"^```(python[ \w]*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        if block[1] in kinds:
            found.append(block[1])
            line = text.count("\n", 0, block.start(2))
            exec(compile("\n" * line + block[2], page, "exec"), names)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_examples_run(page: str) -> None:
    assert run(page, "python")


@pytest.mark.parity
def test_examples_with_pytorch_run() -> None:
    assert "python torch" in run("training.md", "python", "python torch")
