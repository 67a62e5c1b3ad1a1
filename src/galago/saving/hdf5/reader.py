"""Reads HDF5 without its C library.

Files come from anywhere, so everything that a file says is checked: addresses against the bytes
there are, counts against limits, and what Keras does not write is refused by name. Arrays stay
where they lie until they are asked for.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt

from galago.errors import FileFormatError
from galago.saving.budget import Budget
from galago.saving.hdf5.layout import (
    HEAP,
    LEAF,
    MESSAGE,
    NODE,
    OBJECT_HEADER,
    REFUSED,
    SIGNATURE,
    SUPERBLOCK,
    SYMBOL,
    SYMBOL_NODE,
    TREE_NODE,
    Messages,
)
from galago.saving.hdf5.types import BFLOAT16, Unknown, array_type, place, space, texts

#: Groups and arrays of one file; groups in groups; messages of one object.
MOST_OBJECTS, DEEPEST, MOST_MESSAGES = 50_000, 64, 4_096
#: Levels of a group's tree: four hold a million names.
TALLEST = 8
LONGEST_NAME = 1_024
#: What Python takes for an object and its name, which may be as long as in the file.
_OBJECT = 1_000
#: Messages that say what an object is, and those that say nothing that matters here.
KEPT = frozenset(
    (Messages.SPACE, Messages.TYPE, Messages.LAYOUT, Messages.ATTRIBUTE, Messages.SYMBOLS)
)
SKIPPED = frozenset((Messages.NOTHING, Messages.OLD_FILL, Messages.FILL, Messages.MODIFIED))

Array: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True)
class Stored:
    """An array in a file; `dtype` is NumPy's name of its type, or "bfloat16", which has none."""

    shape: tuple[int, ...]
    dtype: str
    content: memoryview = field(repr=False)

    def read(self, dtype: str | None = None) -> Array:
        """Return the array in memory of its own, as numbers of the given type if there is one.

        Else bfloat16 comes as float32.
        """
        found = self.numbers()
        return found.astype(dtype or found.dtype, copy=self.dtype != BFLOAT16)

    def numbers(self) -> Array:
        """Return the array where it lies, which may not be changed; bfloat16 as float32."""
        if self.dtype != BFLOAT16:
            return np.frombuffer(self.content, self.dtype).reshape(self.shape)
        wide = np.frombuffer(self.content, "<u2").astype("<u4")
        wide <<= 16
        return wide.view("<f4").reshape(self.shape)

    @property
    def size(self) -> int:
        """Count of numbers."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes that read() gives if it is not told a type."""
        return self.size * (4 if self.dtype == BFLOAT16 else np.dtype(self.dtype).itemsize)


@dataclass(frozen=True)
class Group:
    """A folder of a file: its members by name, in the order of their names."""

    members: Mapping[str, Group | Stored]

    def walk(self, above: str = "") -> Iterator[tuple[str, Stored]]:
        """Every array with its path."""
        for name, member in self.members.items():
            path = f"{above}/{name}" if above else name
            if isinstance(member, Group):
                yield from member.walk(path)
            else:
                yield path, member


def read(
    content: bytes | bytearray | memoryview, name: str = "HDF5 file", budget: Budget | None = None
) -> Group:
    """Return the root group of a file's bytes. Raises FileFormatError, which calls it `name`.

    What the tree of its objects takes is counted on a budget, that of the bytes if none is given.

    >>> import numpy as np
    >>> from galago.saving.hdf5 import write
    >>> root = read(write({"layers": {"0": np.arange(3.0)}}))
    >>> root.members["layers"].members["0"].read()
    array([0., 1., 2.])
    """
    whole = memoryview(content).cast("B")
    return _Reader(whole, name, budget or Budget(len(whole), name)).root()


class _Reader:
    def __init__(self, content: memoryview, name: str, budget: Budget) -> None:
        self._content = content
        self._name = name
        self._budget = budget
        self._seen: set[int] = set()
        self._claimed = 0
        self._texts: dict[int, Mapping[int, str]] = {}

    def root(self) -> Group:
        if bytes(self._content[: len(SIGNATURE)]) != SIGNATURE:
            self._fail("expected HDF5's first eight bytes, found others")
        found = self._numbers(SUPERBLOCK, 0)
        versions, sizes, halves, addresses = found[1:6], found[6:8], found[9:11], found[12:]
        if any(versions) or sizes != (8, 8):
            self._refuse(f"superblock {versions[0]} with addresses of {sizes[0]} bytes")
        if halves != (LEAF, NODE) or addresses[0] != 0:
            self._refuse(f"groups of {halves[0]} and {halves[1]} entries from {addresses[0]} on")
        symbol = self._numbers(SYMBOL, struct.calcsize(SUPERBLOCK))
        root = self._object(symbol[1], 0, "/")
        if not isinstance(root, Group):
            self._fail("expected a group at the root, found an array")
        return root

    def _object(self, address: int, depth: int, path: str) -> Group | Stored:
        """What an object header says it is."""
        if address in self._seen:
            self._refuse(f"a second name, {path}, of one object")
        self._seen.add(address)
        self._budget.take(_OBJECT, "groups and arrays")
        if len(self._seen) > MOST_OBJECTS or depth > DEEPEST:
            self._refuse(f"more than {MOST_OBJECTS:,} objects, or {DEEPEST} groups in each other")
        messages = dict[int, memoryview]()
        attributes = []
        for kind, data in self._messages(address, path):
            if kind == Messages.ATTRIBUTE:
                attributes.append(data)
            elif kind in messages:
                self._fail(f"{path}: expected one message of type {kind}, found two")
            else:
                messages[kind] = data
        if Messages.SYMBOLS in messages:
            return self._group(messages[Messages.SYMBOLS], depth, path)
        return self._array(messages, attributes, path)

    def _messages(self, address: int, path: str) -> Iterator[tuple[int, memoryview]]:
        """Types and data of an object's messages, without those of no meaning here."""
        version, _, left, _, size = self._numbers(OBJECT_HEADER, address)
        if version != 1:
            self._refuse(f"object header {version} of {path}")
        if left > MOST_MESSAGES:
            self._refuse(f"{left} messages of {path}")
        blocks = [self._part(address + struct.calcsize(OBJECT_HEADER), size)]
        step = struct.calcsize(MESSAGE)
        while blocks and left:
            block = blocks.pop(0)
            while len(block) >= step and left:
                left -= 1
                kind, length, flags = struct.unpack(MESSAGE, block[:step])
                data, block = block[step : step + length], block[step + length :]
                if len(data) < length:
                    self._fail(f"{path}: expected {length} bytes of a message, found {len(data)}")
                if flags & 2:
                    self._refuse(f"shared messages at {path}")
                if kind == Messages.CONTINUED:
                    blocks.append(self._part(*self._unpack("<QQ", data)))
                elif kind in KEPT:
                    yield kind, data
                elif kind not in SKIPPED:
                    self._refuse(f"{REFUSED.get(kind, f'messages of type {kind}')} at {path}")

    def _group(self, symbols: memoryview, depth: int, path: str) -> Group:
        tree, heap = self._unpack("<QQ", symbols)
        signature, version, size, _, start = self._numbers(HEAP, heap)
        if signature != b"HEAP" or version != 0:
            self._fail(f"{path}: expected a heap of names")
        names = self._part(start, size)
        members: dict[str, Group | Stored] = {}
        named = 0
        for name_at, address, kind in self._symbols(tree, path):
            if kind > 1:
                self._refuse(f"a link to a path in {path}")
            name = self._name_at(names, name_at, path)
            named += len(name) + 1
            if named > len(names):
                self._refuse(f"names that share their bytes in {path}")
            if name in members:
                self._fail(f"{path}: expected names that differ, found {name!r} twice")
            members[name] = self._object(address, depth + 1, f"{path.rstrip('/')}/{name}")
        return Group(members)

    def _symbols(self, tree: int, path: str) -> Iterator[tuple[int, int, int]]:
        """Name, object and kind of each entry of a group, from left to right."""
        nodes = [(tree, TALLEST)]
        count = 0
        while nodes:
            address, highest = nodes.pop()
            if address in self._seen:
                self._fail(f"{path}: expected a tree, found a node that is met twice")
            self._seen.add(address)
            signature, kind, level, entries, _, _ = self._numbers(TREE_NODE, address)
            if signature != b"TREE" or kind != 0 or level >= highest or entries > 2 * NODE:
                self._fail(f"{path}: expected a node of a group's tree")
            pairs = self._part(address + struct.calcsize(TREE_NODE), 16 * entries + 8)
            children = [self._unpack("<Q", pairs[16 * i + 8 :])[0] for i in range(entries)]
            if level:
                nodes += [(child, level) for child in reversed(children)]
                continue
            for child in children:
                for entry in self._leaf(child, path):
                    count += 1
                    if count > MOST_OBJECTS:
                        self._refuse(f"more than {MOST_OBJECTS:,} entries of {path}")
                    yield entry

    def _leaf(self, address: int, path: str) -> Iterator[tuple[int, int, int]]:
        signature, version, _, count = self._numbers(SYMBOL_NODE, address)
        if signature != b"SNOD" or version != 1 or count > 2 * LEAF:
            self._fail(f"{path}: expected a node of symbols")
        first, step = address + struct.calcsize(SYMBOL_NODE), struct.calcsize(SYMBOL)
        for i in range(count):
            name, header, kind, _, _ = self._numbers(SYMBOL, first + i * step)
            yield name, header, kind

    def _name_at(self, names: memoryview, start: int, path: str) -> str:
        end = bytes(names[start : start + LONGEST_NAME + 1]).find(b"\0")
        if start >= len(names) or end < 1:
            self._fail(f"{path}: expected names of 1 to {LONGEST_NAME} bytes")
        try:
            return str(names[start : start + end], "utf-8")
        except UnicodeDecodeError:
            self._fail(f"{path}: expected names in UTF-8")

    def _array(
        self, messages: Mapping[int, memoryview], attributes: Sequence[memoryview], path: str
    ) -> Stored:
        parts = [messages.get(kind) for kind in (Messages.SPACE, Messages.TYPE, Messages.LAYOUT)]
        if None in parts:
            self._fail(f"{path}: expected a group or an array, found neither")
        try:
            shape, dtype, (address, size) = (
                space(messages[Messages.SPACE]),
                array_type(messages[Messages.TYPE], attributes, self._text),
                place(messages[Messages.LAYOUT]),
            )
        except Unknown as error:
            self._refuse(f"{error} at {path}")
        width = 2 if dtype == BFLOAT16 else np.dtype(dtype).itemsize
        expected = width * math.prod(shape)
        if size != expected:
            self._fail(f"{path}: expected {expected:,} bytes for shape {shape}, found {size:,}")
        return Stored(shape, dtype, self._part(address, size) if size else memoryview(b""))

    def _part(self, start: int, size: int) -> memoryview:
        """Bytes of the file. In a file that is what it seems to be, no two pieces share some."""
        part = self._content[start : start + size]
        if len(part) != size:
            self._fail(f"expected {size:,} bytes at {start:,}, but the file ends before")
        self._claimed += size
        if self._claimed > len(self._content):
            self._refuse("pieces that share their bytes")
        return part

    def _text(self, heap: int, index: int) -> str:
        """A text of any length in one of the file's heaps, each of which is read once."""
        if heap not in self._texts:
            self._texts[heap] = texts(self._part, heap)
        return self._texts[heap].get(index, "")

    def _numbers(self, form: str, address: int) -> tuple[Any, ...]:
        return struct.unpack(form, self._part(address, struct.calcsize(form)))

    def _unpack(self, form: str, data: memoryview) -> tuple[Any, ...]:
        size = struct.calcsize(form)
        if len(data) < size:
            self._fail(f"expected {size} bytes, found {len(data)}")
        return struct.unpack(form, data[:size])

    def _fail(self, what: str) -> NoReturn:
        raise FileFormatError(f"{self._name}: {what}. The file is damaged; get a new copy of it.")

    def _refuse(self, what: str) -> NoReturn:
        raise FileFormatError(
            f"{self._name}: expected what Keras writes, received {what}. Galago reads no other "
            "part of HDF5, for safety. Save the model again with Keras 3."
        )
