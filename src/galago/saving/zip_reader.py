"""Members of a zip that somebody else may have written: read one by one, never extracted.

A file costs at most what it is itself, some times over, whatever it says of itself.
"""

from __future__ import annotations

import codecs
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO, Any, BinaryIO, NoReturn

from galago.errors import FileFormatError
from galago.saving import strict_json
from galago.saving.budget import Budget

MOST_MEMBERS = 10_000
#: Bytes of the directory for each of them, at most: 46, a name and a few notes.
_MOST_ENTRY = 512
#: What ends an archive: signature; this disk and the directory's; members on it and in all; bytes
#: and place of the directory; bytes of a comment, which follows. A large archive says the four
#: numbers in a record of its own, which a locator in front of the end points at.
_END, _LARGE, _LOCATOR = struct.Struct("<4s4HIIH"), struct.Struct("<4sQHHIIQQQQ"), "<4sIQI"
_MOST_COMMENT = 0xFFFF
_FULL = {0xFFFF, 0xFFFF_FFFF}
#: In which old archives write names: Python would import it at the first one.
codecs.lookup("cp437")
_KNOWN_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
_PIECE = 1 << 20
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
        self.budget = Budget(self.size, name)
        try:
            _check_end(file, self.size)
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            self.fail(f"expected a zip archive, {kind}, but: {error}")

    @property
    def sizes(self) -> list[tuple[str, int]]:
        """Names and lengths of all members, as the file says."""
        return [(info.filename, info.file_size) for info in self._zip.infolist()]

    def member(self, name: str, most: int) -> bytearray:
        """Return a member of at most so many bytes. Raises FileFormatError."""
        found = [info for info in self._zip.infolist() if info.filename == name]
        if len(found) != 1:
            self.fail(f"expected one member {name}, found {len(found)}")
        info = found[0]
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _KNOWN_COMPRESSION:
            self.fail(f"expected {name} to be stored or deflated, and not encrypted")
        most = min(most, self.budget.left)
        if info.file_size > most:
            self.fail(f"expected {most:,} bytes of {name} at most, found {info.file_size:,}")
        self.budget.take(info.file_size, name)
        content = bytearray(info.file_size)
        try:
            with self._zip.open(info) as member:
                length = _fill(member, memoryview(content))
                more = member.read(1)  # which looks at the checksum too
        except _UNREADABLE as error:
            self.fail(f"{name} cannot be read: {error}")
        if length != info.file_size or more:
            what = f"{length:,}{' and more' if more else ''}"
            self.fail(f"expected {info.file_size:,} bytes of {name}, found {what}")
        return content

    def parsed(self, name: str, text: bytearray) -> Mapping[str, Any]:
        """Return the object of a member's JSON. Raises FileFormatError."""
        self.budget.take(strict_json.cost(text), name)
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


def _fill(member: IO[bytes], content: memoryview) -> int:
    """Read a member in pieces, else it would be there twice for a moment; return its length."""
    found = 0
    while part := member.read(min(_PIECE, len(content) - found)):
        content[found : found + len(part)] = part
        found += len(part)
    return found


def _check_end(file: BinaryIO, size: int) -> None:
    """Refuse archives whose end can be read in two ways, or whose directory is a bomb.

    Raises BadZipFile.
    """
    start = max(size - _END.size - _MOST_COMMENT, 0)
    file.seek(start)
    tail = file.read(size - start)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or at + _END.size > len(tail):
        raise zipfile.BadZipFile("it has no directory at its end")
    _, disk, first_disk, here, members, length, place, comment = _END.unpack_from(tail, at)
    end = start + at
    if end + _END.size + comment != size:
        raise zipfile.BadZipFile("its directory is not at its end")
    if _FULL & {here, members, length, place}:
        disk, first_disk, here, members, length, place, end = _large_end(file, end)
    if (disk, first_disk, here) != (0, 0, members):
        raise zipfile.BadZipFile("it is a part of several")
    if members > MOST_MEMBERS or length > MOST_MEMBERS * _MOST_ENTRY:
        raise zipfile.BadZipFile(f"it has more than {MOST_MEMBERS:,} members")
    if place + length != end:
        raise zipfile.BadZipFile("its directory is not where it says")


def _large_end(file: BinaryIO, end: int) -> tuple[int, ...]:
    """Disks, members, and length, place and end of the directory of a large archive."""
    locator = struct.calcsize(_LOCATOR)
    at = end - locator - _LARGE.size
    file.seek(max(at, 0))
    found = file.read(_LARGE.size + locator)
    if at < 0 or not found.startswith(b"PK\6\6") or found[_LARGE.size :][:4] != b"PK\6\7":
        raise zipfile.BadZipFile("it has no directory at its end")
    _, disk, record, _ = struct.unpack_from(_LOCATOR, found, _LARGE.size)
    _, length, _, _, *numbers = _LARGE.unpack_from(found)
    if (disk, record, length) != (0, at, _LARGE.size - 12):
        raise zipfile.BadZipFile("its directory is not at its end")
    return (*numbers, at)
