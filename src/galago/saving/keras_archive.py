"""The zip that Keras 3 calls `.keras`: a model's configuration as JSON, and its weights as HDF5.

Source: keras/src/saving/saving_lib.py. An archive is read member by member, never extracted, and
costs at most what the file itself does, some times over, whatever it says of itself.
"""

from __future__ import annotations

import datetime
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

from galago.errors import FileFormatError
from galago.saving import hdf5
from galago.saving.durable import durable_writer

_METADATA, _CONFIG, _WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
#: The version whose reader understands all that is written here, as later ones do.
KERAS_VERSION = "3.0.0"
MOST_MEMBERS, MOST_CONFIG, DEEPEST = 10_000, 8 << 20, 100
#: A compressed member may be so many times as long as the file.
MOST_GROWTH = 3
_KNOWN_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


@dataclass(frozen=True)
class Archive:
    """What a file holds: the configuration, and the weights by their places in the model."""

    config: Mapping[str, Any]
    weights: hdf5.Group


def write_archive(
    path: str | os.PathLike[str], config: Mapping[str, Any], weights: hdf5.Tree
) -> None:
    """Write a file, whole or not at all. Raises OSError."""
    saved = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    metadata = {"keras_version": KERAS_VERSION, "date_saved": saved}
    members = (
        (_METADATA, json.dumps(metadata).encode()),
        (_CONFIG, json.dumps(config).encode()),
        (_WEIGHTS, hdf5.write(weights)),
    )
    with durable_writer(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)


def read_archive(path: str | os.PathLike[str]) -> Archive:
    """Read a file that Keras 3 or Galago wrote. Raises FileFormatError and OSError."""
    with open(path, "rb") as file:
        return _Reader(file, os.fspath(path)).archive()


class _Reader:
    def __init__(self, file: BinaryIO, name: str) -> None:
        self._name = name
        self._size = os.fstat(file.fileno()).st_size
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            self._fail(f"expected a zip archive, as Keras 3 writes it, but: {error}")
        if len(self._zip.infolist()) > MOST_MEMBERS:
            self._fail(f"expected {MOST_MEMBERS:,} members at most")

    def archive(self) -> Archive:
        """All of the file."""
        config = self._json(self._member(_CONFIG, MOST_CONFIG))
        weights = self._member(_WEIGHTS, MOST_GROWTH * self._size)
        return Archive(config, hdf5.read(weights, f"{self._name}: {_WEIGHTS}"))

    def _member(self, name: str, most: int) -> bytes:
        found = [info for info in self._zip.infolist() if info.filename == name]
        if len(found) != 1:
            self._fail(f"expected one member {name}, found {len(found)}")
        info = found[0]
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _KNOWN_COMPRESSION:
            self._fail(f"expected {name} to be stored or deflated, and not encrypted")
        if info.file_size > most:
            self._fail(f"expected {most:,} bytes of {name} at most, found {info.file_size:,}")
        try:
            with self._zip.open(info) as member:
                content = member.read(info.file_size + 1)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, zlib.error) as error:
            self._fail(f"{name} cannot be read: {error}")
        if len(content) != info.file_size:
            self._fail(f"expected {info.file_size:,} bytes of {name}, found {len(content):,}")
        return content

    def _json(self, text: bytes) -> Mapping[str, Any]:
        try:
            if _depth(text) > DEEPEST:
                self._fail(f"expected lists and objects {DEEPEST} deep at most in {_CONFIG}")
            config = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        except ValueError as error:  # of json, of UTF-8, of numbers with too many digits
            self._fail(f"{_CONFIG}: {error}")
        if not isinstance(config, dict):
            self._fail(f"expected an object in {_CONFIG}, found {type(config).__name__}")
        return config

    def _fail(self, what: str) -> NoReturn:
        raise FileFormatError(f"{self._name}: {what}. Save the model again, or get a new copy.")


def _depth(text: bytes) -> int:
    """How deep brackets are nested, those in texts counted too."""
    depth = deepest = 0
    for bracket in text.translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: with two of one name readers disagree on which counts."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the name {name!r} stands twice in one object")
        found[name] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
