"""Numbers and long words in the tables."""

from __future__ import annotations

import pytest

from galago.models.summary import memory_text, wrap


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0.00 B"),
        (1023, "1023.00 B"),
        (1024, "1.00 KB"),
        (1950296, "1.86 MB"),
        (3 * 1024**3, "3.00 GB"),
        (5 * 1024**4, "5.00 TB"),
    ],
)
def test_memory(size: int, text: str) -> None:
    assert memory_text(size) == text


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("short", ["short"]),
        ("exactly 10", ["exactly 10"]),
        ("one two three", ["one two", "three"]),
        ("a_word_that_is_too_long (X)", ["a_word_th…", "(X)"]),
        ("(X) a_word_that_is_too_long", ["(X)", "a_word_th…"]),
    ],
)
def test_wrapping(text: str, lines: list[str]) -> None:
    assert list(wrap(text, 10, "…")) == lines
