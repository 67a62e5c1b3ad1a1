"""Explanations of numbers in notebooks and as figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.explain import explain_unit

EVIL = "<img src=x onerror=alert(1)>"


def test_pages_show_image_map_window_and_chain(trained: Any, images: Any) -> None:
    unit = explain_unit(trained, images[0][0], "conv2d_1", 6, 6, 5)
    page = unit._repr_html_()
    assert page.count("<svg") == 2 and page.count("<rect") == 2
    assert page.count("<caption>weights</caption>") == 3  # of six channels
    assert "the other 3 channels add" in page and "54 products" in page
    for who, how in unit.way_back():
        assert who in page and how in page
    for line in unit.reach():
        assert line in page
    assert "script" not in page


def test_pages_frame_what_a_pool_takes(trained: Any, images: Any) -> None:
    page = explain_unit(trained, images[0][0], "max_pooling2d", 8, 8, 5)._repr_html_()
    assert page.count("outline:3px") == 1 and "weights" not in page


def test_pages_list_what_is_no_window(trained: Any, images: Any) -> None:
    unit = explain_unit(trained, images[0][0], "dense", 4)
    page = unit._repr_html_()
    more = len(unit.terms) - 10
    assert f"and {more} more, which add" in page and page.count("flatten (unit") >= 10
    rest = sum(term.product for term in unit.terms) - sum(
        term.product for term in unit.source.largest(10)
    )
    assert f"{rest:.3f}"[:-1] in page


@pytest.mark.parametrize(
    ("layer", "titles"),
    [
        ("conv2d_1", ["image", "conv2d_1, channel 1", "pool, channel", "weights", "products"]),
        ("pool", ["image", "pool, channel 1", "conv2d, channel 1"]),
        ("dense", ["image", "largest products"]),
        ("image", ["image"]),
    ],
)
def test_figures(layer: str, titles: list[str], tmp_path: Path) -> None:
    model = galago.Sequential(
        [
            layers.Input((9, 9, 1), name="image"),
            layers.Conv2D(2, 3, activation="relu", name="conv2d"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Conv2D(3, 2, name="conv2d_1"),
            layers.Flatten(),
            layers.Dense(2, name="dense"),
        ]
    )
    place = {"dense": (1,), "image": (3, 4, 0)}.get(layer, (1, 1, 1))
    unit = explain_unit(model, np.random.default_rng(0).random((9, 9)), layer, *place)
    figure = unit.plot()
    found = [axes.get_title() for axes in figure.axes]
    assert len(found) >= len(titles)
    assert all(one.startswith(title) for one, title in zip(found, titles, strict=False))
    assert figure.get_suptitle() == unit.title
    unit.save(tmp_path / "unit.png")
    assert (tmp_path / "unit.png").read_bytes().startswith(b"\x89PNG")


def test_names_are_text() -> None:
    inputs = layers.Input((4, 4, 1), name=EVIL)
    model = galago.Model(inputs, layers.Conv2D(1, 3, name=f"b{EVIL}")(inputs))
    page = explain_unit(model, np.ones((4, 4)), f"b{EVIL}", 0, 0, 0)._repr_html_()
    assert "<img" not in page and page.count("&lt;img") > 3


def test_nothing_but_numbers_is_needed() -> None:
    model = galago.Sequential([layers.Dense(2, input_shape=(3,), name="dense")])
    unit = explain_unit(model, np.ones(3), "dense", 0)
    assert "<svg" not in unit._repr_html_() and len(unit.plot().axes) == 1
    assert repr(unit) == f"<UnitExplanation: {unit.title}>"
