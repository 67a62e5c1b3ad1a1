"""Hostile models and pictures given to the commands of `galago`."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import good
from attack import Attack, Attacks, Maker
from descriptions import layer
from good import with_text
from picture_attacks import SVG, black, png

from galago import Input, Sequential, layers
from galago.errors import ArgumentError, DatasetError, FileFormatError

PREDICT, EVALUATE, EXPORT = "galago predict", "galago evaluate", "galago export"


def beside_pictures(make: Maker, picture: bytes = b"") -> Maker:
    """A model in a folder with good pictures, and maybe one that is not."""

    def make_both(folder: Path) -> Path:
        good.pictures(folder)
        if picture:
            (folder / "pictures" / "cat" / "0.png").write_bytes(picture)
        return make(folder)

    return make_both


def each(what: str, make: Maker, words: str) -> Attacks:
    """One model for all commands."""
    return {
        f"{way}: {what}": Attack(beside_pictures(make), words, FileFormatError, way)
        for way in (PREDICT, EVALUATE, EXPORT)
    }


def of_pictures(size: int) -> Maker:
    """A network for pictures so large that one of them fills the memory."""

    def change(config: Any) -> None:
        config["config"]["layers"][0]["config"]["batch_shape"] = [None, size, size, 1]

    def make(folder: Path) -> Path:
        net = Sequential(
            [
                Input((8, 8, 1)),
                layers.Conv2D(2, 3),
                layers.GlobalAveragePooling2D(),
                layers.Dense(3, activation="softmax"),
            ]
        )
        return good.changed(folder, net, change)

    return make


def bomb(folder: Path) -> Path:
    return good.with_members(folder, config=b" " * (32 << 20), compress=zipfile.ZIP_DEFLATED)


ATTACKS: Attacks = {
    **each("a bomb", bomb, "config.json at most"),
    **each("a Lambda", layer("keras.layers", "Lambda", function="evil"), "no layer of Galago"),
    **each("no JSON", with_text(b"import os"), "config.json: Expecting value"),
    **each("a name that clears the screen", layer("keras.layers", "\x1b[2J\x07"), "no layer"),
    "galago predict: a network of 60,000 pixels a side": Attack(
        beside_pictures(of_pictures(60_000)), "pixels at most", ArgumentError, PREDICT
    ),
    "galago evaluate: a network of 60,000 pixels a side": Attack(
        beside_pictures(of_pictures(60_000)), "pixels at most", ArgumentError, EVALUATE
    ),
    "galago predict: an SVG": Attack(
        beside_pictures(good.with_members, SVG), "expected a JPEG", DatasetError, PREDICT
    ),
    "galago evaluate: an SVG": Attack(
        beside_pictures(good.with_members, SVG), "expected a JPEG", DatasetError, EVALUATE
    ),
    "galago predict: a bomb as picture": Attack(
        beside_pictures(good.with_members, png(30_000, 30_000, black(1 << 20))),
        "pixels at most",
        DatasetError,
        PREDICT,
    ),
    "galago predict: a good model": Attack(beside_pictures(good.with_members), "", None, PREDICT),
}
