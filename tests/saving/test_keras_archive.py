"""The zip of a `.keras` file: what is written is read, and hostile ones are refused."""

from __future__ import annotations

import json
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from galago.errors import FileFormatError
from galago.saving import hdf5
from galago.saving.keras_archive import read_archive, write_archive
from galago.saving.strict_json import DEEPEST
from galago.saving.zip_reader import ZipReader

CONFIG = {"class_name": "Sequential", "config": {"layers": []}}
WEIGHTS: hdf5.Tree = {"layers": {"dense": {"vars": {"0": np.arange(3.0)}}}}


def packed(path: Path, members: Iterable[tuple[str, bytes]], how: int = zipfile.ZIP_STORED) -> Path:
    """A zip of these members, in this order, equal names too."""
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=how)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.keras"


def refused(path: Path, words: str) -> None:
    start = time.process_time()
    with pytest.raises(FileFormatError, match=words):
        read_archive(path)
    assert time.process_time() - start < 1


def test_what_is_written_is_read(path: Path) -> None:
    write_archive(path, CONFIG, WEIGHTS)
    found = read_archive(path)
    assert found.config == CONFIG
    assert [name for name, _ in found.weights.walk()] == ["layers/dense/vars/0"]


def test_notes_are_kept_where_keras_does_not_look(path: Path) -> None:
    write_archive(path, CONFIG, WEIGHTS, {"class_names": ["cat", "dog"]})
    assert read_archive(path).notes == {"class_names": ["cat", "dog"]}
    with zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) == 3
        metadata = json.loads(archive.read("metadata.json"))
    assert sorted(metadata) == ["date_saved", "galago", "keras_version"]
    write_archive(path, CONFIG, WEIGHTS)
    assert read_archive(path).notes == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"galago": ["cat"]}', "expected an object as 'galago' of metadata.json"),
        (b"[]", "expected an object in metadata.json, found list"),
        (b"{", "metadata.json: "),
        (b'{"a": "' + b"x" * (9 << 20) + b'"}', "8,388,608 bytes of metadata.json"),
    ],
    ids=range(4),
)
def test_metadata_that_are_none(path: Path, text: bytes, words: str) -> None:
    weights = hdf5.write({})
    members = [("metadata.json", text), ("config.json", b"{}"), ("model.weights.h5", weights)]
    refused(packed(path, members), words)


def test_metadata_may_be_missing(path: Path) -> None:
    packed(path, [("config.json", b"{}"), ("model.weights.h5", hdf5.write({}))])
    assert read_archive(path).notes == {}


def test_members_are_those_of_keras_and_not_compressed(path: Path) -> None:
    write_archive(path, CONFIG, WEIGHTS)
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        metadata = json.loads(archive.read("metadata.json"))
    names = [member.filename for member in members]
    assert names == ["metadata.json", "config.json", "model.weights.h5"]
    assert {member.compress_type for member in members} == {zipfile.ZIP_STORED}
    assert sorted(metadata) == ["date_saved", "keras_version"]


def test_a_compressed_archive_without_metadata_is_read(path: Path) -> None:
    members = [("config.json", json.dumps(CONFIG).encode()), ("model.weights.h5", hdf5.write({}))]
    assert read_archive(packed(path, members, zipfile.ZIP_DEFLATED)).config == CONFIG


def test_what_is_no_zip(path: Path) -> None:
    path.write_bytes(b"not a zip")
    refused(path, "expected a zip archive")


def test_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_archive(path)


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5"])
def test_a_member_that_is_missing_or_there_twice(path: Path, name: str) -> None:
    members = [("config.json", json.dumps(CONFIG).encode()), ("model.weights.h5", hdf5.write({}))]
    refused(packed(path, [m for m in members if m[0] != name]), f"one member {name}, found 0")
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = packed(path, [*members, *[m for m in members if m[0] == name]])
    refused(twice, f"one member {name}, found 2")


def test_names_that_lead_elsewhere_are_only_names(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    members = [("../config.json", b"{}"), ("/etc/passwd", b"x"), ("config.json", b"{}")]
    refused(packed(folder / "model.keras", members), "one member model.weights.h5")
    assert [entry.name for entry in tmp_path.iterdir()] == ["inner"]


def test_a_bomb_costs_nothing(path: Path) -> None:
    members = [("config.json", b"{}"), ("model.weights.h5", bytes(200 << 20))]
    packed(path, members, zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    refused(path, "at most, found 209,715,200")
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_a_deflated_member_is_in_memory_once(path: Path) -> None:
    content = np.random.default_rng(1).bytes(4 << 20) + bytes(4 << 20)
    packed(path, [("a", content)], zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    with open(path, "rb") as file:
        found = ZipReader(file, "some.zip", "of a test", "Wait.").member("a", 9 << 20)
        assert tracemalloc.get_traced_memory()[1] < 14 << 20  # twice would be 16 MB
    tracemalloc.stop()
    assert found == content


def test_a_member_longer_than_it_says(path: Path) -> None:
    members = [("config.json", b"{}" + b" " * 50_000), ("model.weights.h5", hdf5.write({}))]
    content = bytearray(packed(path, members, zipfile.ZIP_DEFLATED).read_bytes())
    for place in (content.index(b"PK\1\2") + 24, content.index(b"PK\3\4") + 22):
        struct.pack_into("<I", content, place, 10)
    path.write_bytes(content)
    refused(path, "config.json")


def test_an_encrypted_member(path: Path) -> None:
    content = bytearray(packed(path, [("config.json", b"{}")]).read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    refused(path, "not encrypted")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"[]", "expected an object"),
        (b"{", "config.json"),
        (b"\xff", "config.json"),
        (b'{"a": 1, "a": 2}', "'a' stands twice"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "config.json"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "deep at most"),
        (b"[" * 1_000_000, "config.json would take more"),
        (b'{"a": "' + b"x" * (9 << 20) + b'"}', "8,388,608 bytes"),
    ],
)
def test_a_configuration_that_is_none(path: Path, text: bytes, words: str) -> None:
    members = [("config.json", text), ("model.weights.h5", hdf5.write({}))]
    refused(packed(path, members), words)


def test_every_flipped_bit_is_found_or_harmless(path: Path) -> None:
    write_archive(path, CONFIG, WEIGHTS)
    whole = path.read_bytes()
    random = np.random.default_rng(2)
    for place in random.integers(0, len(whole), 1500):
        content = bytearray(whole)
        content[place] ^= 1 << random.integers(8)
        path.write_bytes(content)
        try:
            found = read_archive(path)
        except FileFormatError:
            continue
        assert found.config == CONFIG
        ((_, stored),) = found.weights.walk()
        assert (stored.read() == np.arange(3.0)).all()
