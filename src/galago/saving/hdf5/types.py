"""The messages that say what an array is: its shape, its type, where its bytes lie."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

#: Keras's type without a NumPy type: the upper half of a float32.
BFLOAT16 = "bfloat16"
MOST_AXES, MOST_ELEMENTS = 32, 1 << 40

_WHOLE, _FLOAT, _TEXT, _OPAQUE, _VARIABLE = 0, 1, 3, 5, 9
#: Fields of a float: sign bit; bits; exponent's first bit and bits, mantissa's; exponent's bias.
_FLOATS: dict[tuple[int, ...], str] = {
    (15, 16, 10, 5, 0, 10, 15): "<f2",
    (31, 32, 23, 8, 0, 23, 127): "<f4",
    (63, 64, 52, 11, 0, 52, 1023): "<f8",
}
_FLOAT_FORM, _WHOLE_FORM = "<BBBBIHHBBBBI", "<BBBBIHH"

Part = Callable[[int, int], memoryview]
Text = Callable[[int, int], str]
#: Bytes in front of a heap, and of each text in it.
_HEAP_HEAD = 16


class Unknown(Exception):
    """A message says what Keras does not write; the text says what."""


def space(data: memoryview) -> tuple[int, ...]:
    """Return the shape. Raises Unknown."""
    version, rank, flags = _unpack("<BBB", data)
    start = {1: 8, 2: 4}.get(version)
    if start is None or flags > 1 or rank > MOST_AXES:
        raise Unknown(f"a shape of version {version} with {rank} axes")
    shape = _unpack(f"<{rank}Q", data[start:])
    elements = 1
    for size in shape:
        elements *= size
        if size > MOST_ELEMENTS or elements > MOST_ELEMENTS:
            raise Unknown(f"an array of shape {shape}")
    return tuple(shape)


def place(data: memoryview) -> tuple[int, int]:
    """Return address and size of an array's bytes. Raises Unknown."""
    version, kind = _unpack("<BB", data)
    if (version, kind) != (3, 1):
        raise Unknown("an array in pieces or inside of its header")
    address, size = _unpack("<QQ", data[2:])
    return address, size


def array_type(data: memoryview, attributes: Sequence[memoryview], text: Text) -> str:
    """Return NumPy's name of the type, or "bfloat16". Raises Unknown.

    `text` gives a text of the file by its heap and number.
    """
    version, kind, size = _class(data)
    if kind == _FLOAT and version == 1:
        fields = _unpack(_FLOAT_FORM, data)
        known = _FLOATS.get((fields[2], *fields[6:]))
        if known and fields[1] == 0x20 and fields[5] == 0 and size == int(known[2]):
            return known
    if kind == _WHOLE and version == 1:
        fields = _unpack(_WHOLE_FORM, data)
        if fields[1] in (0, 8) and fields[5:] == (0, 8 * size) and size in (1, 2, 4, 8):
            return f"<{'i' if fields[1] else 'u'}{size}"
    if kind == _OPAQUE and size == 2 and _marked(attributes, text) == BFLOAT16:
        return BFLOAT16
    raise Unknown(f"numbers of type {kind} in {size} bytes")


def type_message(dtype: str) -> bytes:
    """Return the message for NumPy's name of a type, which must be a whole number or a float.

    >>> len(type_message("<f4")), len(type_message("<i8"))
    (20, 12)
    """
    size = int(dtype[2:])
    fields = next((fields for fields, known in _FLOATS.items() if known == dtype), None)
    if fields is None:
        signed = 8 if dtype[1] == "i" else 0
        return struct.pack(_WHOLE_FORM, 0x10 | _WHOLE, signed, 0, 0, size, 0, 8 * size)
    sign, *rest = fields
    return struct.pack(_FLOAT_FORM, 0x10 | _FLOAT, 0x20, sign, 0, size, 0, *rest)


def texts(part: Part, heap: int) -> dict[int, str]:
    """Return the texts of a global heap, by their numbers. Raises Unknown.

    `part` gives the file's bytes from an address on, as many as asked for.
    """
    signature, version, size = struct.unpack("<4sB3xQ", part(heap, _HEAP_HEAD))
    if signature != b"GCOL" or version != 1 or size < _HEAP_HEAD:
        raise Unknown("a heap of another version")
    rest = part(heap + _HEAP_HEAD, size - _HEAP_HEAD)
    found: dict[int, str] = {}
    while len(rest) >= _HEAP_HEAD:
        index, _, length = struct.unpack("<HH4xQ", rest[:_HEAP_HEAD])
        if index == 0:  # free from here on
            break
        found[index] = _text(rest[_HEAP_HEAD : _HEAP_HEAD + length])
        rest = rest[_HEAP_HEAD + _eights(length) :]
    return found


def _marked(attributes: Sequence[memoryview], text: Text) -> str | None:
    """What the attribute "dtype" says, if there is one."""
    for data in attributes:
        version, name_size, type_size, space_size = _unpack("<BxHHH", data)
        if version != 1:
            raise Unknown(f"attributes of version {version}")
        name_end, type_end = 8 + _eights(name_size), 8 + _eights(name_size) + _eights(type_size)
        if bytes(data[8 : 8 + name_size]).rstrip(b"\0") != b"dtype":
            continue
        kind, size = _class(data[name_end:])[1:]
        value = data[type_end + _eights(space_size) :]
        if kind == _TEXT:
            return _text(value[:size])
        if kind == _VARIABLE:
            _, heap, index = _unpack("<IQI", value)
            return text(heap, index)
    return None


def _class(data: memoryview) -> tuple[int, int, int]:
    """Version, class and bytes of a type."""
    first, size = _unpack("<B3xI", data)
    return first >> 4, first & 15, size


def _text(data: memoryview) -> str:
    return bytes(data).rstrip(b"\0").decode("utf-8", "replace")


def _eights(size: int) -> int:
    return -(-size // 8) * 8


def _unpack(form: str, data: memoryview) -> tuple[int, ...]:
    size = struct.calcsize(form)
    if len(data) < size:
        raise Unknown(f"a message of {len(data)} bytes")
    return struct.unpack(form, data[:size])
