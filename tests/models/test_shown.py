"""Models in notebooks."""

from __future__ import annotations

import pickle
from html.parser import HTMLParser

import numpy as np
import pytest

import galago
from galago import layers

EVIL = "<img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """The tags of a page, and the texts of the cells of its first table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.rows: list[list[str]] = []
        self._cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._cell = tag in ("td", "th")
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag: str) -> None:
        self._cell = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[-1].append(data)


def branched() -> galago.Model:
    inputs = layers.Input((6, 6, 2), name=EVIL)
    x = layers.Conv2D(2, 3, padding="same", name="conv")(inputs)
    return galago.Model(inputs, layers.Add(name="sum")([inputs, x]), name=EVIL)


def test_layers_in_a_row() -> None:
    galago.utils.clear_session()
    text = galago.applications.reference(64)._repr_html_()
    page = Page(text)
    assert page.rows[0] == ["Layer (type)", "Output Shape", "Param #"]
    assert page.rows[3] == ["conv2d_1 (Conv2D)", "(None, 11, 11, 64)", "36,928"]
    assert len(page.rows) == 8
    assert "Total params: 243,786 (952.29 KB)" in text and "7 layers" in text
    assert "<svg" in text and "input_layer" in text  # the drawing


def test_layers_that_branch_and_hostile_names() -> None:
    page = Page(branched()._repr_html_())
    assert page.rows[-1] == ["sum (Add)", "(None, 6, 6, 2)", "0", f"{EVIL}[0][0], conv[0][0]"]
    assert "img" not in page.tags and "script" not in page.tags


def test_models_that_are_not_built() -> None:
    page = Page(galago.Sequential([layers.Dense(3, name="later")])._repr_html_())
    assert page.rows[1:] == [["later (Dense)", "?", "0 (unbuilt)"]] and "svg" not in page.tags
    empty = galago.Sequential(name="empty")._repr_html_()
    assert "empty, 0 layers" in empty and "<table" not in empty and "Not built" in empty


def test_numbers_of_the_optimizer_after_training() -> None:
    model = galago.Sequential([layers.Dense(1, input_shape=(2,))])
    model.compile("adam", "mse")
    assert "Optimizer" not in model._repr_html_()
    model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    assert "Optimizer params: 8" in model._repr_html_()


@pytest.mark.parametrize("make", [galago.applications.resnet20, galago.applications.mobilenet_like])
def test_larger_models(make: object) -> None:
    model = make()  # type: ignore[operator]
    page = Page(model._repr_html_())
    assert len(page.rows) == 1 + len(model.layers)
    assert Page(pickle.loads(pickle.dumps(model))._repr_html_()).rows == page.rows
