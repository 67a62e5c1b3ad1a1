"""JSON that can be read in one way only."""

from __future__ import annotations

import pytest

from galago.saving.strict_json import DEEPEST, loads


def test_json_is_read() -> None:
    assert loads(b'{"a": [1, -2.5, null, "x[y"], "b": {"c": true}}') == {
        "a": [1, -2.5, None, "x[y"],
        "b": {"c": True},
    }
    assert loads(b"[" * DEEPEST + b"]" * DEEPEST)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "'c' stands twice"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "100 deep at most"),
        (b'{"a":' * 1_000_000, "100 deep at most"),
        (b"[NaN]", "NaN is no number of JSON"),
        (b"[-Infinity]", "-Infinity is no number"),
        (b"\xff", "decode"),
        (b"", "Expecting value"),
    ],
    ids=lambda value: repr(value[:10]),
)
def test_everything_else_is_refused(text: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        loads(text)
