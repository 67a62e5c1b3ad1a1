"""Folders of checkpoints that fit() is to go on from."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import good
from attack import Attack, Attacks, Maker

from galago.callbacks import BackupAndRestore
from galago.errors import ArgumentError, FileFormatError

STATE, SUMS = "checkpoint.json", "SHA256SUMS"
NAME, LOCK = "checkpoint-00000002.npz", ".lock"
MB = 1 << 20


@functools.cache
def members() -> Mapping[str, bytes]:
    """The members of a good checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        backup = BackupAndRestore(folder, delete_checkpoint=False)
        good.model().fit(*good.data(), epochs=2, verbose=0, callbacks=[backup])
        with zipfile.ZipFile(Path(folder) / NAME) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


def written(folder: Path, content: bytes) -> Path:
    """A folder with one checkpoint."""
    inner = folder / "checkpoints"
    inner.mkdir()
    (inner / LOCK).touch()
    (inner / NAME).write_bytes(content)
    return inner


def packed(found: Mapping[str, bytes], sums: bytes | None = None, how: int = 0) -> bytes:
    """A checkpoint of these members, whose sums are right: whoever changes a file can add up."""
    rest = {name: content for name, content in found.items() if name != SUMS}
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in rest.items()]
    rest[SUMS] = "".join(lines).encode() if sums is None else sums
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in rest.items():
                archive.writestr(zipfile.ZipInfo(name), content, compress_type=how)
        file.seek(0)
        return file.read()


def of_members(change: Callable[[dict[str, bytes]], Any], how: int = 0) -> Maker:
    def make(folder: Path) -> Path:
        found = dict(members())
        change(found)
        return written(folder, packed(found, how=how))

    return make


def of_state(change: Callable[[Any], Any]) -> Maker:
    """A checkpoint whose state was changed in place."""

    def make(folder: Path) -> Path:
        content = json.loads(members()[STATE])
        change(content)
        return written(folder, packed({**members(), STATE: json.dumps(content).encode()}))

    return make


def of_entry(**entries: Any) -> Maker:
    """A checkpoint some of whose entries are others."""
    return of_state(lambda content: content["state"].update(entries))


def of_text(text: bytes, how: int = 0) -> Maker:
    return of_members(lambda found: found.update({STATE: text}), how)


def of_array(**settings: Any) -> Maker:
    """A checkpoint whose first weight is described another way."""
    return of_state(lambda content: content["state"]["weights"][0].update(settings))


def changed(change: Callable[[bytearray], Any]) -> Maker:
    """Bytes that were changed without adding up."""

    def make(folder: Path) -> Path:
        content = bytearray(packed(members()))
        change(content)
        return written(folder, bytes(content))

    return make


def flipped(content: bytearray) -> None:
    content[content.index(b"NUMPY") + 200] ^= 1


def with_sums(sums: bytes) -> Maker:
    return lambda folder: written(folder, packed(members(), sums))


def twice(folder: Path) -> Path:
    """The state stands there two times."""
    inner = written(folder, packed(members()))
    with warnings.catch_warnings(), zipfile.ZipFile(inner / NAME, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(STATE, b"{}")
    return inner


def in_place_of_the_file(make: Callable[[Path], object]) -> Maker:
    """Something else of a checkpoint's name."""

    def make_folder(folder: Path) -> Path:
        inner = written(folder, b"")
        (inner / NAME).unlink()
        make(inner / NAME)
        return inner

    return make_folder


def npy(header: str, numbers: bytes = b"") -> bytes:
    """A file of NumPy."""
    text = header.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + numbers


def attack(make: Maker, words: str, error: type[Exception] = FileFormatError) -> Attack:
    return Attack(make, words, error, "fit")


PICKLED = "{'descr': '|O', 'fortran_order': False, 'shape': (18, 3), }\n"
EVALUATED = "__import__('os').system('id')" + " " * 200
NOT_WHOLE = "does not hold what it should"

ATTACKS: Attacks = {
    "a flipped bit": attack(changed(flipped), ": "),
    "cut off": attack(changed(lambda c: c.__delitem__(slice(2000, None))), "a zip archive"),
    "nothing": attack(changed(lambda c: c.clear()), "a zip archive"),
    "a bomb": attack(
        of_members(lambda m: m.update({"arrays/0.npy": bytes(64 * MB)}), zipfile.ZIP_DEFLATED),
        "claim more bytes than it has",
    ),
    "an array of pickles": attack(
        of_members(lambda m: m.update({"arrays/0.npy": npy(PICKLED, b"\x80\x04N." * 99)})),
        "is not an array of type",
    ),
    "a header that is code": attack(
        of_members(lambda m: m.update({"arrays/0.npy": npy(EVALUATED, bytes(18))})),
        "is not an array of type",
    ),
    "no sums": attack(with_sums(b""), "does not name every member once"),
    "sums that are no text": attack(with_sums(b"\xff" * 99), "is not text"),
    "sums of others": attack(with_sums(b"0" * 64 + b"  x\n"), "does not name every member"),
    "sums of a megabyte": attack(with_sums(b"\n" * (4 * MB)), "bytes of SHA256SUMS at most"),
    "the state twice": attack(twice, "does not name every member once"),
    "a member with ../": attack(
        with_sums(b"0" * 64 + b"  ../evil\n"), "does not name every member"
    ),
    "no state": attack(of_members(lambda m: m.pop(STATE)), "one member checkpoint.json, found 0"),
    "a state that is no JSON": attack(of_text(b"import os"), "checkpoint.json: "),
    "a state that is a list": attack(of_text(b"[]"), "expected an object"),
    "millions of lists": attack(
        of_text(b'{"a":[' + b"[]," * MB + b"[]]}"), "checkpoint.json would take more"
    ),
    "another format": attack(of_state(lambda c: c.update(format=2)), "expected a checkpoint of"),
    "a format of a million digits": attack(of_text(b'{"format":' + b"9" * MB + b"}"), "40 digits"),
    "an array that is not there": attack(of_array(**{"$array": "arrays/99.npy"}), "description"),
    "an array that is a path": attack(of_array(**{"$array": "/etc/passwd"}), "description"),
    "an array of objects": attack(of_array(dtype="|O"), "the description of an array"),
    "an array of another type": attack(of_array(dtype="<f8"), "is not an array of type"),
    "an array of 2^60": attack(of_array(shape=[1 << 60]), "the description of an array"),
    "an array of 10^39": attack(of_array(shape=[10**39]), "the description of an array"),
    "an array of 33 axes": attack(of_array(shape=[1] * 33), "the description of an array"),
    "an array whose shape is a text": attack(of_array(shape="3"), "the description of an array"),
    "an array in two places": attack(
        of_state(lambda c: c["state"]["weights"].append(c["state"]["weights"][0])), "description"
    ),
    "a float that is code": attack(of_entry(learning_rate={"$float": "exec"}), "is no float"),
    "a float that is a list": attack(of_entry(learning_rate={"$float": ["nan"]}), "is no float"),
    "no weights": attack(of_entry(weights=[]), NOT_WHOLE),
    "weights of another shape": attack(
        of_state(lambda c: c["state"].update(weights=c["state"]["weights"][::-1])),
        "expected weights of shapes",
    ),
    "weights that are text": attack(of_entry(weights="all"), NOT_WHOLE),
    "no optimizer": attack(of_entry(optimizer=None), NOT_WHOLE),
    "an optimizer of text": attack(of_entry(optimizer=["a", "b"]), NOT_WHOLE),
    "a negative epoch": attack(of_entry(epoch=-1), NOT_WHOLE),
    "an epoch of 10^39": attack(of_entry(epoch=10**39), NOT_WHOLE),
    "a step of 10^39": attack(of_entry(step=10**39, epoch=0), NOT_WHOLE),
    "an epoch that is a list": attack(of_entry(epoch=[1]), NOT_WHOLE),
    "an epoch that is nothing": attack(of_entry(epoch=None), NOT_WHOLE),
    "seeds that are text": attack(of_entry(seeds=["x"]), NOT_WHOLE),
    "more seeds than layers": attack(of_entry(seeds=[1] * 100), NOT_WHOLE),
    "a negative seed": attack(of_entry(random={"seed": -1, "draws": []}), NOT_WHOLE),
    "random numbers that are none": attack(of_entry(random="dice"), NOT_WHOLE),
    "draws of 10^39": attack(of_entry(random={"seed": 1, "draws": [[10**39, 10**39]]}), NOT_WHOLE),
    "a rate that is a text": attack(of_entry(learning_rate="fast"), NOT_WHOLE),
    "a meter that is a list": attack(of_entry(meter=[1, 2]), NOT_WHOLE),
    "logs that are numbers": attack(of_entry(logs=3), NOT_WHOLE),
    "callbacks that are text": attack(of_entry(callbacks="History"), NOT_WHOLE),
    "callbacks of others": attack(
        of_entry(callbacks=[{"class": "Evil", "state": None}]), "the callbacks Evil", ArgumentError
    ),
    "a training of others": attack(
        of_state(lambda c: c["state"]["training"].update(model="0" * 64)),
        "its model is another one",
        ArgumentError,
    ),
    "a training that is a list": attack(of_entry(training=[]), NOT_WHOLE),
    "a state of nothing": attack(of_state(lambda c: c.update(state={})), NOT_WHOLE),
    "a state that is a number": attack(of_state(lambda c: c.update(state=3)), NOT_WHOLE),
    "a pipe": attack(in_place_of_the_file(os.mkfifo), "found a pipe"),
    "a folder": attack(in_place_of_the_file(os.mkdir), "found a folder"),
    "a device": attack(
        in_place_of_the_file(lambda path: path.symlink_to("/dev/zero")), "found a device"
    ),
    "a link to a file that is none": attack(
        in_place_of_the_file(lambda path: path.symlink_to("/proc/self/status")), "a zip archive"
    ),
}
