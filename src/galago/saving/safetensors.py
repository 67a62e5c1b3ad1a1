"""The format safetensors: named arrays behind a header of JSON, for float32 and float64.

A file is the header's length (8 bytes, little-endian), the header, the numbers of all arrays. The
reader takes only files without gaps, overlaps and leftovers, their arrays in the header's order,
as the library of that name writes them; nothing in a file is run, and a file costs what its
bytes do. Source: the format's description in the README of huggingface/safetensors.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from galago.errors import FileFormatError
from galago.opening import read_file
from galago.saving import strict_json
from galago.saving.budget import Budget
from galago.saving.durable import durable_writer

Array = npt.NDArray[Any]

MOST_HEADER = 8 << 20
#: More axes than NumPy had before version 2.
_MOST_AXES = 32
_TYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}
_NAMES = {dtype: name for name, dtype in _TYPES.items()}
_METADATA = "__metadata__"
_LENGTH = 8


def write(path: str | os.PathLike[str], arrays: Mapping[str, Array]) -> None:
    """Write arrays of float32 or float64 under their names, whole or not at all. Raises OSError.

    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "net.safetensors")
    >>> write(path, {"dense/bias": np.arange(3.0)})
    >>> read(path)
    {'dense/bias': array([0., 1., 2.])}
    """
    header: dict[str, Any] = {_METADATA: {"format": "galago"}}
    contents: list[Array] = []
    end = 0
    # The widest first, so that all of them lie where their type wants them.
    for name in sorted(arrays, key=lambda name: (-arrays[name].dtype.itemsize, name)):
        kind = _NAMES[arrays[name].dtype.newbyteorder("<")]
        value = np.ascontiguousarray(arrays[name], _TYPES[kind])
        start, end = end, end + value.nbytes
        shape = list(arrays[name].shape)
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [start, end]}
        contents.append(value)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _LENGTH)
    with durable_writer(path) as file:
        file.write(len(text).to_bytes(_LENGTH, "little") + text)
        for value in contents:
            file.write(value.data)


def read(path: str | os.PathLike[str]) -> dict[str, Array]:
    """Return all arrays by their names. Raises FileFormatError and OSError."""
    return _Reader(read_file(path), os.fspath(path)).arrays()


class _Reader:
    def __init__(self, content: bytes, name: str) -> None:
        self._name = name
        length = int.from_bytes(content[:_LENGTH], "little")
        if len(content) < _LENGTH or length > min(len(content) - _LENGTH, MOST_HEADER):
            self._fail(
                f"expected {_LENGTH} bytes with the length of a header that is in the file and has "
                f"{MOST_HEADER:,} bytes at most, found {len(content):,} bytes in all"
            )
        header = content[_LENGTH : _LENGTH + length]
        if not header.startswith(b"{"):
            self._fail("expected a header that begins with '{'")
        budget = Budget(len(content), name)
        budget.take(2 * len(content) + strict_json.cost(header), "header")
        try:
            self._header = strict_json.loads(header)
        except ValueError as error:
            self._fail(f"the header: {error}")
        self._numbers = memoryview(content)[_LENGTH + length :]

    def arrays(self) -> dict[str, Array]:
        metadata = self._header.pop(_METADATA, {})
        if not isinstance(metadata, dict) or not all(
            isinstance(value, str) for value in metadata.values()
        ):
            self._fail(f"expected texts alone in {_METADATA}")
        found: dict[str, Array] = {}
        end = 0
        for name, entry in self._header.items():
            dtype, shape, size = self._described(name, entry)
            if entry["data_offsets"] != [end, end + size]:
                self._fail(
                    f"{name}: expected the bytes {end:,} to {end + size:,}, which follow the array "
                    f"before, found data_offsets {entry['data_offsets']}"
                )
            if end + size > len(self._numbers):
                break
            part = self._numbers[end : end + size]
            found[name] = np.frombuffer(part, dtype).reshape(shape).astype(dtype.newbyteorder("="))
            end += size
        if end != len(self._numbers) or len(found) != len(self._header):
            self._fail(
                f"expected as many bytes as the arrays have, found {len(self._numbers):,}: the "
                "file was cut off, or something follows"
            )
        return found

    def _described(self, name: str, entry: Any) -> tuple[np.dtype[Any], list[int], int]:
        """Type, shape and bytes of an array."""
        if not isinstance(entry, dict) or sorted(entry) != ["data_offsets", "dtype", "shape"]:
            self._fail(f"{name}: expected dtype, shape and data_offsets, found {entry!r:.100}")
        shape, offsets, kind = entry["shape"], entry["data_offsets"], entry["dtype"]
        if kind not in list(_TYPES):
            self._fail(f"{name}: expected dtype {' or '.join(_TYPES)}, found {kind!r:.100}")
        for numbers, least in ((shape, 1), (offsets, 0)):
            if not isinstance(numbers, list) or any(
                type(number) is not int or number < least for number in numbers
            ):
                self._fail(
                    f"{name}: expected lists of whole numbers as shape, from 1, and data_offsets, "
                    f"found {numbers!r:.100}"
                )
        if len(shape) > _MOST_AXES:
            self._fail(f"{name}: expected {_MOST_AXES} axes at most, found {len(shape)}")
        return _TYPES[kind], shape, math.prod(shape) * _TYPES[kind].itemsize

    def _fail(self, what: str) -> NoReturn:
        raise FileFormatError(f"{self._name}: {what}. Save the weights again, or get a new copy.")
