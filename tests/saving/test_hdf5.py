"""HDF5 in Python: what is written is read, and what Keras does not write is refused."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from galago.errors import FileFormatError
from galago.saving.hdf5 import Group, Stored, Tree, read, write
from galago.saving.hdf5.layout import MESSAGE, OBJECT_HEADER, SUPERBLOCK, SYMBOL

SMALL: Tree = {"layers": {"dense": {"vars": {"0": np.arange(6, dtype="<f4").reshape(2, 3)}}}}
#: Where the superblock's end of file, and the root's symbol, lie.
ROOT = struct.calcsize(SUPERBLOCK)


def contents(group: Group) -> dict[str, Any]:
    """Groups as dictionaries, arrays as they are."""
    return {
        name: member.read() if isinstance(member, Stored) else contents(member)
        for name, member in group.members.items()
    }


def same(found: dict[str, Any], tree: Tree) -> bool:
    """Whether names, types, shapes and values are equal."""
    if sorted(found) != sorted(tree):
        return False
    for name, value in tree.items():
        other = found[name]
        if isinstance(value, dict):
            if not isinstance(other, dict) or not same(other, value):
                return False
        elif (other.dtype, other.shape) != (value.dtype, value.shape) or (other != value).any():
            return False
    return True


def refused(content: bytes, what: str) -> None:
    with pytest.raises(FileFormatError, match=what):
        read(content, "some.h5")


@pytest.mark.parametrize(
    "dtype", ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
)
def test_every_type_of_number(dtype: str) -> None:
    tree = {"x": np.array([[0, 1], [100, 7]], dtype), "one": np.array(3, dtype)}
    assert same(contents(read(write(tree))), tree)


def test_arrays_in_another_order_of_bytes_or_axes() -> None:
    wanted = np.arange(12, dtype="<f4").reshape(3, 4)
    tree = {"big": wanted.astype(">f4"), "turned": np.asfortranarray(wanted)}
    found = contents(read(write(tree)))
    assert (found["big"] == wanted).all() and found["big"].dtype == "<f4"
    assert (found["turned"] == wanted).all()


def test_empty_groups_and_arrays() -> None:
    tree: Tree = {"none": {}, "nothing": np.zeros((0, 3), "f4"), "inner": {"none": {}}}
    assert same(contents(read(write(tree))), tree)
    assert read(write({})).members == {}


@pytest.mark.parametrize("count", [1, 8, 9, 256, 257, 3000])
def test_as_many_names_as_a_group_has(count: int) -> None:
    tree = {f"{number}": np.array(number) for number in range(count)}
    assert same(contents(read(write(tree))), tree)


def test_names_in_utf8_and_long_ones() -> None:
    tree = {"größe": np.array(1.0), "x" * 1000: np.array(2.0)}
    assert same(contents(read(write(tree))), tree)


def test_equal_trees_give_equal_bytes() -> None:
    turned = {"b": np.zeros(2), "a": {"y": np.ones(3), "x": np.ones(3)}}
    assert write(turned) == write({"a": {"x": np.ones(3), "y": np.ones(3)}, "b": np.zeros(2)})


def test_walk_gives_every_array_with_its_path() -> None:
    assert [path for path, _ in read(write(SMALL)).walk()] == ["layers/dense/vars/0"]


def test_an_array_is_a_copy_of_its_own() -> None:
    content = bytearray(write(SMALL))
    ((_, stored),) = read(memoryview(content)).walk()
    values = stored.read()
    content[:] = bytes(len(content))
    assert values.sum() == 15


def test_an_array_is_read_as_other_numbers() -> None:
    ((_, stored),) = read(write(SMALL)).walk()
    assert (stored.size, stored.nbytes) == (6, 24)
    assert stored.read("float64").dtype == np.float64
    assert (stored.read("float64") == stored.numbers()).all()


def test_no_length_of_a_file_but_its_own_is_read() -> None:
    content = write(SMALL)
    for length in range(len(content)):
        refused(content[:length], "some.h5")


def test_what_is_no_hdf5() -> None:
    refused(b"", "first eight bytes")
    refused(b"PK\3\4" + bytes(200), "first eight bytes")


def test_versions_of_later_libraries_are_refused_by_name() -> None:
    content = bytearray(write(SMALL))
    content[8] = 2
    refused(bytes(content), "superblock 2")


def test_a_soft_link_is_refused() -> None:
    content = bytearray(write(SMALL))
    entry = content.index(b"SNOD") + 8
    struct.pack_into("<I", content, entry + 16, 2)
    refused(bytes(content), "a link to a path")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (0x06, "may lead into another file"),
        (0x07, "external files"),
        (0x0B, "filters"),
        (0x0F, "shared messages"),
        (0x77, "messages of type 119"),
    ],
)
def test_messages_that_keras_does_not_write_are_refused_by_name(kind: int, words: str) -> None:
    content = bytearray(write(SMALL))
    fill = content.index(struct.pack("<HH", 5, 8))
    struct.pack_into("<H", content, fill, kind)
    refused(bytes(content), words)


def test_a_group_in_itself_is_refused() -> None:
    content = bytearray(write({"a": {"b": {}}}))
    root = struct.unpack_from("<Q", content, ROOT + 8)[0]
    inner = content.index(b"SNOD") + 8
    struct.pack_into("<Q", content, inner + 8, root)
    refused(bytes(content), "second name|met twice")


def test_two_names_of_one_object_are_refused() -> None:
    content = bytearray(write({"a": np.zeros(3), "b": np.zeros(3)}))
    first = content.index(b"SNOD") + 8
    content[first + 48 : first + 56] = content[first + 8 : first + 16]
    refused(bytes(content), "second name")


def test_an_array_larger_than_the_file_says_is_refused_at_once() -> None:
    content = bytearray(write({"a": np.zeros(3, "f4")}))
    shape = content.index(struct.pack("<BB6xQ", 1, 1, 3)) + 8
    struct.pack_into("<Q", content, shape, 1 << 39)
    refused(bytes(content), "expected 2,199,023,255,552 bytes")
    struct.pack_into("<Q", content, shape, 1 << 60)
    refused(bytes(content), "an array of shape")


def test_bytes_outside_of_the_file_are_refused() -> None:
    content = bytearray(write({"a": np.zeros(3, "f4")}))
    layout = content.index(b"\x03\x01", content.index(struct.pack("<HH", 8, 24)))
    struct.pack_into("<Q", content, layout + 2, len(content))
    refused(bytes(content), "the file ends before")


def test_arrays_that_share_their_bytes_are_refused() -> None:
    """Else a small file could fill the memory with one block, read again and again."""
    content = bytearray(write({"a": np.zeros(0), "b": np.zeros(0), "c": np.zeros(9000)}))
    layout, size = struct.pack("<HH", 8, 24), struct.pack("<BB6xQ", 1, 1, 0)
    shared = content.rindex(layout) + 8  # the message's data: version, class, address, bytes
    place = content.index(layout)
    while place + 8 < shared:
        content[place + 8 : place + 32] = content[shared : shared + 24]
        place = content.index(layout, place + 1)
    content = content.replace(size, struct.pack("<BB6xQ", 1, 1, 9000))
    refused(bytes(content), "pieces that share their bytes")


def test_headers_that_share_their_messages_are_refused() -> None:
    """Else a small file could take hours to read."""
    content = bytearray(write({"a": np.zeros(2), "b": np.zeros(2), "c": np.zeros(2)}))
    nothing, size = len(content), 8 * 400
    content += bytes(size)
    ends = struct.pack(MESSAGE, 0x10, 16, 0) + struct.pack("<QQ", nothing, size)
    symbols = content.index(b"SNOD") + 8
    for entry in range(symbols, symbols + 3 * 40, 40):
        old = struct.unpack_from("<Q", content, entry + 8)[0]
        length = struct.unpack_from("<I", content, old + 8)[0]
        messages = content[old + 16 : old + 16 + length] + ends
        struct.pack_into("<Q", content, entry + 8, len(content))
        content += struct.pack(OBJECT_HEADER, 1, 0, 405, 1, len(messages)) + messages
    refused(bytes(content), "pieces that share their bytes")


def test_symbols_are_in_one_piece() -> None:
    assert struct.calcsize(SYMBOL) == 40


def test_damage_is_found_or_harmless() -> None:
    """Bytes changed at random: an error of ours, or numbers."""
    random = np.random.default_rng(1)
    whole = write(
        {"a": {str(n): np.arange(n + 1.0) for n in range(12)}, "b": np.ones((2, 2), "f4")}
    )
    for _ in range(3000):
        content = bytearray(whole)
        for place in random.integers(0, len(content), random.integers(1, 4)):
            content[place] = random.integers(0, 256)
        try:
            for _, stored in read(bytes(content)).walk():
                stored.read()
        except FileFormatError:
            continue
