from __future__ import annotations

import math
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from galago.diagrams import Svg, curves, flow
from galago.errors import ArgumentError

SVG = "{http://www.w3.org/2000/svg}"


def boxes(drawing: Svg) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each box."""
    found = []
    for rect in list(ElementTree.fromstring(drawing.text).iter(f"{SVG}rect"))[1:]:
        x, y, width, height = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
        found.append((x, y, x + width, y + height))
    return found


EDGES = [(0, 1), (1, 2), (1, 3), (2, 4), (3, 5), (1, 5), (4, 5)]


def test_boxes_stand_below_what_they_read_and_apart() -> None:
    names = [["Input"], ["Conv2D", "(None, 3)"], ["a" * 30], ["b"], ["c"], ["Add"]]
    found = boxes(flow(names, EDGES))
    for source, target in EDGES:
        assert found[source][3] < found[target][1]
    for place, one in enumerate(found):
        for other in found[place + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1]
            assert apart or other[3] <= one[1]


def test_everything_lies_on_the_drawing() -> None:
    drawing = flow([["Input"], ["b" * 40], ["c"], ["Add"]], [(0, 1), (1, 2), (2, 3), (0, 3)])
    root = ElementTree.fromstring(drawing.text)
    left, _, width, height = map(float, root.attrib["viewBox"].split())
    for x, y, right, bottom in boxes(drawing):
        assert left <= x and right <= left + width and y >= 0 and bottom <= height
    assert len(list(root.iter(f"{SVG}path"))) == 4


def test_names_are_text() -> None:
    assert "<b>" not in flow([["<b>"]], []).text and "&lt;b&gt;" in flow([["<b>"]], []).text


def test_curves_go_through_their_values() -> None:
    drawing = curves({"loss": [4.0, 2.0, 1.0], "val_loss": [3.0, math.nan, 2.0]}, "loss")
    root = ElementTree.fromstring(drawing.text)
    lines = [line.attrib["points"].split() for line in root.iter(f"{SVG}polyline")]
    assert [len(line) for line in lines] == [3, 2]
    heights = [float(point.split(",")[1]) for point in lines[0]]
    assert heights[1] - heights[0] == pytest.approx(2 * (heights[2] - heights[1]), abs=0.2)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"loss", "val_loss", "1", "2", "3", "4"} <= set(texts)


@pytest.mark.parametrize("values", [[], [math.nan], [0.5], [0.0, 0.0], [1e-9, 2e-9], [-3.0, 7e6]])
def test_any_values_can_be_drawn(values: list[float]) -> None:
    text = curves({"x": values}, "x").text
    ElementTree.fromstring(text)
    assert not re.search(r"nan|inf", text)


def test_files(tmp_path: Path) -> None:
    drawing = Svg("<svg/>")
    drawing.save(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text() == drawing._repr_svg_()
    with pytest.raises(ArgumentError, match=r"ends in \.svg, received '.*a\.png'"):
        drawing.save(tmp_path / "a.png")
