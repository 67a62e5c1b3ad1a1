"""Names that stand for other things."""

from __future__ import annotations

import api_tables

from galago import layers, tf


def test_tables_and_what_is_numpys() -> None:
    text = api_tables.table_text(tf, {"galago.activations.relu": "a.md#relu"}.get)
    assert "| `tf.losses` | all names of [galago.losses](losses.md) |" in text
    assert "[`relu`](a.md#relu)" in text
    assert "| `tf.float32` | `numpy.float32` |" in text
    assert "`AUTOTUNE`" in text


def test_tables_in_tables() -> None:
    text = api_tables.table_text(tf.keras, lambda word: None)
    assert "| `tf.keras.preprocessing.image` | `array_to_img`," in text
    assert "Sequential" not in text, "which is a thing and no table"


def test_other_modules_have_none() -> None:
    assert api_tables.table_text(layers, lambda word: None) == ""
