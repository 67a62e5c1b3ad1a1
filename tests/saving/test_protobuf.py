"""The wire format, against the examples of its documentation."""

from __future__ import annotations

import pytest

from galago.saving.protobuf import double, integer, integers, nested, single, text


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (integer(1, 150), "089601"),
        (integer(1, 0), "0800"),
        (integer(1, -2), "08feffffffffffffffff01"),
        (integer(16, 1), "800101"),
        (text(2, "testing"), "120774657374696e67"),
        (text(2, "é"), "1202c3a9"),
        (nested(3, integer(1, 150)), "1a03089601"),
        (nested(1, b"x" * 200)[:3], "0ac801"),
        (integers(6, [3, 270, 86942]), "3206038e029ea705"),
        (integers(6, []), "3200"),
        (single(2, 1.0), "150000803f"),
        (double(1, 1.0), "09000000000000f03f"),
    ],
)
def test_examples(field: bytes, expected: str) -> None:
    assert field.hex() == expected
