"""The file of a checkpoint: what is written is read, and nothing else is."""

from __future__ import annotations

import hashlib
import json
import random
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago.errors import ArgumentError, FileFormatError
from galago.saving.checkpoint_file import read_checkpoint, write_checkpoint

STATE = {
    "step": 3,
    "big": 2**100,
    "text": "é\n",
    "nothing": None,
    "yes": True,
    "floats": [0.1, -0.0, 1e-310, float("nan"), float("inf"), float("-inf")],
    "deep": {"weights": [np.arange(6, dtype=np.float32).reshape(2, 3).T, np.array(5)]},
    "types": [np.array([1, 0], kind) for kind in ("u1", "i8", "f2", "f8", "?", ">f4", ">i2")],
    "none": np.zeros((0, 4)),
}


def plain(value: Any) -> Any:
    """A state as something that == can compare, bit by bit."""
    if isinstance(value, np.ndarray):
        return (value.dtype.newbyteorder("<").str, value.shape, value.astype("<f8").tobytes())
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "checkpoint.npz"
    write_checkpoint(path, STATE)
    return path


def test_what_is_written_is_read(path: Path) -> None:
    found = read_checkpoint(path)
    assert plain(found) == plain(STATE)
    assert found["deep"]["weights"][0].flags.writeable


def test_numbers_of_numpy_are_pythons(tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    write_checkpoint(path, {"a": np.float32(0.1), "b": (np.int64(3), np.bool_(True))})
    assert read_checkpoint(path) == {"a": float(np.float32(0.1)), "b": [3, True]}


def test_others_can_read_it(path: Path) -> None:
    with np.load(path) as arrays:
        np.testing.assert_array_equal(arrays["arrays/0"], STATE["deep"]["weights"][0])  # type: ignore[index]
    with zipfile.ZipFile(path) as archive:
        content = json.loads(archive.read("checkpoint.json"))
        assert (content["format"], content["galago"]) == (1, galago.__version__)
        for line in archive.read("SHA256SUMS").decode().splitlines():
            digest, name = line.split("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest


def test_equal_states_are_equal_files(path: Path, tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "again", STATE)
    assert path.read_bytes() == (tmp_path / "again").read_bytes()


def harmless_or_refused(path: Path) -> bool:
    """Whether a file is refused; if not, it has to be what it was."""
    try:
        found = read_checkpoint(path)
    except FileFormatError:
        return True
    assert plain(found) == plain(STATE)
    return False


def test_every_flipped_bit_is_found_or_harmless(path: Path) -> None:
    good, draw = path.read_bytes(), random.Random(1)
    refused = 0
    for _ in range(1500):
        bad = bytearray(good)
        bad[draw.randrange(len(bad))] ^= 1 << draw.randrange(8)
        path.write_bytes(bad)
        refused += harmless_or_refused(path)
    assert refused > 1000


def test_every_truncation_is_found(path: Path) -> None:
    good = path.read_bytes()
    for length in range(0, len(good), 11):
        path.write_bytes(good[:length])
        assert harmless_or_refused(path)


def test_bytes_exchanged_or_overwritten_are_found(path: Path) -> None:
    good, draw = path.read_bytes(), random.Random(2)
    for _ in range(300):
        bad = bytearray(good)
        start, size = draw.randrange(len(bad)), draw.randrange(1, 600)
        bad[start : start + size] = draw.randbytes(min(size, len(bad) - start))
        path.write_bytes(bad)
        harmless_or_refused(path)


def rewritten(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Change members; the sums are right afterwards, unless they were changed themselves."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sums = members.pop("SHA256SUMS")
    change(members)
    if "SHA256SUMS" not in members:
        lines = [f"{hashlib.sha256(data).hexdigest()}  {n}\n" for n, data in members.items()]
        sums = "".join(lines).encode()
        members["SHA256SUMS"] = sums
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def with_state(path: Path, state: Any, **more: Any) -> None:
    text = json.dumps({"format": 1, "galago": "0", "state": state, **more}).encode()
    rewritten(path, lambda members: members.update({"checkpoint.json": text}))


def refused(path: Path, words: str) -> None:
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(FileFormatError, match=words):
        read_checkpoint(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.perf_counter() - start < 1
    assert peak < (16 << 20) + 4 * path.stat().st_size


ONE = {"$array": "arrays/0.npy", "dtype": "<f4", "shape": [3, 2]}


@pytest.mark.parametrize(
    "description",
    [
        {**ONE, "$array": "checkpoint.json"},
        {**ONE, "$array": "../secret"},
        {**ONE, "$array": ["arrays/0.npy"]},
        {**ONE, "dtype": "|O"},
        {**ONE, "dtype": "O"},
        {**ONE, "dtype": ["<f4"]},
        {**ONE, "shape": None},
        {**ONE, "shape": [-3, -2]},
        {**ONE, "shape": [2.0, 3]},
        {**ONE, "shape": [0, 10**30]},
        {**ONE, "shape": [1] * 40},
        [ONE, ONE],
    ],
)
def test_descriptions_that_are_none(path: Path, description: Any) -> None:
    with_state(path, description)
    refused(path, "expected the description of an array")


@pytest.mark.parametrize("change", [{"dtype": "<f8"}, {"shape": [6, 2]}, {"shape": [3 << 40, 2]}])
def test_arrays_that_are_not_what_is_said_of_them(path: Path, change: Any) -> None:
    with_state(path, ONE | change)
    refused(path, "is not an array of type")


def test_arrays_without_a_head(path: Path) -> None:
    rewritten(path, lambda members: members.update({"arrays/0.npy": b"\x93NU"}))
    refused(path, r"arrays/0\.npy is not an array")


def test_unusual_floats(path: Path) -> None:
    with_state(path, {"$float": "__import__"})
    refused(path, "'__import__' is no float")


@pytest.mark.parametrize("version", [2, 0, None, "1", [1]])
def test_another_format(path: Path, version: Any) -> None:
    with_state(path, 1, format=version, galago="9.8")
    refused(
        path,
        rf"expected a checkpoint of format 1, which Galago {galago.__version__} reads, found "
        r"format .*, written by Galago '9.8'. Go on with that version, or begin anew",
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.update({"arrays/0.npy": bytes(9)}), "is not an array of type"),
        (lambda m: m.update({"SHA256SUMS": b""}), "SHA256SUMS does not name every member once"),
        (lambda m: m.update({"SHA256SUMS": b"\xff"}), "SHA256SUMS is not text"),
        (lambda m: m.update({"SHA256SUMS": b"0\n"}), "SHA256SUMS does not name every member"),
        (lambda m: m.pop("checkpoint.json"), "expected one member checkpoint.json, found 0"),
        (lambda m: m.update({"checkpoint.json": b"[]"}), "expected an object"),
        (lambda m: m.update({"checkpoint.json": b'{"a": NaN}'}), "NaN is no number of JSON"),
        (lambda m: m.update({"checkpoint.json": b"[" * 5000}), "100 deep at most"),
        (lambda m: m.update({"../../etc/x": b""}), None),
        (lambda m: m.update({"a b": b""}), "SHA256SUMS does not name every member once"),
    ],
)
def test_members_that_are_wrong(path: Path, change: Any, words: str | None) -> None:
    rewritten(path, change)
    if words is None:  # a member that nobody asks for; nothing is extracted
        assert plain(read_checkpoint(path)) == plain(STATE)
    else:
        refused(path, words)


def test_a_sum_that_is_wrong(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["arrays/1.npy"] = members["arrays/1.npy"].replace(b"\x05", b"\x06")
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    refused(path, r"the SHA-256 of arrays/1\.npy is not the one in SHA256SUMS")


def test_an_archive_that_grows(path: Path) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big", bytes(1 << 24))
    refused(path, "its members claim more bytes than it has")


def test_what_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "one"
    with pytest.raises(ArgumentError, match=r"received <object .*> at state\['a'\]\[1\]"):
        write_checkpoint(path, {"a": [1, object()]})
    with pytest.raises(ArgumentError, match=r"keys of state\['a'\], received '\$array'"):
        write_checkpoint(path, {"a": {"$array": 1}})
    with pytest.raises(ArgumentError, match="as keys of state, received 3"):
        write_checkpoint(path, {3: 1})
    with pytest.raises(ArgumentError, match="arrays of numbers"):
        write_checkpoint(path, {"a": np.array(["x"])})
    assert not path.exists()
