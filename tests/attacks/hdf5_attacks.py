"""Weights in HDF5 that reach into other files, are bombs, or point at themselves.

Files of hdf5_files.json were written by the HDF5 library (tools/make_hostile_hdf5.py).
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import good
import numpy as np
from attack import Attack, Attacks, Maker

from galago.saving import hdf5
from galago.saving.hdf5.layout import MESSAGE, OBJECT_HEADER, SUPERBLOCK, TREE_NODE

MB = 1 << 20
ROOT = struct.calcsize(SUPERBLOCK)
ARRAY: hdf5.Tree = {"layers": {"conv2d": {"vars": {"0": np.ones((3, 3, 1, 2), "<f4")}}}}
SPACE, TYPE, LAYOUT = (struct.pack("<HH", kind, size) for kind, size in ((1, 40), (3, 24), (8, 24)))

#: Files of the library, with what the message says of them.
LIBRARY = {
    "external_link": "links of new-style groups",
    "external_group": "links of new-style groups",
    "soft_link": "a link to a path",
    "soft_circle": "a link to a path",
    "hard_link": "a second name",
    "hard_circle": "a second name",
    "external_storage": "arrays in external files",
    "virtual": "an array in pieces",
    "gzip": "compression or other filters",
    "lzf": "compression or other filters",
    "shuffled": "compression or other filters",
    "checksummed": "compression or other filters",
    "chunked": "an array in pieces",
    "resizable": "an array in pieces",
    "filled_late": "expected",
    "compact": "inside of its header",
    "big_endian": "numbers of type 1",
    "compound": "numbers of type 6",
    "texts": "numbers of type 9",
    "ragged": "numbers of type 9",
    "reference": "numbers of type 7",
    "enumeration": "numbers of type 8",
    "complex_numbers": "numbers of type 6",
    "opaque": "numbers of type 5",
    "array_type": "numbers of type 10",
    "named_type": "found neither",
    "long_double": "numbers of type 1",
    "null_space": "",
    "many_attributes": "",
    "long_attribute": "",
    "latest": "superblock 3",
    "version_18": "superblock",
    "user_block": "",
    "ordered": "",
    "paged": "superblock",
}


def library(name: str) -> Maker:
    def make(folder: Path) -> Path:
        packed = json.loads((Path(__file__).parent / "hdf5_files.json").read_text())[name]
        return good.with_members(folder, weights=zlib.decompress(base64.b64decode(packed)))

    return make


def patched(change: Callable[[bytearray], Any], tree: hdf5.Tree = ARRAY) -> Maker:
    """Weights of one array with changed bytes."""

    def make(folder: Path) -> Path:
        content = bytearray(hdf5.write(tree))
        change(content)
        return good.with_members(folder, weights=bytes(content))

    return make


def at_start(form: str, offset: int, *values: Any) -> Maker:
    return patched(lambda content: struct.pack_into(form, content, offset, *values))


def behind(mark: bytes, form: str, offset: int, *values: Any) -> Maker:
    """Numbers written so many bytes behind the first place of a mark."""
    return patched(lambda c: struct.pack_into(form, c, c.index(mark) + offset, *values))


def tree_of_itself(content: bytearray) -> None:
    """A node of the tree whose child is that node."""
    node = content.index(b"TREE")
    struct.pack_into("<B", content, node + 5, 1)
    struct.pack_into("<Q", content, node + struct.calcsize(TREE_NODE) + 8, node)


def tall_tree(content: bytearray) -> None:
    """A thousand nodes, each the only child of the one before."""
    node = content.index(b"TREE")
    size = struct.calcsize(TREE_NODE)
    for level in range(1000):
        place = len(content)
        inner = struct.pack(TREE_NODE, b"TREE", 0, 250, 1, 0, 0)
        content += inner + struct.pack("<QQQ", 0, place + size + 24, 0)
        if level == 0:
            struct.pack_into("<B", content, node + 5, 251)
            struct.pack_into("<Q", content, node + size + 8, place)


def header_of_itself(content: bytearray) -> None:
    """An object whose messages go on where they began."""
    space = content.index(SPACE)
    data = struct.pack("<QQ", space, 200)
    content[space : space + 24] = struct.pack(MESSAGE, 16, 16, 0) + data


def chain_of_headers(content: bytearray) -> None:
    """Messages that go on in a block that says nothing but where it goes on."""
    space = content.index(SPACE)
    at = len(content)
    content[space : space + 24] = struct.pack(MESSAGE, 16, 16, 0) + struct.pack("<QQ", at, 24)
    for number in range(50_000):
        following = struct.pack("<QQ", at + 24 * (number + 1), 24)
        content += struct.pack(MESSAGE, 16, 16, 0) + following


def huge_header(content: bytearray) -> None:
    header = content.index(SPACE) - struct.calcsize(OBJECT_HEADER)
    struct.pack_into("<HII", content, header + 2, 65535, 1, 0xFFFFFFFF)


def names_in_each_other(content: bytearray) -> None:
    """Names that are ends of one long name: each costs 40 bytes and a thousand in memory."""
    heap = content.index(b"HEAP")
    size, data = 1024 * 4, len(content)
    content += (b"x" * 1023 + b"\0") * 4
    struct.pack_into("<QQQ", content, heap + 8, size, 1, data)
    leaf = content.index(b"SNOD")
    for place in range(8):
        struct.pack_into("<Q", content, leaf + 8 + 40 * place, place)


def of_bfloat16(heap: int) -> Callable[[bytearray], None]:
    """An array whose attribute "dtype" is a text in a heap at some address."""

    def change(content: bytearray) -> None:
        kind = content.index(TYPE)
        attribute = struct.pack("<BxHHH8s", 1, 6, 16, 8, b"dtype")
        attribute += struct.pack("<B3xI8x", 0x19, 16) + bytes(8) + struct.pack("<IQI", 8, heap, 1)
        attribute += bytes(-len(attribute) % 8)
        header = content.index(SPACE) - struct.calcsize(OBJECT_HEADER)
        count, size = content[header + 2], struct.unpack_from("<I", content, header + 8)[0]
        struct.pack_into("<B3xI", content, kind + 8, 0x15, 2)
        messages = content[header + 16 : header + 16 + size]
        messages += struct.pack(MESSAGE, 12, len(attribute), 0) + attribute
        new = struct.pack(OBJECT_HEADER, 1, 0, count + 1, 1, len(messages)) + messages
        symbol = content.index(struct.pack("<QQ", 8, header))
        struct.pack_into("<Q", content, symbol + 8, len(content))
        content += new

    return change


def besides(more: hdf5.Tree) -> Maker:
    """The good weights, and more among the layers."""

    def make(folder: Path) -> Path:
        weights = good.tree()
        weights["layers"].update(more)
        return good.with_members(folder, weights=hdf5.write(weights))

    return make


def many(count: int, value: Any) -> Maker:
    """Very many members of a group."""
    return besides({f"x{n}": value for n in range(count)})


def deep(count: int) -> Maker:
    """Groups in each other."""

    def make(folder: Path) -> Path:
        tree: hdf5.Tree = {}
        for _ in range(count):
            tree = {"layers": tree}
        return good.with_members(folder, weights=hdf5.write(tree))

    return make


def of_weights(kernel: Any) -> Maker:
    """Other numbers for the last layer."""

    def make(folder: Path) -> Path:
        settings = good.config()
        del settings["compile_config"]
        settings["config"]["layers"] = settings["config"]["layers"][:1]
        shape = [None, kernel.shape[0]]
        settings["config"]["build_input_shape"] = shape
        settings["config"]["layers"][0]["config"]["batch_shape"] = shape
        settings["config"]["layers"].append(
            {
                "module": "keras.layers",
                "class_name": "Dense",
                "config": {"units": kernel.shape[1], "use_bias": False},
                "registered_name": None,
            }
        )
        tree: hdf5.Tree = {"layers": {"dense": {"vars": {"0": kernel}}}}
        text = json.dumps(settings).encode()
        return good.with_members(folder, config=text, weights=hdf5.write(tree), metadata=b"{}")

    return make


LARGE = 2048, 2048

ATTACKS: Attacks = {
    **{f"of the library: {name}": Attack(library(name), words) for name, words in LIBRARY.items()},
    "no HDF5": Attack(
        lambda folder: good.with_members(folder, weights=b"PK\3\4" * 99), "first eight bytes"
    ),
    "nothing": Attack(lambda folder: good.with_members(folder, weights=b""), "first eight bytes"),
    "a signature alone": Attack(
        lambda folder: good.with_members(folder, weights=hdf5.write({})[:8]), "ends before"
    ),
    "superblock 2": Attack(at_start("<B", 8, 2), "superblock 2"),
    "superblock 255": Attack(at_start("<B", 8, 255), "superblock 255"),
    "addresses of 4 bytes": Attack(at_start("<B", 13, 4), "addresses of 4 bytes"),
    "leaves of 65,535": Attack(at_start("<H", 16, 65535), "groups of 65535"),
    "a base address": Attack(at_start("<Q", 24, 512), "groups of 4 and 16 entries from 512"),
    "a root outside": Attack(at_start("<Q", ROOT + 8, 1 << 62), "the file ends before"),
    "a root nowhere": Attack(at_start("<Q", ROOT + 8, (1 << 64) - 1), "the file ends before"),
    "a root in the superblock": Attack(at_start("<Q", ROOT + 8, 0), ": "),
    "a tree of itself": Attack(patched(tree_of_itself), "met twice"),
    "a tree of a thousand levels": Attack(patched(tall_tree), "expected a node of a group's tree"),
    "a node of 65,535 children": Attack(behind(b"TREE", "<H", 6, 65535), "a group's tree"),
    "a child outside": Attack(behind(b"TREE", "<Q", 32, 1 << 50), "the file ends before"),
    "a child in the tree": Attack(
        patched(lambda c: struct.pack_into("<Q", c, c.index(b"TREE") + 32, c.index(b"TREE"))),
        "expected a node of symbols",
    ),
    "a leaf of 65,535 symbols": Attack(behind(b"SNOD", "<H", 6, 65535), "a node of symbols"),
    "a heap outside": Attack(behind(b"HEAP", "<Q", 24, 1 << 60), "the file ends before"),
    "a heap of 2^63 bytes": Attack(behind(b"HEAP", "<Q", 8, 1 << 63), "the file ends before"),
    "a name outside": Attack(behind(b"SNOD", "<Q", 8, 1 << 40), "expected names of 1 to"),
    "a name of nothing": Attack(behind(b"SNOD", "<Q", 8, 0), "expected names of 1 to"),
    "a name that is no text": Attack(
        patched(
            lambda c: c.__setitem__(slice(c.index(b"conv2d"), c.index(b"conv2d") + 2), b"\xff\xfe")
        ),
        "names in UTF-8",
    ),
    "a name with ../": Attack(besides({"../../etc": {}}), "found others: ../../etc"),
    "names in each other": Attack(
        patched(names_in_each_other, {f"{n}": np.zeros(0, "f4") for n in range(8)}),
        "names that share their bytes",
    ),
    "a link by its kind": Attack(behind(b"SNOD", "<I", 24, 2), "a link to a path"),
    "an object of 65,535 messages": Attack(patched(huge_header), "65535 messages"),
    "a header that goes on in itself": Attack(patched(header_of_itself), ": "),
    "a header of 50,000 pieces": Attack(patched(chain_of_headers), ": "),
    "a message longer than its object": Attack(behind(SPACE, "<H", 2, 65528), ": "),
    "255 axes": Attack(behind(SPACE, "<B", 9, 255), "with 255 axes"),
    "a shape of 2^63": Attack(behind(SPACE, "<Q", 16, 1 << 63), "an array of shape"),
    "a shape whose product is 2^64": Attack(
        behind(SPACE, "<QQ", 16, 1 << 32, 1 << 32), "an array of shape"
    ),
    "a shape of 2^40": Attack(behind(SPACE, "<Q", 16, 1 << 38), "an array of shape"),
    "a shape larger than its bytes": Attack(behind(SPACE, "<Q", 16, 4), "expected 96 bytes"),
    "bytes outside": Attack(behind(LAYOUT, "<Q", 10, 1 << 61), "the file ends before"),
    "bytes nowhere": Attack(behind(LAYOUT, "<Q", 10, (1 << 64) - 1), "the file ends before"),
    "2^63 bytes": Attack(behind(LAYOUT, "<Q", 18, 1 << 63), "expected 72 bytes"),
    "numbers of 2^32 - 1 bytes": Attack(behind(TYPE, "<I", 12, 0xFFFFFFFF), "numbers of type 1"),
    "numbers of an unknown type": Attack(behind(TYPE, "<B", 8, 0x1F), "numbers of type 15"),
    "a float that is none": Attack(behind(TYPE, "<I", 24, 1), "numbers of type 1"),
    "a text's heap outside": Attack(patched(of_bfloat16(1 << 60)), "the file ends before"),
    "a text's heap that is none": Attack(patched(of_bfloat16(0)), "a heap of another version"),
    "100 groups in each other": Attack(deep(100), "64 groups in each other"),
    "10,000 groups": Attack(many(10_000, {}), "found others"),
    "30,000 arrays of nothing": Attack(many(30_000, np.zeros(0, "f4")), "would take more"),
    "51,000 groups": Attack(many(51_000, {}), "more than 50,000 objects"),
    "integers for weights": Attack(
        patched(
            lambda c: None, {"layers": {"conv2d": {"vars": {"0": np.ones((3, 3, 1, 2), "<i8")}}}}
        ),
        "needs weights of shapes",
    ),
    "an array in place of a group": Attack(
        patched(lambda c: None, {"layers": np.zeros(3)}), "needs weights of shapes"
    ),
    "a group in place of an array": Attack(
        patched(lambda c: None, {"layers": {"conv2d": {"vars": {"0": {}}}}}),
        "expected arrays named 0, 1, 2",
    ),
    "an array at the root": Attack(
        patched(lambda c: None, {"conv2d": np.zeros(3)}), "needs weights of shapes"
    ),
    # Large files that are as they should be: what do they cost?
    "16 MB of float32": Attack(of_weights(np.ones(LARGE, "f4")), error=None),
    "32 MB of float64": Attack(of_weights(np.ones(LARGE, "f8")), error=None),
    "8 MB of float16": Attack(of_weights(np.ones(LARGE, "f2")), error=None),
    "32 MB of whole numbers": Attack(of_weights(np.ones((4096, 8192), "i1")), "more"),
    "4 MB of whole numbers": Attack(of_weights(np.ones((512, 8192), "i1")), error=None),
}
