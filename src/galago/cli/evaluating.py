"""The work of `galago evaluate`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.cli.classes import class_results
from galago.cli.output import printable
from galago.cli.pictures import as_inputs, classes_of, image_form, scores
from galago.cli.training import show_classes
from galago.data.folders import Files, class_folders, files_of_classes
from galago.data.image_folder import without_bad
from galago.data.images import read_images
from galago.datasets import fashion_mnist
from galago.errors import ArgumentError, DatasetError
from galago.models import Model, load_model

Array = npt.NDArray[Any]

_CLOTHES = "fashion_mnist"


def run_evaluate(
    model: Path, data: str, *, full: bool, scaled: bool, skip_bad: bool, as_json: bool
) -> None:
    """Evaluate and print; see `galago evaluate`."""
    loaded = load_model(model, compile=False)
    image_form(loaded)  # a model of something else is refused before files are read
    names = classes_of(loaded)
    if data == _CLOTHES:
        pixels, labels = fashion_mnist.load_data(subset=not full)[1]
        if loaded.input_sizes not in ((28, 28), (28, 28, 1)) or len(names) != 10:
            raise ArgumentError(
                f"Expected a model of 28 x 28 grey pixels and 10 classes for {_CLOTHES}; this one "
                f"takes {loaded.input_shape} and has {len(names)}. Name a folder of pictures."
            )
        if loaded.class_names is None:
            names = list(fashion_mnist.CLASS_NAMES)
    else:
        folders = class_folders(data)
        if loaded.class_names is None and len(folders) == len(names):
            names = folders  # the model does not say; Keras counts them by their names
        pixels, labels = _read(loaded, data, folders, names, skip_bad)
    found = scores(loaded, as_inputs(pixels, loaded, scaled)).argmax(axis=1)
    correct = int((found == labels).sum())
    if as_json:
        print(json.dumps(_plain(labels, found, names, correct), indent=1))
        return
    print(f"{printable(data)}: {len(labels):,} images of {len(names)} classes.")
    print(f"\nAccuracy: {correct / len(labels):.4f}\n")
    show_classes(labels, found, names)


def _read(
    model: Model, folder: str, folders: Sequence[str], names: Sequence[str], skip_bad: bool
) -> tuple[Array, Array]:
    """The pictures of a folder, and their classes as the model counts them."""
    known = [name for name in names if name in folders]
    strange = [name for name in folders if name not in names]
    if strange or not known:
        raise DatasetError(
            f"Expected folders in {folder} that are called as the model's classes, "
            f"{_some(names)}; found {_some(strange) or 'none'}. Rename or remove them."
        )
    paths, numbers, _ = files_of_classes(folder, known)
    files = Files(paths, [names.index(known[number]) for number in numbers], list(names))
    form = image_form(model)
    if skip_bad:
        files = without_bad(files, form)
    if not files.paths:
        raise DatasetError(f"Expected pictures in {folder}, found none. Name another folder.")
    return read_images(files.paths, form), np.array(files.classes)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(printable(name) for name in names[:10])
    return shown + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _plain(labels: Array, found: Array, names: Sequence[str], correct: int) -> dict[str, Any]:
    return {
        "images": len(labels),
        "correct": correct,
        "accuracy": correct / len(labels),
        "classes": [
            {
                "class": result.name,
                "images": result.images,
                "correct": result.correct,
                "recall": result.recall,
                "precision": result.precision,
                "mistaken_for": result.mistaken_for,
                "mistakes": result.mistakes,
            }
            for result in class_results(labels, found, names)
        ],
    }
