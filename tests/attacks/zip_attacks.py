"""Archives that are bombs, lie about themselves, or name other places."""

from __future__ import annotations

import struct
import warnings
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import good
from attack import Attack, Attacks

MB = 1 << 20
_CENTRAL, _LOCAL, _END = b"PK\1\2", b"PK\3\4", b"PK\5\6"


def zipped(
    folder: Path, entries: Iterable[tuple[str | zipfile.ZipInfo, bytes]], how: int = 0
) -> Path:
    path = folder / "model.keras"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")  # of names that stand twice
        for name, content in entries:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            archive.writestr(info, content, compress_type=how)
    return path


def patched(change: Callable[[bytearray], object], how: int = 0) -> Callable[[Path], Path]:
    """A good file with changed bytes."""

    def make(folder: Path) -> Path:
        path = good.with_members(folder, compress=how)
        content = bytearray(path.read_bytes())
        change(content)
        path.write_bytes(content)
        return path

    return make


def central(content: bytearray, name: str) -> int:
    """Where the directory describes a member."""
    return content.rindex(name.encode()) - 46


def local(content: bytearray, name: str) -> int:
    """Where a member begins."""
    return content.index(name.encode()) - 30


def put(form: str, offset: int, value: int, *, name: str = good.CONFIG, both: bool = True):
    """Change a field of a member: `offset` is that in the directory; in front it is 2 less."""

    def change(content: bytearray) -> None:
        struct.pack_into(form, content, central(content, name) + offset, value)
        if both:
            struct.pack_into(form, content, local(content, name) + offset - 2, value)

    return change


def bomb(member: str, size: int) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        content = {**good.members(), member: bytes(size)}
        return zipped(folder, content.items(), zipfile.ZIP_DEFLATED)

    return make


def nested(folder: Path) -> Path:
    """A zip in a zip in a zip; only one that looks into members could be hurt."""
    inner = b"\0" * MB
    for _ in range(5):
        path = zipped(folder, [(f"{n}.zip", inner) for n in range(8)], zipfile.ZIP_DEFLATED)
        inner = path.read_bytes()
    return zipped(folder, {**good.members(), good.WEIGHTS: inner}.items())


def overlapping(content: bytearray) -> None:
    """Two members of the same bytes."""
    first = struct.unpack_from("<I", content, central(content, good.CONFIG) + 42)[0]
    struct.pack_into("<I", content, central(content, good.WEIGHTS) + 42, first)


def extra(name: str, content: bytes = b"x", mode: int = 0) -> Callable[[Path], Path]:
    """A good file and one more member."""

    def make(folder: Path) -> Path:
        inner = folder / "inner"
        inner.mkdir(exist_ok=True)
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        return zipped(inner, [*good.members().items(), (info, content)])

    return make


def renamed(member: str, name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        return zipped(folder, [(name if n == member else n, c) for n, c in good.members().items()])

    return make


def twice(member: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        return zipped(folder, [*good.members().items(), (member, good.members()[member])])

    return make


def of_link(folder: Path) -> Path:
    """The configuration is a symbolic link to a file of the computer."""
    info = zipfile.ZipInfo(good.CONFIG)
    info.external_attr = 0o120777 << 16
    rest = [(n, c) for n, c in good.members().items() if n != good.CONFIG]
    return zipped(folder, [(info, b"/etc/passwd"), *rest])


def many(count: int) -> Callable[[Path], Path]:
    return lambda folder: zipped(
        folder, [*good.members().items(), *((f"{n}", b"") for n in range(count))]
    )


def wide_directory(folder: Path) -> Path:
    """A directory of entries without members: 46 bytes each, and far more in memory."""
    path = good.with_members(folder)
    content = path.read_bytes()
    end = content.rindex(_END)
    start = struct.unpack_from("<I", content, end + 16)[0]
    entry = content[start : start + 46 + len(good.METADATA)]
    directory = content[start:end] + entry * 200_000
    last = bytearray(content[end:])
    struct.pack_into("<HHI", last, 8, 3, 3, len(directory))
    path.write_bytes(content[:start] + directory + last)
    return path


def zip64(count: int, size: int, offset: int) -> Callable[[bytearray], None]:
    """Say in the record for large archives what the directory is like."""

    def change(content: bytearray) -> None:
        end = content.rindex(_END)
        record = struct.pack(
            "<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset
        )
        locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
        struct.pack_into("<HHII", content, end + 8, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
        content[end:end] = record + locator

    return change


def two_ends(content: bytearray) -> None:
    """A comment that is the end of another archive: readers differ in which one they believe."""
    end = content.rindex(_END)
    fake = bytearray(content[end:])
    struct.pack_into("<H", content, end + 20, len(fake))
    content += fake


def cut(part: float) -> Callable[[bytearray], None]:
    def change(content: bytearray) -> None:
        del content[int(len(content) * part) :]

    return change


ATTACKS: Attacks = {
    "a bomb as configuration": Attack(bomb(good.CONFIG, 64 * MB), "config.json at most"),
    "a bomb as weights": Attack(bomb(good.WEIGHTS, 64 * MB), "model.weights.h5 at most"),
    "a bomb as metadata": Attack(bomb(good.METADATA, 64 * MB), "metadata.json at most"),
    "a bomb of 7 MB": Attack(bomb(good.CONFIG, 7 * MB), "config.json would take more"),
    "a bomb that nobody opens": Attack(
        lambda folder: zipped(
            folder, [*good.members().items(), ("more", bytes(32 * MB))], zipfile.ZIP_DEFLATED
        ),
        error=None,
    ),
    "zips in zips": Attack(nested, "first eight bytes"),
    "members that share their bytes": Attack(patched(overlapping), "model.weights.h5"),
    "a member that says it is shorter": Attack(patched(put("<I", 24, 10)), "config.json"),
    "a member that says it is longer": Attack(patched(put("<I", 24, 5 * MB), 8), "config.json"),
    "a stored member longer than the file": Attack(
        patched(lambda c: (put("<I", 24, 7 * MB)(c), put("<I", 20, 7 * MB)(c))), "config.json"
    ),
    "a checksum that is wrong": Attack(patched(put("<I", 16, 1)), "config.json cannot be read"),
    "sizes that differ in front and in the directory": Attack(
        patched(put("<I", 24, 11, both=False), 8), "config.json"
    ),
    "a name that differs in front": Attack(
        patched(lambda c: c.__setitem__(local(c, good.CONFIG) + 30, ord("x"))), "config.json"
    ),
    "a member that begins elsewhere": Attack(
        patched(put("<I", 42, 0x7FFFFFFF, both=False)), "config.json cannot be read"
    ),
    "two configurations": Attack(twice(good.CONFIG), "one member config.json, found 2"),
    "two times weights": Attack(twice(good.WEIGHTS), "one member model.weights.h5, found 2"),
    "two times metadata": Attack(twice(good.METADATA), "one member metadata.json, found 2"),
    "configurations that differ in a NUL": Attack(
        renamed(good.METADATA, "config.json\0x"), "one member config.json, found 2"
    ),
    "a name with ../": Attack(extra("../escaped"), error=None),
    "an absolute name": Attack(extra("/tmp/escaped"), error=None),
    "a name with a drive": Attack(extra("C:\\escaped"), error=None),
    "a member in ../": Attack(renamed(good.CONFIG, "../config.json"), "config.json, found 0"),
    "a member by an absolute name": Attack(
        renamed(good.WEIGHTS, "/model.weights.h5"), "model.weights.h5, found 0"
    ),
    "a symbolic link as an extra member": Attack(
        extra("link", b"/etc/passwd", 0o120777), error=None
    ),
    "a symbolic link as configuration": Attack(of_link, "config.json: "),
    "a folder called config.json": Attack(renamed(good.CONFIG, "config.json/"), "found 0"),
    "an encrypted member": Attack(patched(put("<H", 8, 1)), "not encrypted"),
    "strong encryption": Attack(patched(put("<H", 8, 0x41)), "not encrypted"),
    "compressed patched data": Attack(patched(put("<H", 8, 0x20)), "config.json cannot be read"),
    "bzip2": Attack(
        lambda folder: good.with_members(folder, compress=zipfile.ZIP_BZIP2), "stored or deflated"
    ),
    "lzma": Attack(
        lambda folder: good.with_members(folder, compress=zipfile.ZIP_LZMA), "stored or deflated"
    ),
    "an unknown compression": Attack(patched(put("<H", 10, 97)), "stored or deflated"),
    "a later version of zip": Attack(patched(put("<H", 6, 99)), "expected a zip archive"),
    "10,001 members": Attack(many(10_001), "more than 10,000 members"),
    "a directory of 200,000 entries": Attack(wide_directory, "more than 10,000 members"),
    "a large archive that lies about its directory": Attack(
        patched(zip64(3, 1 << 40, 100)), "expected a zip archive"
    ),
    "a large archive of 2^60 members": Attack(
        patched(zip64(1 << 60, 200, 1 << 62)), "expected a zip archive"
    ),
    "two ends": Attack(patched(two_ends), "expected a zip archive"),
    "a comment that is cut off": Attack(
        patched(lambda c: struct.pack_into("<H", c, c.rindex(_END) + 20, 500)),
        "expected a zip archive",
    ),
    "bytes behind the end": Attack(patched(lambda c: c.extend(b"more")), "expected a zip archive"),
    "bytes in front": Attack(
        patched(lambda c: c.__setitem__(slice(0, 0), b"#!/bin/sh\n")), "expected a zip archive"
    ),
    "a directory on another disk": Attack(
        patched(lambda c: struct.pack_into("<HH", c, c.rindex(_END) + 4, 1, 1)),
        "expected a zip archive",
    ),
    "cut off in the middle": Attack(patched(cut(0.5)), "expected a zip archive"),
    "cut off in its directory": Attack(patched(cut(0.99)), "expected a zip archive"),
    "nothing": Attack(patched(cut(0)), "expected a zip archive"),
    "an archive of nothing": Attack(lambda folder: zipped(folder, []), "config.json, found 0"),
    "not an archive": Attack(
        patched(lambda c: c.__setitem__(slice(None), b"#!/usr/bin/env python\n" * 99)),
        "expected a zip archive",
    ),
}
