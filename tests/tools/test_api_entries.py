"""What stands below the heading of a name."""

from __future__ import annotations

import api_entries
from api_names import Entry, entries

from galago import data, errors, layers, losses


def text_of(path: str) -> str:
    entry = next(entry for entry in entries() if entry.path == path)
    return api_entries.entry_text(entry, lambda word: f"#{word}" if word == "TeaError" else None)


def test_a_function() -> None:
    text = text_of("galago.losses.huber")
    assert text.startswith("```text\ngalago.losses.huber(y_true, y_pred, delta=1.0)\n```\n\n")
    assert api_entries.first_line(losses.huber.__doc__ or "") in text


def test_a_class_with_its_members() -> None:
    text = text_of("galago.data.Dataset")
    assert "- `cardinality()`" not in text, "it has more than one line, and so a heading"
    assert "#### Dataset.cardinality\n\n```text\ncardinality()\n```\n\nReturn" in text
    assert "- `iterate" not in text


def test_a_class_names_what_it_inherits() -> None:
    text = text_of("galago.layers.Conv2D")
    inherited = text.partition("<summary>Inherited</summary>")[2]
    assert "`set_weights`" in inherited
    assert "`kernel_shape`" in inherited, "it says nothing that its base does not"
    assert "**Options**" in text
    assert "`kernel_regularizer`" in text


def test_a_base_class_has_no_path() -> None:
    assert text_of("galago.layers.KernelLayer").startswith("```text\nKernelLayer(")


def test_an_error_has_no_signature() -> None:
    entry = Entry("galago.errors", "ShapeError", errors.ShapeError)
    text = api_entries.entry_text(entry, lambda word: None)
    assert text.startswith("```text\ngalago.errors.ShapeError\n```")


def test_a_constant_with_its_value_and_comment() -> None:
    entry = Entry("galago.data", "INFINITE_CARDINALITY", data.INFINITE_CARDINALITY)
    text = api_entries.entry_text(entry, lambda word: None)
    assert text.startswith("```text\ngalago.data.INFINITE_CARDINALITY = -1\n```\n\nWhat ")
    nameless = Entry("galago.data", "NOTHING", 1)
    assert api_entries.constant_comment(nameless) == ""


def test_attributes_have_their_comments() -> None:
    assert "needs_build" in dict(api_entries.attribute_comments(layers.Layer))
    assert "- `needs_build`: False for" in text_of("galago.layers.Layer")


def test_the_first_line_is_the_first_paragraph() -> None:
    assert api_entries.first_line("One\ntwo.\n\nThree.") == "One two."
