"""The strict reader: the pinned content, or an error that says what is wrong."""

from __future__ import annotations

import gzip
import hashlib
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from galago.datasets.idx import IdxFile, idx_header
from galago.errors import DatasetError

ARRAY = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
CONTENT = idx_header(ARRAY.shape) + ARRAY.tobytes()
FILE = IdxFile("images.gz", ARRAY.shape, hashlib.sha256(CONTENT).hexdigest())


def store(folder: Path, stored: bytes) -> Path:
    (folder / FILE.name).write_bytes(stored)
    return folder


def test_header_is_the_published_one() -> None:
    assert idx_header((60000, 28, 28)).hex() == "00000803" + "0000ea60" + "0000001c" * 2


def test_reads_a_writable_array(tmp_path: Path) -> None:
    array = FILE.read(store(tmp_path, gzip.compress(CONTENT)))
    np.testing.assert_array_equal(array, ARRAY)
    assert array.dtype == np.uint8
    array += 1


def test_reads_a_file_of_several_members(tmp_path: Path) -> None:
    stored = gzip.compress(CONTENT[:30]) + gzip.compress(CONTENT[30:])
    np.testing.assert_array_equal(FILE.read(store(tmp_path, stored)), ARRAY)


@pytest.mark.parametrize("bit", [16 * 8, len(CONTENT) * 8 - 1])
def test_one_wrong_bit(tmp_path: Path, bit: int) -> None:
    changed = bytearray(CONTENT)
    changed[bit // 8] ^= 1 << bit % 8
    digest = hashlib.sha256(changed).hexdigest()
    message = f"images.gz to have SHA-256 {FILE.sha256}, received {digest}. The file is damaged or"
    with pytest.raises(DatasetError, match=message):
        FILE.read(store(tmp_path, gzip.compress(changed)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (idx_header((4, 3, 5)) + ARRAY.tobytes(), r"header of uint8 values of shape \(3, 4, 5\)"),
        (b"\0\0\x0d\x03" + CONTENT[4:], "received the bytes 00000d03000000030000000400000005"),
        (CONTENT[:-1], "Expected 76 bytes in .*images.gz after decompression, received 75"),
        (b"", "Expected 76 bytes in .*images.gz after decompression, received 0"),
        (CONTENT + b"!", "Expected 76 bytes in .*images.gz after decompression, received more"),
    ],
    ids=["other shape", "other type", "short", "empty", "long"],
)
def test_wrong_content(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        FILE.read(store(tmp_path, gzip.compress(content)))


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (CONTENT, "Not a gzipped file"),
        (b"\x1f\x8b\x08\x00" + bytes(6) + b"\xff" * 40, "Error -3 while decompressing"),
        (gzip.compress(CONTENT, mtime=0)[:-20], "ended before the end-of-stream marker"),
        (gzip.compress(CONTENT, mtime=0)[:-8] + bytes(8), "CRC check failed"),
    ],
    ids=["no gzip", "no deflate", "truncated", "wrong sum"],
)
def test_broken_gzip(tmp_path: Path, stored: bytes, message: str) -> None:
    with pytest.raises(DatasetError, match=f"to be a readable gzip file, received: .*{message}"):
        FILE.read(store(tmp_path, stored))


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    stored = gzip.compress(CONTENT)
    for length in range(len(stored)):
        with pytest.raises(DatasetError):
            FILE.read(store(tmp_path, stored[:length]))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"images.gz to be a readable gzip file.*No such file"):
        FILE.read(tmp_path)


def test_a_gzip_bomb_costs_no_memory(tmp_path: Path) -> None:
    store(tmp_path, gzip.compress(CONTENT + bytes(1_000_000)))
    with gzip.open(tmp_path / FILE.name, "rb") as file:
        assert len(file.read()) > 1_000_000  # it is one
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError, match="received more"):
            FILE.read(tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    store(tmp_path, b"\x1f\x8b\x08\x08" + b"n" * 5000)  # a stored name that does not end
    with pytest.raises(DatasetError, match="76 bytes in compressed form, received a file of 5004"):
        FILE.read(tmp_path)
