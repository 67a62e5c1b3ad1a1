"""Protocol Buffers' wire format, as much of it as writing takes.

A message is bytes, and so is each of its fields: a message is made by joining fields.
Format: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

_VARINT, _FIXED_64, _LENGTH, _FIXED_32 = 0, 1, 2, 5


def integer(field: int, value: int) -> bytes:
    """Return a field with a whole number (int32, int64, an enumeration or a bool).

    >>> integer(1, 150).hex()
    '089601'
    """
    return _tag(field, _VARINT) + _varint(value)


def single(field: int, value: float) -> bytes:
    """Return a field with a float of 32 bits."""
    return _tag(field, _FIXED_32) + struct.pack("<f", value)


def double(field: int, value: float) -> bytes:
    """Return a field with a float of 64 bits."""
    return _tag(field, _FIXED_64) + struct.pack("<d", value)


def text(field: int, value: str) -> bytes:
    """Return a field with a string.

    >>> text(2, "testing").hex()
    '120774657374696e67'
    """
    return nested(field, value.encode("utf-8"))


def nested(field: int, content: bytes) -> bytes:
    """Return a field with a message, or with bytes that are none."""
    return _tag(field, _LENGTH) + _varint(len(content)) + content


def integers(field: int, values: Iterable[int]) -> bytes:
    """Return a repeated field of whole numbers, packed.

    >>> integers(6, [3, 270, 86942]).hex()
    '3206038e029ea705'
    """
    return nested(field, b"".join(_varint(value) for value in values))


def _tag(field: int, kind: int) -> bytes:
    return _varint(field << 3 | kind)


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; negative numbers as 64-bit two's complement."""
    rest = value & 0xFFFF_FFFF_FFFF_FFFF
    found = bytearray()
    while rest > 0x7F:
        found.append(rest & 0x7F | 0x80)
        rest >>= 7
    found.append(rest)
    return bytes(found)
