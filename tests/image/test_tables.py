from __future__ import annotations

import numpy as np

from galago.figures import new_figure
from galago.image.tables import drawn_numbers, number_table, row_of_tables


def test_greys_have_a_readable_number() -> None:
    text = number_table(np.array([[0.0, 255.0]]), "patch", low=0, high=255)
    assert "rgb(0,0,0);color:#fff" in text and "rgb(255,255,255);color:#000" in text


def test_signs_have_colours() -> None:
    text = number_table(np.array([[-1.0, 0.0, 2.0]]), "filter")
    assert "hsl(220,80%" in text and "hsl(10,80%,65%)" in text and "100%)" in text


def test_titles_are_text() -> None:
    assert "&lt;b&gt;" in row_of_tables("<b>", ["1"]) and "<strong>" in row_of_tables("x", [])


def test_captions_have_the_colour_of_the_page() -> None:
    text = number_table(np.array([[1.0]]), "patch")
    head, _, _ = text.partition("<td")
    assert "color:" not in head


def test_a_number_is_framed() -> None:
    text = number_table(np.array([[1.0, 2.0], [3.0, 4.0]]), "window", taken=(1, 0))
    (cell,) = [cell for cell in text.split("<td")[1:] if "outline" in cell]
    assert ">3</td>" in cell


def test_numbers_in_a_figure() -> None:
    axes = new_figure(3, 3).subplots()
    drawn_numbers(axes, np.array([[-0.5, 2.0]]), "weights")
    assert [text.get_text() for text in axes.texts] == ["-0.5", "2"]
    assert axes.images[0].get_clim() == (-2, 2) and axes.get_title() == "weights"
    drawn_numbers(axes, np.array([[10.0]]), "patch", low=0, high=255)
    assert axes.images[1].get_clim() == (0, 255)


def test_what_is_no_number_is_grey() -> None:
    values = np.array([[np.nan, np.inf, 1.0]])
    assert number_table(values, "t").count("#888") == 2
    assert number_table(values, "t", low=0, high=1).count("#888") == 2
    drawn_numbers(new_figure(3, 3).subplots(), values, "t")
