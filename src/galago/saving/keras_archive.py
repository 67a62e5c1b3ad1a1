"""The zip that Keras 3 calls `.keras`: a model's configuration as JSON, and its weights as HDF5.

Source: keras/src/saving/saving_lib.py.
"""

from __future__ import annotations

import datetime
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from galago.opening import open_file
from galago.saving import hdf5
from galago.saving.budget import Budget
from galago.saving.durable import durable_writer
from galago.saving.zip_reader import ZipReader

_METADATA, _CONFIG, _WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
#: The version whose reader understands all that is written here, as later ones do.
KERAS_VERSION = "3.0.0"
MOST_CONFIG = 8 << 20
_ADVICE = "Save the model again, or get a new copy."
#: What metadata.json calls our notes. No version of Keras reads that member.
_NOTES = "galago"


@dataclass(frozen=True)
class Archive:
    """What a file holds: the configuration, the weights by their places in the model, and notes
    that Galago has put in besides: plain values, none if Keras wrote the file. `budget` says what
    memory the rest of a load may take.
    """

    config: Mapping[str, Any]
    weights: hdf5.Group
    notes: Mapping[str, Any]
    budget: Budget


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
    name = os.fspath(path)
    with open_file(path) as file:
        reader = ZipReader(file, name, "as Keras 3 writes it", _ADVICE)
        config = reader.parsed(_CONFIG, reader.member(_CONFIG, MOST_CONFIG))
        notes = _notes(reader)
        weights = reader.member(_WEIGHTS, reader.budget.left)
        found = hdf5.read(weights, f"{name}: {_WEIGHTS}", reader.budget)
    return Archive(config, found, notes, reader.budget)


def _notes(reader: ZipReader) -> Mapping[str, Any]:
    """What Galago has noted of a model, which the file may be without."""
    if not any(name == _METADATA for name, _ in reader.sizes):
        return {}
    notes = reader.parsed(_METADATA, reader.member(_METADATA, MOST_CONFIG)).get(_NOTES, {})
    if not isinstance(notes, dict):
        reader.fail(f"expected an object as {_NOTES!r} of {_METADATA}")
    return notes
