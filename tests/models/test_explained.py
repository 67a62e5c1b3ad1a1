"""summary(explain=True): the arithmetic, receptive fields, costs and what is lost."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import galago
from galago import layers
from galago.errors import ArgumentError, NotBuiltError, UnknownNameError
from galago.explain import explain_model


def explained(model: Any) -> dict[str, str]:
    """What is said of each layer by its name, blanks as one: the table, then what is lost."""
    texts: list[str] = []
    model.summary(print_fn=texts.append, explain=True)
    found: dict[str, str] = {}
    for line in filter(None, map(str.split, texts[0].splitlines())):
        found[line[0]] = " ".join([found.get(line[0], ""), *line]).strip()
    return found


def test_the_reference_model() -> None:
    galago.utils.clear_session()
    lines = explained(galago.applications.reference(64))
    assert lines["sequential:"].startswith("sequential: 5,056,000 products, 1.18 MB, ")
    assert lines["conv2d"].startswith(
        "conv2d (Conv2D) 26x26x64 28 - 3 + 1 = 26 3x3 389,376 43,264 + 640 weights 171.50 KB "
    )
    assert "26 / 2 = 13 4x4" in lines["max_pooling2d"]
    assert "13 - 3 + 1 = 11 8x8 4,460,544" in lines["conv2d_1"]
    assert lines["conv2d_1"].endswith("last row and last column never reach max_pooling2d_1")
    assert lines["conv2d"].endswith("last 2 rows and last 2 columns: no output depends on them")
    assert "11 / 2 = 5, rest 1 10x10" in lines["max_pooling2d_1"]
    assert "5 * 5 * 64 = 1600" in lines["flatten"]
    assert "128 units 26x26 204,800" in lines["dense"]
    assert " us " in lines["conv2d"] and " with it" in lines["max_pooling2d"]


def test_as_numbers() -> None:
    galago.utils.clear_session()
    found = explain_model(galago.applications.reference(64))
    rows = {row.name: row for row in found.layers}
    assert [row.sees for row in found.layers[1:5]] == [((n, n),) for n in (3, 4, 8, 10)]
    assert rows["conv2d"].bytes == 4 * (26 * 26 * 64 + 640) and rows["conv2d"].weights == 640
    assert rows["input_layer"].kind == "InputLayer" and rows["dense"].shape == (128,)
    assert rows["conv2d_1"].microseconds > 0 and rows["max_pooling2d_1"].microseconds is None
    assert found.bytes == sum(row.bytes for row in found.layers) and found.microseconds > 0
    assert sum(row.weights for row in found.layers) == 243_786


def test_float64_takes_twice_the_bytes() -> None:
    single = explain_model(galago.applications.reference(4)).bytes
    galago.config.set_floatx("float64")
    assert explain_model(galago.applications.reference(4)).bytes == 2 * single


def test_pictures_and_files(tmp_path: Path) -> None:
    found = explain_model(galago.applications.reference(4))
    assert [axes.get_title() for axes in found.plot().axes] == [
        "products",
        "kilobytes",
        "microseconds",
    ]
    found.save(tmp_path / "costs.png")
    found.save(tmp_path / "costs.svg")
    assert (tmp_path / "costs.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (tmp_path / "costs.svg").read_bytes()
    with pytest.raises(UnknownNameError, match="known file type, received 'txt'"):
        found.save(tmp_path / "costs.txt")


def test_html_has_what_the_text_has() -> None:
    model = galago.Sequential([layers.Input((8, 8, 1)), layers.Conv2D(1, 3, name="<b>")])
    page = explain_model(model)._repr_html_()
    assert "&lt;b&gt; (Conv2D)" in page and "8 - 3 + 1 = 6" in page and "<b>" not in page
    assert repr(explain_model(model)).startswith("<ModelExplanation: sequential")


def test_notebooks_show_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    display, drawn = ModuleType("IPython.display"), list[Any]()
    display.display = drawn.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setattr("galago.markup.in_notebook", lambda: True)
    galago.applications.reference(4).summary(explain=True)
    assert "28 - 3 + 1 = 26" in drawn[0]._repr_html_()


def test_a_layer_in_several_places_is_one_row() -> None:
    inputs = layers.Input((6, 6, 1))
    shared = layers.Conv2D(1, 3, padding="same", name="shared")
    (row,) = (
        one
        for one in explain_model(galago.Model(inputs, shared(shared(inputs)))).layers
        if one.name == "shared"
    )
    assert row.why == "6 + 2 - 3 + 1 = 6" and row.products == 2 * 36 * 9 and row.weights == 10


def test_layers_over_steps_have_one_axis() -> None:
    steps = galago.Sequential([layers.Input((10, 2)), layers.Conv1D(3, 3, name="steps")])
    steps.add(layers.Flatten())
    steps.add(layers.Dense(1, name="end"))
    lines = explained(steps)
    assert lines["steps"].startswith("steps (Conv1D) 8x3 10 - 3 + 1 = 8 3 144 ")
    assert " 1 unit " in lines["end"]


def test_branches_and_more_lost_rows() -> None:
    inputs = galago.Input((8, 8, 2), name="image")
    x = layers.Conv2D(2, 3, padding="same", name="wide")(inputs)
    y = layers.Cropping2D(((3, 0), (0, 2)), name="cut")(x)
    outputs = layers.GlobalMaxPooling2D(name="end")(y)
    lines = explained(galago.Model(inputs, outputs))
    assert lines["wide"].endswith("first 3 rows and last 2 columns never reach cut")
    assert "8x8" in lines["end"] or "6x7" in lines["end"]


def test_errors() -> None:
    model = galago.Sequential([layers.Dense(3)])
    with pytest.raises(ArgumentError, match="explain must be True or False"):
        model.summary(explain="yes")  # type: ignore[arg-type]
    with pytest.raises(NotBuiltError):
        model.summary(explain=True)
