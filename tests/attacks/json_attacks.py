"""Configurations that are no JSON, or JSON that is made to hurt its reader."""

from __future__ import annotations

import json
import zipfile

import good
from attack import Attack, Attacks
from good import with_config, with_text

MB = 1 << 20


def deflated(text: bytes):
    """A text of so little that it is a small file of a large one."""
    return lambda folder: good.with_members(folder, config=text, compress=zipfile.ZIP_DEFLATED)


def repeated(first: str, part: str, last: str, size: int = 7 * MB) -> bytes:
    return (first + part * ((size - len(first) - len(last)) // len(part)) + last).encode()


def numbered(part: str, count: int) -> bytes:
    return ("{" + ",".join(part % number for number in range(count)) + "}").encode()


def layers(count: int):
    def change(config: dict) -> None:
        one = config["config"]["layers"][-1]
        config["config"]["layers"] = [one] * count

    return with_config(change)


ATTACKS: Attacks = {
    "no JSON": Attack(with_text(b"import os"), "config.json: Expecting value"),
    "nothing": Attack(with_text(b""), "config.json: Expecting value"),
    "cut off": Attack(with_text(json.dumps(good.config()).encode()[:-30]), "config.json: "),
    "more behind it": Attack(with_text(b"{} {}"), "config.json: Extra data"),
    "a list": Attack(with_text(b"[]"), "expected an object in config.json, found list"),
    "a number": Attack(with_text(b"3"), "expected an object in config.json, found int"),
    "an empty object": Attack(with_text(b"{}"), "a model of class None"),
    "a pickle": Attack(with_text(b"\x80\x04cos\nsystem\n(S'id'\ntR."), "config.json: "),
    "101 lists in each other": Attack(with_text(b"[" * 101 + b"]" * 101), "100 deep at most"),
    "100,000 lists in each other": Attack(with_text(b"[" * 100_000), "100 deep at most"),
    "a million lists in each other": Attack(with_text(b"[" * MB), "config.json would take more"),
    "objects in each other": Attack(with_text(b'{"a":' * 20_000), "100 deep at most"),
    "a name twice": Attack(with_text(b'{"class_name": 1, "class_name": 2}'), "stands twice"),
    "a long name twice": Attack(
        with_text(b'{"%s": 1, "%s": 2}' % ((b"x" * MB,) * 2)), "stands twice"
    ),
    "NaN": Attack(with_text(b'{"config": NaN}'), "NaN is no number"),
    "Infinity": Attack(with_text(b'{"config": -Infinity}'), "-Infinity is no number"),
    "a number beyond float64": Attack(with_text(b'{"config": 1e999}'), "is too large"),
    "a million digits": Attack(with_text(b'{"a": %s}' % (b"9" * MB)), "40 digits at most"),
    "4,000 digits": Attack(with_text(b'{"a": %s}' % (b"9" * 4000)), "40 digits at most"),
    "a million digits behind the point": Attack(
        with_text(b'{"a": 0.%s}' % (b"9" * MB)), "a model of class None"
    ),
    "an exponent of a million digits": Attack(
        with_text(b'{"a": 1e%s}' % (b"9" * MB)), "is too large"
    ),
    "bytes that are not UTF-8": Attack(with_text(b'{"a": "\xff\xfe"}'), "config.json: 'utf-8'"),
    "UTF-16": Attack(with_text('{"a": 1}'.encode("utf-16")), "config.json: "),
    "UTF-32": Attack(with_text('{"a": 1}'.encode("utf-32-be")), "config.json: "),
    "a byte order mark": Attack(with_text(b"\xef\xbb\xbf{}"), "config.json: "),
    "half a character": Attack(with_text(b'{"a": "\\ud800"}'), "a model of class None"),
    "half a character as a name": Attack(good.with_layer(name="\udfff"), "text without '/'"),
    "half a character in UTF-8": Attack(with_text(b'{"a": "\xed\xa0\x80"}'), "config.json: "),
    "a NUL in a text": Attack(with_text(b'{"a": "\0"}'), "config.json: Invalid control"),
    "a comment": Attack(with_text(b'{"a": 1 /* */}'), "config.json: "),
    "9 MB": Attack(with_text(repeated('{"a":"', "x", '"}', 9 * MB)), "8,388,608 bytes"),
    "millions of empty lists": Attack(
        with_text(repeated('{"a":[', "[],", "[]]}")), "config.json would take more"
    ),
    "millions of empty lists, deflated": Attack(
        deflated(repeated('{"a":[', "[],", "[]]}")), "config.json would take more"
    ),
    "millions of objects": Attack(
        with_text(repeated('{"a":[', '{"b":0},', "{}]}")), "config.json would take more"
    ),
    "a million names": Attack(with_text(numbered('"%d":0', 600_000)), "would take more"),
    "millions of numbers": Attack(
        deflated(repeated('{"a":[', "1e9,", "1]}")), "config.json would take more"
    ),
    "millions of texts": Attack(
        deflated(repeated('{"a":[', '"ab",', "1]}")), "config.json would take more"
    ),
    "a text with one wide character": Attack(
        deflated(repeated('{"a":"', "x", '\\ud83d\\ude00"}', 3 * MB)), "config.json would take more"
    ),
    "as many lists as are read": Attack(
        deflated(repeated('{"a":[', "[],", "[]]}", 200_000)), "a model of class None"
    ),
    "as many objects as are read": Attack(
        deflated(repeated('{"a":[', '{"b":0},', "{}]}", 200_000)), "a model of class None"
    ),
    "3,001 layers": Attack(layers(3001), "no list of at most 3,000 layers"),
    "3,000 layers of one name": Attack(layers(3000), ": "),
    "a million layers": Attack(
        with_text(
            repeated('{"class_name":"Sequential","config":{"layers":[', "{},", "{}]}}", 3 * MB)
        ),
        "would take more",
    ),
    "30,000 layers that are none": Attack(
        with_text(
            repeated('{"class_name":"Sequential","config":{"layers":[', "1,", "1]}}", 60_000)
        ),
        "no list of at most 3,000 layers",
    ),
    "3,000 layers that are none": Attack(
        with_text(repeated('{"class_name":"Sequential","config":{"layers":[', "1,", "1]}}", 6_000)),
        "and 2,9",
    ),
    "names of classes that are numbers": Attack(
        lambda folder: good.with_members(folder, metadata=b'{"galago": {"class_names": [1, 2]}}'),
        "expected class_names as a list",
    ),
    "a hundred thousand names of classes": Attack(
        lambda folder: good.with_members(
            folder,
            metadata=json.dumps(
                {"galago": {"class_names": [f"{n}" for n in range(100_000)]}}
            ).encode(),
        ),
        "expected class_names as a list",
    ),
    "metadata that are no JSON": Attack(
        lambda folder: good.with_members(folder, metadata=b"\xff"), "metadata.json: "
    ),
}
