"""Good files, out of which the hostile ones are made."""

from __future__ import annotations

import functools
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from galago import Input, Model, Sequential, layers, random
from galago.saving import hdf5

IMAGES = (8, 8, 1)
CLASS_NAMES = ["cat", "dog", "owl"]
CLASSES = len(CLASS_NAMES)
CONFIG, WEIGHTS, METADATA = "config.json", "model.weights.h5", "metadata.json"


def model() -> Sequential:
    """A small network that was trained for a step."""
    random.set_seed(1)
    net = Sequential(
        [
            Input(IMAGES, name="image"),
            layers.Conv2D(2, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flat"),
            layers.Dense(CLASSES, activation="softmax", name="dense"),
        ],
        name="net",
    )
    net.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    net.fit(*data(), epochs=1, verbose=0)
    net.class_names = CLASS_NAMES
    return net


def data() -> tuple[Any, Any]:
    """Images and labels."""
    generator = np.random.default_rng(3)
    return generator.random((8, *IMAGES), np.float32), np.arange(8) % CLASSES


@functools.cache
def members() -> Mapping[str, bytes]:
    """The members of a good .keras file."""
    return members_of(model())


def config() -> dict[str, Any]:
    """The configuration of the good file, to be changed."""
    found: dict[str, Any] = json.loads(members()[CONFIG])
    return found


def tree() -> dict[str, Any]:
    """The weights of the good file, as groups in groups, to be changed."""

    def contents(group: hdf5.Group) -> dict[str, Any]:
        return {
            name: member.read() if isinstance(member, hdf5.Stored) else contents(member)
            for name, member in group.members.items()
        }

    return contents(hdf5.read(members()[WEIGHTS]))


def picture(folder: Path) -> Path:
    """A picture in a folder."""
    Image.new("L", IMAGES[:2], 100).save(folder / "good.png")
    return folder / "good.png"


def pictures(folder: Path) -> Path:
    """A folder of pictures of every class."""
    for name in CLASS_NAMES:
        (folder / "pictures" / name).mkdir(parents=True)
        Image.new("L", IMAGES[:2], 100).save(folder / "pictures" / name / "0.png")
    return folder / "pictures"


def with_members(folder: Path, **how: Any) -> Path:
    """A .keras file of the good members; a keyword exchanges one: config, weights, metadata."""
    changed = {f"{CONFIG}": "config", WEIGHTS: "weights", METADATA: "metadata"}
    path = folder / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members().items():
            content = how.get(changed[name], content)
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=how.get("compress", 0))
    return path


def with_config(change: Callable[[Any], object]) -> Callable[[Path], Path]:
    """Make a file whose configuration was changed in place."""

    def make(folder: Path) -> Path:
        settings = config()
        change(settings)
        return with_members(folder, config=json.dumps(settings).encode())

    return make


def with_layer(**settings: Any) -> Callable[[Path], Path]:
    """Make a file whose last layer, Dense, has other settings."""
    return with_config(lambda config: config["config"]["layers"][-1]["config"].update(settings))


def with_text(text: bytes) -> Callable[[Path], Path]:
    """Make a file with another text as its configuration."""
    return lambda folder: with_members(folder, config=text)


def members_of(net: Model) -> dict[str, bytes]:
    """The members of a model's file."""
    with tempfile.TemporaryDirectory() as folder:
        net.save(Path(folder) / "net.keras")
        with zipfile.ZipFile(Path(folder) / "net.keras") as archive:
            return {name: archive.read(name) for name in archive.namelist()}


def changed(folder: Path, net: Model, change: Callable[[Any], object]) -> Path:
    """A model in a file whose configuration was changed in place."""
    return rewritten(folder, members_of(net), change)


def rewritten(folder: Path, found: Mapping[str, bytes], change: Callable[[Any], object]) -> Path:
    """A file of members whose configuration was changed in place."""
    settings = json.loads(found[CONFIG])
    change(settings)
    path = folder / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in found.items():
            content = json.dumps(settings).encode() if name == CONFIG else content
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


@functools.cache
def functional() -> Mapping[str, bytes]:
    """The members of a functional model, two layers on an input."""
    start = Input((4,), name="start")
    left = layers.Dense(4, name="left")(start)
    return members_of(Model(start, layers.Add(name="end")([start, left])))


def with_calls(change: Callable[[Any], object]) -> Callable[[Path], Path]:
    """Make a file of the functional model with a changed configuration."""
    return lambda folder: rewritten(folder, functional(), change)
