"""Pictures for a saved model, and the names of what it tells apart."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.cli.output import printable
from galago.data.folders import picture_files
from galago.data.images import ImageForm, Pixels, read_images
from galago.data.pillow import MOST_PIXELS
from galago.errors import ArgumentError, DatasetError
from galago.models import Model

_COLORS = {1: "grayscale", 3: "rgb", 4: "rgba"}


def image_form(model: Model) -> ImageForm:
    """What pictures have to be brought to for a model. Raises ArgumentError if it takes none."""
    sizes = model.input_sizes
    if len(sizes) == 2:  # grey, and without an axis for it
        sizes = (*sizes, 1)
    if len(sizes) != 3 or sizes[2] not in _COLORS or len(model.output_sizes) != 1:
        raise ArgumentError(
            "Expected a model that takes pictures, (height, width, 1, 3 or 4), and tells classes "
            f"apart; this one takes {model.input_shape} and gives {model.output_shape}. "
            "Use it from Python."
        )
    if sizes[0] * sizes[1] > MOST_PIXELS:
        raise ArgumentError(
            f"Expected a model that takes pictures of {MOST_PIXELS:,} pixels at most; this one "
            f"takes {sizes[0]:,} x {sizes[1]:,}. Use another model."
        )
    return ImageForm((sizes[0], sizes[1]), _COLORS[sizes[2]])


def as_inputs(pixels: Pixels, model: Model, scaled: bool) -> npt.NDArray[Any]:
    """Return pictures in the model's shape, from 0 to 1 if `scaled` and to 255 if not."""
    x = pixels.reshape(len(pixels), *model.input_sizes)
    return np.divide(x, 255, dtype=np.float32) if scaled else x


def read_for(model: Model, paths: Sequence[str], scaled: bool) -> npt.NDArray[Any]:
    """Return the inputs for pictures of files. Raises DatasetError that names all bad ones."""
    advice = "Leave them out." if len(paths) > 1 else "Name another folder or file."
    return as_inputs(read_images(paths, image_form(model), advice=advice), model, scaled)


def named_pictures(images: Iterable[Path]) -> list[str]:
    """Return files, and for folders the pictures in them. Raises DatasetError if one has none."""
    paths: list[str] = []
    for image in images:
        found = list(picture_files(os.fspath(image))) if image.is_dir() else [os.fspath(image)]
        if not found:
            raise DatasetError(
                f"Expected pictures in {printable(str(image))}, found none. Name another folder."
            )
        paths += found
    return paths


def classes_of(model: Model) -> list[str]:
    """Return the name of each class: its number, where nobody gave it one."""
    units = model.output_sizes[-1]
    return list(model.class_names or map(str, range(max(units, 2))))


def scores(model: Model, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return what the model gives each class, (n, classes); one output is that of the second."""
    outputs = model.predict(x, verbose=0)
    return np.concatenate([1 - outputs, outputs], axis=1) if outputs.shape[1] == 1 else outputs
