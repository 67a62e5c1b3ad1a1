"""JSON that can be read in one way only."""

from __future__ import annotations

import tracemalloc

import pytest

from galago.saving.strict_json import DEEPEST, cost, loads


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
        (b"[1e999]", "1e999 is too large"),
        (b"[-1" + b"0" * 40 + b"]", "40 digits at most"),
    ],
    ids=lambda value: repr(value[:10]),
)
def test_everything_else_is_refused(text: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" + "[]," * 99_999 + "[]]",
        "[" + "[0,0,0,0,0]," * 20_000 + "[]]",
        "[" + "{}," * 99_999 + "{}]",
        "[" + '{"a":0},' * 50_000 + "{}]",
        "[" + '{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0},' * 10_000 + "{}]",
        "{" + ",".join(f'"{n}":0' for n in range(50_000)) + "}",
        "{" + ",".join(f'"{n}":{{}}' for n in range(50_000)) + "}",
        "[" + ",".join(map(str, range(1000, 100_000))) + "]",
        "[" + "1e9," * 100_000 + "1]",
        "[" + '"ab",' * 100_000 + "1]",
        "[" + '"é",' * 100_000 + "1]",
        '["' + "a" * 1_000_000 + '"]',
        '["' + "a" * 1_000_000 + '\\ud83d\\ude00"]',
        '["' + "a" * 1_000_000 + 'ä"]',
        '["' + "a" * 1_000_000 + '€"]',
        '["' + "a" * 1_000_000 + '😀"]',
        "[" + ('"' + "a" * 50 + '😀",') * 10_000 + "1]",
    ],
    ids=lambda text: text[:20],
)
def test_no_text_takes_more_than_its_cost(text: str) -> None:
    content = text.encode()
    tracemalloc.start()
    loads(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < cost(content) + 4096
    assert cost(content) < 100 * len(content)
