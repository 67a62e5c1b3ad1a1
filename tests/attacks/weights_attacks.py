"""Files of weights alone, opened with load_weights(), and paths that are no files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import good
import numpy as np
from attack import Attack, Attacks, Maker

from galago.errors import FileFormatError, ShapeError
from galago.saving import hdf5, safetensors

MB = 1 << 20
WEIGHTS, TENSORS = "net.weights.h5", "net.safetensors"


def attack(make: Maker, words: str, error: type[Exception] | None = FileFormatError) -> Attack:
    return Attack(make, words, error, "load_weights")


def saved(name: str, change: Callable[[bytearray], Any]) -> Maker:
    """A good file with changed bytes."""

    def make(folder: Path) -> Path:
        path = folder / name
        good.model().save_weights(path)
        content = bytearray(path.read_bytes())
        change(content)
        path.write_bytes(content)
        return path

    return make


def of_bytes(name: str, content: bytes) -> Maker:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def tensors(header: Any, numbers: bytes = b"", length: int | None = None) -> Maker:
    """A safetensors file of this header, which may be text."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    size = len(text) if length is None else length
    return of_bytes(TENSORS, size.to_bytes(8, "little") + text + numbers)


def entry(shape: Any, start: Any, end: Any, dtype: Any = "F32", **more: Any) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end], **more}


def one(**settings: Any) -> dict[str, Any]:
    """A header of one array of 8 bytes."""
    return {"a": {**entry([2], 0, 8), **settings}}


def pipe(name: str) -> Maker:
    """A pipe that nobody writes into: its reader would wait for ever."""

    def make(folder: Path) -> Path:
        os.mkfifo(folder / name)
        return folder / name

    return make


def folder_of(name: str) -> Maker:
    def make(folder: Path) -> Path:
        (folder / name).mkdir()
        return folder / name

    return make


def link_to(target: str, name: str) -> Maker:
    def make(folder: Path) -> Path:
        (folder / name).symlink_to(target)
        return folder / name

    return make


def no_files(way: str) -> Attacks:
    """What stands where a file should, for load_model() or load_weights()."""
    suffixes = [".keras"] if way == "load_model" else [".keras", ".weights.h5", ".safetensors"]
    found: Attacks = {}
    for suffix in suffixes:
        name = "net" + suffix
        kinds = {
            "a pipe": Attack(pipe(name), "found a pipe", FileFormatError, way),
            "a folder": Attack(folder_of(name), "found a folder", FileFormatError, way),
            "a device": Attack(link_to("/dev/zero", name), "found a device", FileFormatError, way),
            "a link to nothing": Attack(link_to("nothing", name), "", FileNotFoundError, way),
            "a link to itself": Attack(link_to(name, name), "", OSError, way),
            "an empty file": Attack(of_bytes(name, b""), "expected", FileFormatError, way),
        }
        found |= {f"{way}: {what} as {suffix}": attack for what, attack in kinds.items()}
    return found


def of_model(tree: Callable[[dict[str, Any]], Any]) -> Maker:
    """Good weights with a changed tree."""

    def make(folder: Path) -> Path:
        weights = good.tree()
        tree(weights)
        (folder / WEIGHTS).write_bytes(hdf5.write(weights))
        return folder / WEIGHTS

    return make


def of_others(folder: Path) -> Path:
    """Good weights, but not those of the model."""
    safetensors.write(folder / TENSORS, {"dense/kernel": np.zeros((3, 3), "f4")})
    return folder / TENSORS


ATTACKS: Attacks = {
    "HDF5 cut off": attack(saved(WEIGHTS, lambda c: c.__delitem__(slice(900, None))), ": "),
    "HDF5 that is a zip": attack(of_bytes(WEIGHTS, b"PK\3\4" * 99), "first eight bytes"),
    "a pickle": attack(of_bytes(WEIGHTS, b"\x80\x04cos\nsystem\n(S'id'\ntR."), "first eight bytes"),
    "a layer more": attack(
        of_model(lambda w: w["layers"].update(evil={"vars": {}})), "found others: evil"
    ),
    "a weight more": attack(
        of_model(lambda w: w["layers"]["dense"]["vars"].update({"2": np.zeros(3)})),
        "expected weights of shapes",
        ShapeError,
    ),
    "another shape": attack(
        of_model(lambda w: w["layers"]["dense"]["vars"].update({"1": np.zeros(4)})),
        "expected weights of shapes",
        ShapeError,
    ),
    "safetensors cut off": attack(
        saved(TENSORS, lambda c: c.__delitem__(slice(-1, None))), "was cut off"
    ),
    "safetensors with more behind": attack(saved(TENSORS, lambda c: c.extend(b"x")), "follows"),
    "safetensors of others": attack(of_others, "of the model's layers"),
    "a header of 2^63 bytes": attack(tensors({}, length=1 << 63), "the length of a header"),
    "a header longer than the file": attack(tensors({}, length=3), "the length of a header"),
    "a header of 9 MB": attack(tensors(b"{" + b" " * (9 * MB) + b"}"), "the length of a header"),
    "a header of millions of lists": attack(
        tensors(b'{"a":[' + b"[]," * (2 * MB) + b"[]]}"), "header would take more"
    ),
    "a header that is a list": attack(tensors([]), "begins with '{'"),
    "a header that is no JSON": attack(tensors(b"{import os}"), "the header: "),
    "a header 101 deep": attack(tensors(b'{"a":' * 101), "100 deep at most"),
    "a name twice": attack(tensors(b'{"a": 1, "a": 2}'), "stands twice"),
    "an array of pickles": attack(tensors(one(dtype="O"), bytes(8)), "expected dtype F32 or F64"),
    "an array of BF16": attack(tensors(one(dtype="BF16"), bytes(8)), "expected dtype F32 or F64"),
    "a type that is a list": attack(tensors(one(dtype=["F32"]), bytes(8)), "expected dtype"),
    "a shape of 2^62": attack(tensors({"a": entry([1 << 62], 0, 8)}, bytes(8)), "data_offsets"),
    "a shape whose product is 2^64": attack(
        tensors({"a": entry([1 << 32, 1 << 32], 0, 0)}), "data_offsets"
    ),
    "a shape of 10^39": attack(tensors({"a": entry([10**39], 0, 8)}, bytes(8)), "data_offsets"),
    "a shape of 33 axes": attack(tensors({"a": entry([1] * 33, 0, 4)}, bytes(4)), "32 axes"),
    "a shape of truths": attack(tensors(one(shape=[True, 2]), bytes(8)), "whole numbers as shape"),
    "a negative shape": attack(tensors(one(shape=[-2]), bytes(8)), "whole numbers as shape"),
    "a shape of 0": attack(tensors({"a": entry([0], 0, 0)}), "whole numbers as shape"),
    "offsets outside": attack(tensors(one(data_offsets=[1 << 40, 1 << 41])), "follow the array"),
    "offsets the wrong way": attack(tensors(one(data_offsets=[8, 0]), bytes(8)), "follow the"),
    "arrays that share bytes": attack(
        tensors({"a": entry([2], 0, 8), "b": entry([2], 0, 8)}, bytes(8)), "follow the array"
    ),
    "arrays with a gap": attack(
        tensors({"a": entry([2], 0, 8), "b": entry([2], 16, 24)}, bytes(24)), "follow the array"
    ),
    "an array with more": attack(tensors(one(evil=1), bytes(8)), "expected dtype, shape and"),
    "an array that is a text": attack(tensors({"a": "x"}), "expected dtype, shape and"),
    "metadata that are numbers": attack(tensors({"__metadata__": {"a": 1}}), "texts alone"),
    **no_files("load_model"),
    **no_files("load_weights"),
}
