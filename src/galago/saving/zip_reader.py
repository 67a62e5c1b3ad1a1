"""Members of a zip that somebody else may have written: read one by one, never extracted.

A file costs at most what it is itself, some times over, whatever it says of itself.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, BinaryIO, NoReturn

from galago.errors import FileFormatError
from galago.saving import strict_json

MOST_MEMBERS = 10_000
_KNOWN_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
_UNREADABLE = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    zlib.error,
)


class ZipReader:
    """Reads an open file. `name` is for messages, which end in `advice`."""

    def __init__(self, file: BinaryIO, name: str, kind: str, advice: str) -> None:
        self._name, self._advice = name, advice
        self.size = os.fstat(file.fileno()).st_size
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            self.fail(f"expected a zip archive, {kind}, but: {error}")
        if len(self._zip.infolist()) > MOST_MEMBERS:
            self.fail(f"expected {MOST_MEMBERS:,} members at most")

    @property
    def sizes(self) -> list[tuple[str, int]]:
        """Names and lengths of all members, as the file says."""
        return [(info.filename, info.file_size) for info in self._zip.infolist()]

    def member(self, name: str, most: int) -> bytes:
        """Return a member of at most so many bytes. Raises FileFormatError."""
        found = [info for info in self._zip.infolist() if info.filename == name]
        if len(found) != 1:
            self.fail(f"expected one member {name}, found {len(found)}")
        info = found[0]
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _KNOWN_COMPRESSION:
            self.fail(f"expected {name} to be stored or deflated, and not encrypted")
        if info.file_size > most:
            self.fail(f"expected {most:,} bytes of {name} at most, found {info.file_size:,}")
        try:
            with self._zip.open(info) as member:
                content = member.read(info.file_size + 1)
        except _UNREADABLE as error:
            self.fail(f"{name} cannot be read: {error}")
        if len(content) != info.file_size:
            self.fail(f"expected {info.file_size:,} bytes of {name}, found {len(content):,}")
        return content

    def parsed(self, name: str, text: bytes) -> Mapping[str, Any]:
        """Return the object of a member's JSON. Raises FileFormatError."""
        try:
            found = strict_json.loads(text)
        except ValueError as error:  # of json, of UTF-8, of numbers with too many digits
            self.fail(f"{name}: {error}")
        if not isinstance(found, dict):
            self.fail(f"expected an object in {name}, found {type(found).__name__}")
        return found

    def fail(self, what: str) -> NoReturn:
        """Raise a FileFormatError."""
        raise FileFormatError(f"{self._name}: {what}. {self._advice}")
