"""Reads TensorBoard's files without its package: records, checksums bit by bit, messages."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


class Value(NamedTuple):
    tag: str
    step: int
    plugin: str
    value: Any


def crc(content: bytes) -> int:
    """The masked checksum by long division of polynomials: not a table in sight."""
    rest = 0xFFFFFFFF
    for byte in content:
        rest ^= byte
        for _ in range(8):
            rest = rest >> 1 ^ 0x82F63B78 * (rest & 1)
    rest ^= 0xFFFFFFFF
    return (rest >> 15 | rest << 17 & 0xFFFFFFFF) + 0xA282EAD8 & 0xFFFFFFFF


def records(content: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(content):
        size, check = struct.unpack_from("<QI", content, place)
        assert check == crc(content[place : place + 8])
        data = content[place + 12 : place + 12 + size]
        assert len(data) == size
        assert struct.unpack_from("<I", content, place + 12 + size)[0] == crc(data)
        yield data
        place += size + 16


def message(content: bytes) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    place = 0

    def varint() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = content[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while place < len(content):
        tag = varint()
        value: Any
        match tag & 7:
            case 0:
                value = varint()
            case 1:
                value = struct.unpack_from("<d", content, place)[0]
                place += 8
            case 2:
                size = varint()
                value = content[place : place + size]
                place += size
        found.setdefault(tag >> 3, []).append(value)
    return found


def tensor(content: bytes) -> Any:
    fields = message(content)
    kind = fields[1][0]
    if kind == 7:
        return fields[8][0].decode()
    shape = [message(axis)[1][0] for axis in message(fields[2][0]).get(2, [])]
    return np.frombuffer(fields[4][0], {1: "<f4", 2: "<f8"}[kind]).reshape(shape)


def read(folder: Path) -> list[Value]:
    """The values of all files of a folder."""
    found = []
    for path in sorted(folder.iterdir()):
        first, *events = map(message, records(path.read_bytes()))
        assert first[3] == [b"brain.Event:2"] and first[1][0] > 1.7e9
        for event in events:
            for content in message(event[5][0])[1]:
                value = message(content)
                plugin = message(message(value[9][0])[1][0])[1][0].decode()
                step = event[2][0]
                found.append(Value(value[1][0].decode(), step, plugin, tensor(value[8][0])))
    return found
