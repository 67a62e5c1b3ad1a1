"""Pages: which there are, and what they say of each other."""

from __future__ import annotations

import re

import api_pages
import pytest
from api_names import entries


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return api_pages.pages()


def test_large_modules_have_pages_for_their_families(pages: dict[str, str]) -> None:
    assert "layers-convolution.md" in pages
    assert "## Conv2D\n" in pages["layers-convolution.md"]
    assert "## Conv2D\n" not in pages["layers.md"]
    assert "](layers-convolution.md#conv2d) | " in pages["layers.md"]


def test_small_modules_have_one_page(pages: dict[str, str]) -> None:
    assert "## SGD\n" in pages["optimizers.md"]
    assert not [name for name in pages if name.startswith("optimizers-")]
    models = re.findall("^## (.+)$", pages["models.md"], re.MULTILINE)
    assert models.index("Sequential") < models.index("Network"), "base classes come last"


def test_each_entry_is_explained_once(pages: dict[str, str]) -> None:
    for entry in entries():
        holders = [name for name, text in pages.items() if f"\n## {entry.name}\n" in text]
        assert api_pages.page_of(entry) in holders
        heading = pages[api_pages.page_of(entry)].count(f"\n## {entry.name}\n")
        assert heading == 1, entry.path


def test_inherited_members_lead_to_their_headings(pages: dict[str, str]) -> None:
    model = pages["models.md"].partition("\n## Model\n")[2].partition("\n## ")[0]
    assert "- [Trainer](models.md#trainer): " in model
    assert "[`fit`](models.md#trainerfit)" in model


def test_other_names_lead_to_the_first(pages: dict[str, str]) -> None:
    line = "| [`MaxPool2D`](layers-pooling.md#maxpooling2d) | another name of `MaxPooling2D` |"
    assert line in pages["layers.md"]
    assert "**Of galago.losses**" in pages["metrics.md"]


def test_modules_below_are_named(pages: dict[str, str]) -> None:
    assert "[galago.optimizers.schedules](optimizers.schedules.md)" in pages["optimizers.md"]


def test_names_are_linked_where_only_one_has_them() -> None:
    targets = {"galago.losses.Hinge": "a", "galago.metrics.Hinge": "b", "galago.errors.Bad": "c"}
    link = api_pages.linker(targets, {"galago.losses.Hinge.call": "d"})
    assert (link("Hinge"), link("Bad"), link("losses.Hinge")) == (None, "c", "a")
    assert (link("call"), link("galago.losses.Hinge.call")) == (None, "d")


def test_pages_are_the_same_each_time(pages: dict[str, str]) -> None:
    assert api_pages.pages() == pages


def test_anchors_are_those_of_github() -> None:
    text = "# A b-c\n## `Add`\n## add\n```text\n# no\n```\n### Model.fit: x_y (z)\n"
    assert list(api_pages.slugs(text).values()) == ["a-b-c", "add", "add-1", "modelfit-x_y-z"]
