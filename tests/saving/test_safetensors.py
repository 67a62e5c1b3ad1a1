"""The format safetensors: files are as its description says, hostile ones are refused."""

from __future__ import annotations

import json
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from galago.errors import FileFormatError
from galago.saving import safetensors
from galago.saving.safetensors import MOST_HEADER

ARRAYS = {
    "conv2d/kernel": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "conv2d/bias": np.array([-0.0, np.nan, np.inf, 1e-40], np.float32),
    "dense/kernel": np.linspace(0, 1, 6).reshape(3, 2),
    "step": np.array(7.0),
}


def parse(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and numbers of a file, by the letter of the format's description."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def packed(header: Any, numbers: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + numbers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.safetensors"


def test_what_is_written_is_read(path: Path) -> None:
    safetensors.write(path, ARRAYS)
    found = safetensors.read(path)
    assert found.keys() == ARRAYS.keys()
    for name, value in ARRAYS.items():
        assert found[name].dtype == value.dtype and found[name].shape == value.shape
        assert found[name].tobytes() == value.tobytes()
        found[name][...] = 0  # they are the caller's


def test_the_layout_is_that_of_the_format(path: Path) -> None:
    safetensors.write(path, ARRAYS)
    header, numbers = parse(path.read_bytes())
    assert header.pop("__metadata__") == {"format": "galago"}
    assert (len(path.read_bytes()) - len(numbers)) % 8 == 0
    end = 0
    for name, entry in header.items():
        start, stop = entry["data_offsets"]
        dtype = {"F32": "<f4", "F64": "<f8"}[entry["dtype"]]
        assert start == end and start % np.dtype(dtype).itemsize == 0
        end = stop
        assert numbers[start:stop] == ARRAYS[name].astype(dtype).tobytes()
        assert entry["shape"] == list(ARRAYS[name].shape)
    assert end == len(numbers) and header.keys() == ARRAYS.keys()


def test_memory_in_another_order_is_written_by_its_values(path: Path) -> None:
    value = np.arange(6, dtype=np.float32).reshape(2, 3).T
    safetensors.write(path, {"a": value, "big": value.astype(">f4")})
    for found in safetensors.read(path).values():
        assert found.tolist() == value.tolist()


def test_a_file_of_the_reference_library_is_read(path: Path) -> None:
    """What its save_file() writes for one array: no metadata, blanks behind the header."""
    header = b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    path.write_bytes(packed(header + b" " * (-len(header) % 8), np.float32([1, 2]).tobytes()))
    assert safetensors.read(path)["w"].tolist() == [1.0, 2.0]


def entry(**changes: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | changes


TWO = {"a": entry(), "b": entry(data_offsets=[8, 16])}
HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "length of a header that is in the file"),
    "short": (b"\x01\0\0", "length of a header that is in the file"),
    "no header": (packed(b""), "begins with '{'"),
    "long header": ((1 << 63).to_bytes(8, "little") + b"{}", "length of a header"),
    "large header": (packed(b"{" + b" " * MOST_HEADER + b"}"), "8,388,608 bytes at most"),
    "blank first": (packed(b" {}"), "begins with '{'"),
    "list": (packed(b"[]"), "begins with '{'"),
    "no json": (packed(b"{a}"), "the header: "),
    "twice": (packed(b'{"a": 1, "a": 2}'), "the name 'a' stands twice"),
    "deep": (packed(b'{"a":' + b"[" * 10_000), "deep at most"),
    "digits": (packed(b'{"a": ' + b"9" * 5000 + b"}"), "the header: "),
    "metadata": (packed({"__metadata__": {"a": 1}}), "expected texts alone in __metadata__"),
    "metadata list": (packed({"__metadata__": []}), "expected texts alone in __metadata__"),
    "entry": (packed({"a": 7}), "a: expected dtype, shape and data_offsets, found 7"),
    "missing": (packed({"a": {"dtype": "F32"}}), "expected dtype, shape and data_offsets"),
    "more": (packed({"a": entry(code="x")}), "expected dtype, shape and data_offsets"),
    "type": (packed({"a": entry(dtype="BF16")}), "a: expected dtype F32 or F64, found 'BF16'"),
    "type list": (packed({"a": entry(dtype=[])}), r"expected dtype F32 or F64, found \[\]"),
    "shape": (packed({"a": entry(shape="2")}), "lists of whole numbers"),
    "negative": (packed({"a": entry(shape=[-2])}), "lists of whole numbers"),
    "zero": (packed({"a": entry(shape=[0, 1 << 70], data_offsets=[0, 0])}), "from 1"),
    "fraction": (packed({"a": entry(shape=[2.0])}), "lists of whole numbers"),
    "truth": (packed({"a": entry(shape=[True])}), "lists of whole numbers"),
    "axes": (packed({"a": entry(shape=[1] * 33, data_offsets=[0, 4])}), "32 axes at most"),
    "offsets": (packed({"a": entry(data_offsets=[0])}), "a: expected the bytes 0 to 8"),
    "backwards": (packed({"a": entry(data_offsets=[8, 0])}), "expected the bytes 0 to 8"),
    "gap": (packed({"a": entry(data_offsets=[4, 12])}, bytes(12)), "expected the bytes 0 to 8"),
    "overlap": (
        packed({"a": entry(), "b": entry(data_offsets=[4, 12])}, bytes(12)),
        "b: expected the bytes 8 to 16",
    ),
    "shared": (packed({"a": entry(), "b": entry()}, bytes(8)), "b: expected the bytes 8 to 16"),
    "unsorted": (packed(dict(reversed(TWO.items())), bytes(16)), "b: expected the bytes 0 to 8"),
    "cut off": (packed(TWO, bytes(15)), "the file was cut off, or something follows"),
    "more follows": (packed(TWO, bytes(17)), "the file was cut off, or something follows"),
    "not there": (
        packed({"a": entry(shape=[1 << 40], data_offsets=[0, 1 << 42])}),
        "the file was cut off",
    ),
    "wraps": (
        packed({"a": entry(shape=[1 << 32, 1 << 31], data_offsets=[0, 0])}),
        "expected the bytes 0 to 36,893,488,147,419,103,232",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_at_once(name: str, path: Path) -> None:
    content, words = HOSTILE[name]
    path.write_bytes(content)
    tracemalloc.start()
    start = time.process_time()
    try:
        with pytest.raises(FileFormatError, match=words) as caught:
            safetensors.read(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert str(path) in str(caught.value) and len(str(caught.value)) < 1000
    assert time.process_time() - start < 1
    assert peak < (16 << 20) + 4 * len(content)


def test_every_cut_and_most_flips_are_noticed(path: Path) -> None:
    safetensors.write(path, ARRAYS)
    content = path.read_bytes()
    for size in range(len(content)):
        path.write_bytes(content[:size])
        with pytest.raises(FileFormatError):
            safetensors.read(path)
    length = int.from_bytes(content[:8], "little")
    for bit in range(8 * (8 + length)):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        try:
            found = safetensors.read(path)
        except FileFormatError:
            continue
        # What is left are other names, and shapes and types of the same size.
        assert sum(value.nbytes for value in found.values()) == len(content) - 8 - length
