"""A file that holds the state of a training: a zip of JSON and arrays that NumPy can open too.

    checkpoint.json   format, version of Galago, and the state; an array stands there as its member
    arrays/0.npy ...  the arrays, in NumPy's own format
    SHA256SUMS        the sum of every other member, as `sha256sum -c` reads it

Nothing is compressed. Data only: nothing of a file is ever run, and no name in it is a path.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import math
import os
import re
import struct
import zipfile
from collections.abc import Mapping
from typing import Any, TypeAlias, TypeGuard

import numpy as np
import numpy.typing as npt

import galago
from galago.errors import ArgumentError, FileFormatError
from galago.opening import open_file
from galago.saving.durable import durable_writer
from galago.saving.strict_json import MOST_DIGITS
from galago.saving.zip_reader import MOST_MEMBERS, ZipReader

#: Number, text, None, array, or lists and dicts (with text as keys) of them.
State: TypeAlias = Any

FORMAT = 1
_STATE, _SUMS = "checkpoint.json", "SHA256SUMS"
_ARRAY, _FLOAT = "$array", "$float"
_MAGIC = b"\x93NUMPY\x01\x00"
_HEAD = len(_MAGIC) + 2
_TYPES = frozenset(
    f"{order}{kind}{size}"
    for order, kind, size in (
        *(("<", kind, size) for kind in "iu" for size in (2, 4, 8)),
        *(("<", "f", size) for size in (2, 4, 8)),
        *(("|", kind, 1) for kind in "iub"),
    )
)
_MOST_AXES, _MOST_ROWS = 32, 1 << 48
#: A line each; names are short.
_MOST_SUMS = 128 * MOST_MEMBERS
_SUM = re.compile(r"([0-9a-f]{64})  ([a-zA-Z0-9./_-]+)")
_ADVICE = "The file is damaged; take another one."


def write_checkpoint(path: str | os.PathLike[str], state: State) -> None:
    """Write a state, whole or not at all. Raises ArgumentError for what it cannot hold, OSError.

    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "one.npz")
    >>> write_checkpoint(path, {"step": 3, "loss": float("inf"), "weights": [np.zeros(2)]})
    >>> read_checkpoint(path)
    {'step': 3, 'loss': inf, 'weights': [array([0., 0.])]}
    """
    arrays: list[npt.NDArray[Any]] = []
    described = _described(state, arrays, "state")
    content = {"format": FORMAT, "galago": galago.__version__, "state": described}
    members = itertools.chain(
        [(_STATE, json.dumps(content, allow_nan=False).encode())],
        ((_member(place), _npy(array)) for place, array in enumerate(arrays)),
    )
    sums = []
    with durable_writer(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, member in members:
            archive.writestr(zipfile.ZipInfo(name), member)
            sums.append(f"{hashlib.sha256(member).hexdigest()}  {name}\n")
        archive.writestr(zipfile.ZipInfo(_SUMS), "".join(sums))


def read_checkpoint(path: str | os.PathLike[str]) -> State:
    """Return the state that write_checkpoint() was given; numbers of NumPy are Python's.

    Raises FileFormatError, which says what is wrong, and OSError.
    """
    name = os.fspath(path)
    with open_file(path) as file:
        reader = ZipReader(file, name, "as a checkpoint is one", _ADVICE)
        if sum(size for _, size in reader.sizes) > reader.size:
            reader.fail("its members claim more bytes than it has")
        sums = _sums(reader)
        content = reader.parsed(_STATE, _checked(reader, _STATE, sums))
        _require_format(reader, content, name)
        found = _Arrays(reader, sums).put_into(content.get("state"))
    return found


class _Arrays:
    """Puts the arrays of a file where its state names them."""

    def __init__(self, reader: ZipReader, sums: Mapping[str, str]) -> None:
        self._reader, self._sums = reader, sums
        #: Each array has one place: a file could not fill the memory with one.
        self._left = {name for name in sums if name != _STATE}

    def put_into(self, value: Any) -> State:
        """The value with arrays and unusual floats in their places."""
        if isinstance(value, list):
            return [self.put_into(part) for part in value]
        if not isinstance(value, dict):
            return value
        if _FLOAT in value:
            if value[_FLOAT] not in ("nan", "inf", "-inf"):
                self._reader.fail(f"{value[_FLOAT]!r} is no float")
            return float(value[_FLOAT])
        if _ARRAY in value:
            return self._array(value)
        return {key: self.put_into(part) for key, part in value.items()}

    def _array(self, description: Mapping[str, Any]) -> npt.NDArray[Any]:
        name, kind = description[_ARRAY], description.get("dtype")
        shape = description.get("shape")
        named = isinstance(name, str) and name in self._left
        typed = isinstance(kind, str) and kind in _TYPES
        if not (named and typed and _is_shape(shape)):
            self._reader.fail(f"expected the description of an array, found {description!r:.100}")
        self._left.remove(name)
        dtype = np.dtype(kind)
        content = _checked(self._reader, name, self._sums)
        head = len(content) - math.prod(shape) * dtype.itemsize
        if content[: len(_MAGIC)] != _MAGIC or head != _HEAD + _header_size(content):
            self._reader.fail(f"{name} is not an array of type {kind} and shape {shape}")
        self._reader.budget.take(len(content), name)
        return np.frombuffer(content, dtype, offset=head).reshape(shape).copy()


def _is_shape(shape: Any) -> TypeGuard[list[int]]:
    few = isinstance(shape, list) and len(shape) <= _MOST_AXES
    return few and all(type(size) is int and 0 <= size <= _MOST_ROWS for size in shape)


def _header_size(content: bytearray) -> int:
    return int(struct.unpack_from("<H", content.ljust(_HEAD, b"\0"), len(_MAGIC))[0])


def _described(value: Any, arrays: list[npt.NDArray[Any]], place: str) -> Any:
    """A state as JSON holds it; its arrays are appended to the list."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return {_FLOAT: repr(value)}
    if value is None or isinstance(value, (bool, float, str)):
        return value
    if isinstance(value, int) and abs(value) < 10**MOST_DIGITS:
        return int(value)
    if isinstance(value, (list, tuple)):
        return [_described(part, arrays, f"{place}[{n}]") for n, part in enumerate(value)]
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str) or key.startswith("$"):
                raise ArgumentError(
                    f"checkpoint: expected text without '$' in front as keys of {place}, received "
                    f"{key!r}. Take another key."
                )
        return {key: _described(part, arrays, f"{place}[{key!r}]") for key, part in value.items()}
    if isinstance(value, np.ndarray) and value.dtype.newbyteorder("<").str in _TYPES:
        arrays.append(value)
        kind = value.dtype.newbyteorder("<").str
        return {_ARRAY: _member(len(arrays) - 1), "dtype": kind, "shape": list(value.shape)}
    raise ArgumentError(
        f"checkpoint: expected numbers, text, None, arrays of numbers, lists or dicts, received "
        f"{value!r:.80} at {place}. Let get_state() return nothing else."
    )


def _member(place: int) -> str:
    return f"arrays/{place}.npy"


def _npy(array: npt.NDArray[Any]) -> bytes:
    """A file of NumPy's format 1.0; little-endian, rows in order."""
    content = io.BytesIO()
    little = np.asarray(array, array.dtype.newbyteorder("<"), order="C")
    np.lib.format.write_array(content, little, version=(1, 0), allow_pickle=False)
    return content.getvalue()


def _sums(reader: ZipReader) -> Mapping[str, str]:
    """The sum of each member, by name."""
    try:
        lines = reader.member(_SUMS, _MOST_SUMS).decode("ascii").splitlines()
    except UnicodeDecodeError:
        reader.fail(f"{_SUMS} is not text")
    matches = [match for match in map(_SUM.fullmatch, lines) if match]
    found = {match[2]: match[1] for match in matches}
    names = sorted(name for name, _ in reader.sizes)
    if len(matches) != len(lines) or sorted([*found, _SUMS]) != names:
        reader.fail(f"{_SUMS} does not name every member once")
    return found


def _checked(reader: ZipReader, name: str, sums: Mapping[str, str]) -> bytearray:
    """A member whose sum is right."""
    content = reader.member(name, reader.size)
    if hashlib.sha256(content).hexdigest() != sums.get(name):
        reader.fail(f"the SHA-256 of {name} is not the one in {_SUMS}")
    return content


def _require_format(reader: ZipReader, content: Mapping[str, Any], name: str) -> None:
    if content.get("format") != FORMAT:
        raise FileFormatError(
            f"{name}: expected a checkpoint of format {FORMAT}, which Galago {galago.__version__} "
            f"reads, found format {content.get('format')!r:.20}, written by Galago "
            f"{content.get('galago')!r:.40}. Go on with that version, or begin anew in another "
            "folder."
        )
