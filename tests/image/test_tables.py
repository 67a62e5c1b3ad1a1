from __future__ import annotations

import numpy as np

from galago.image.tables import number_table, row_of_tables


def test_greys_have_a_readable_number() -> None:
    text = number_table(np.array([[0.0, 255.0]]), "patch", low=0, high=255)
    assert "rgb(0,0,0);color:#fff" in text and "rgb(255,255,255);color:#000" in text


def test_signs_have_colours() -> None:
    text = number_table(np.array([[-1.0, 0.0, 2.0]]), "filter")
    assert "hsl(220,80%" in text and "hsl(10,80%,65%)" in text and "100%)" in text


def test_titles_are_text() -> None:
    assert "&lt;b&gt;" in row_of_tables("<b>", ["1"]) and "<strong>" in row_of_tables("x", [])
