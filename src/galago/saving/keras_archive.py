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
from galago.saving import hdf5, strict_json
from galago.saving.durable import durable_writer

_METADATA, _CONFIG, _WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
#: The version whose reader understands all that is written here, as later ones do.
KERAS_VERSION = "3.0.0"
MOST_MEMBERS, MOST_CONFIG = 10_000, 8 << 20
#: A compressed member may be so many times as long as the file.
MOST_GROWTH = 3
_KNOWN_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
#: What metadata.json calls our notes. No version of Keras reads that member.
_NOTES = "galago"


@dataclass(frozen=True)
class Archive:
    """What a file holds: the configuration, the weights by their places in the model, and notes
    that Galago has put in besides: plain values, none if Keras wrote the file.
    """

    config: Mapping[str, Any]
    weights: hdf5.Group
    notes: Mapping[str, Any]


def write_archive(
    path: str | os.PathLike[str],
    config: Mapping[str, Any],
    weights: hdf5.Tree,
    notes: Mapping[str, Any] | None = None,
) -> None:
    """Write a file, whole or not at all. Raises OSError."""
    saved = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    metadata: dict[str, Any] = {"keras_version": KERAS_VERSION, "date_saved": saved}
    if notes:
        metadata[_NOTES] = dict(notes)
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
        config = self._json(_CONFIG)
        named = any(info.filename == _METADATA for info in self._zip.infolist())
        metadata = self._json(_METADATA) if named else {}
        notes = metadata.get(_NOTES, {})
        if not isinstance(notes, dict):
            self._fail(f"expected an object as {_NOTES!r} of {_METADATA}")
        weights = self._member(_WEIGHTS, MOST_GROWTH * self._size)
        return Archive(config, hdf5.read(weights, f"{self._name}: {_WEIGHTS}"), notes)

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

    def _json(self, name: str) -> Mapping[str, Any]:
        text = self._member(name, MOST_CONFIG)
        try:
            value = strict_json.loads(text)
        except ValueError as error:  # of json, of UTF-8, of numbers with too many digits
            self._fail(f"{name}: {error}")
        if not isinstance(value, dict):
            self._fail(f"expected an object in {name}, found {type(value).__name__}")
        return value

    def _fail(self, what: str) -> NoReturn:
        raise FileFormatError(f"{self._name}: {what}. Save the model again, or get a new copy.")
