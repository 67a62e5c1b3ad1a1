"""Writes HDF5 as Keras does it: superblock 0, groups of symbol tables, arrays in one piece.

Equal trees give equal bytes: no time, no name of a machine, no order but that of the names.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeVar, Union

import numpy as np
import numpy.typing as npt

from galago.saving.hdf5.layout import (
    HEAP,
    LEAF,
    MESSAGE,
    NODE,
    NOWHERE,
    OBJECT_HEADER,
    SIGNATURE,
    SUPERBLOCK,
    SYMBOL,
    SYMBOL_NODE,
    TREE_NODE,
    Messages,
)
from galago.saving.hdf5.types import type_message

T = TypeVar("T")

#: Groups and arrays by name.
Tree: TypeAlias = Mapping[str, Union["Tree", npt.NDArray[Any]]]

_SYMBOL_NODE_SIZE = struct.calcsize(SYMBOL_NODE) + 2 * LEAF * struct.calcsize(SYMBOL)
_TREE_NODE_SIZE = struct.calcsize(TREE_NODE) + 8 * (4 * NODE + 1)
#: A group's first name, which stands before all others.
_NO_NAME = 0
#: There is no free byte in a heap.
_FULL = 1
#: Version 2: room is made late, filled if a value is set, and the value is the usual zero.
_FILL = bytes([2, 2, 2, 1, 0, 0, 0, 0])


def write(tree: Tree) -> bytes:
    """Return a file with these groups and arrays, which may be floats or whole numbers.

    >>> import numpy as np
    >>> write({"vars": {}, "step": np.int64(3)})[:8]
    b'\\x89HDF\\r\\n\\x1a\\n'
    """
    return _Writer().file(tree)


class _Writer:
    """A file that grows at its end; what something points at is written before it."""

    def __init__(self) -> None:
        head = struct.calcsize(SUPERBLOCK) + struct.calcsize(SYMBOL)
        self._bytes = bytearray(head)

    def file(self, tree: Tree) -> bytes:
        """The whole file."""
        symbol = self._group(tree, _NO_NAME)
        head = struct.pack(
            SUPERBLOCK,
            *(SIGNATURE, 0, 0, 0, 0, 0, 8, 8, 0, LEAF, NODE, 0),
            *(0, NOWHERE, len(self._bytes), NOWHERE),
        )
        self._bytes[: len(head) + len(symbol)] = head + symbol
        return bytes(self._bytes)

    def _group(self, tree: Tree, name_at: int) -> bytes:
        """Write a group and return the symbol that stands for it in the group above."""
        names = sorted(tree, key=str.encode)
        heap, at = bytearray(8), dict[str, int]()
        for name in names:
            at[name] = len(heap)
            heap += _filled(name.encode() + b"\0")
        symbols = []
        for name in names:
            member = tree[name]
            if isinstance(member, Mapping):
                symbols.append(self._group(member, at[name]))
            else:
                symbols.append(self._array(np.asarray(member), at[name]))
        names_at = self._put(bytes(heap))
        heap_at = self._put(struct.pack(HEAP, b"HEAP", 0, len(heap), _FULL, names_at))
        tree_at = self._tree(symbols)
        both = struct.pack("<QQ", tree_at, heap_at)
        header = self._object([(Messages.SYMBOLS, both)])
        return struct.pack(SYMBOL, name_at, header, 1, 0, both)

    def _tree(self, symbols: Sequence[bytes]) -> int:
        """Write a group's symbols as the leaves of a tree; return the address of its root."""
        children = []  # each with the name that it ends in
        for few in _parts(symbols, 2 * LEAF):
            node = struct.pack(SYMBOL_NODE, b"SNOD", 1, 0, len(few)) + b"".join(few)
            last_name = struct.unpack_from("<Q", few[-1])[0]
            children.append((last_name, self._put(node.ljust(_SYMBOL_NODE_SIZE, b"\0"))))
        level = 0
        while True:
            first_name, above = _NO_NAME, []
            parts = _parts(children, 2 * NODE) or [[]]
            left, here = NOWHERE, self._end()
            for part in parts:
                more = part is not parts[-1]
                right = here + _TREE_NODE_SIZE if more else NOWHERE
                node = struct.pack(TREE_NODE, b"TREE", 0, level, len(part), left, right)
                node += struct.pack("<Q", first_name)
                node += b"".join(struct.pack("<QQ", child, name) for name, child in part)
                first_name = part[-1][0] if part else _NO_NAME
                above.append((first_name, self._put(node.ljust(_TREE_NODE_SIZE, b"\0"))))
                left, here = here, right
            if len(above) == 1:
                return above[0][1]
            children, level = above, level + 1

    def _array(self, array: npt.NDArray[Any], name_at: int) -> bytes:
        """Write an array and return its symbol."""
        stored = np.asarray(array, array.dtype.newbyteorder("<"), order="C")
        content = stored.tobytes()
        at = self._put(content) if content else NOWHERE
        header = self._object(
            [
                (Messages.SPACE, struct.pack(f"<BB6x{array.ndim}Q", 1, array.ndim, *array.shape)),
                (Messages.TYPE, type_message(stored.dtype.str.replace("|", "<"))),
                (Messages.FILL, _FILL),
                (Messages.LAYOUT, struct.pack("<BBQQ", 3, 1, at, len(content))),
            ]
        )
        return struct.pack(SYMBOL, name_at, header, 0, 0, b"")

    def _object(self, messages: Sequence[tuple[int, bytes]]) -> int:
        """Write an object header and return its address."""
        body = bytearray()
        for kind, data in messages:
            padded = _filled(data)
            body += struct.pack(MESSAGE, kind, len(padded), 0) + padded
        return self._put(struct.pack(OBJECT_HEADER, 1, 0, len(messages), 1, len(body)) + body)

    def _end(self) -> int:
        """Address of what is written next: a multiple of eight."""
        self._bytes += bytes(-len(self._bytes) % 8)
        return len(self._bytes)

    def _put(self, content: bytes) -> int:
        address = self._end()
        self._bytes += content
        return address


def _parts(items: Sequence[T], most: int) -> list[Sequence[T]]:
    return [items[start : start + most] for start in range(0, len(items), most)]


def _filled(data: bytes) -> bytes:
    """Data with zeros up to a multiple of eight bytes."""
    return data + bytes(-len(data) % 8)
