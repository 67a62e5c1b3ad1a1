"""The work of `galago train FOLDER`."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from galago.cli.networks import network
from galago.cli.output import printable
from galago.cli.training import Settings, report
from galago.data.folders import files_of_classes
from galago.data.images import image_sizes
from galago.errors import DatasetError
from galago.shapes import Pair
from galago.utils import image_dataset_from_directory

#: The largest side that images are taken in as they are, and the side of those that are not.
_LARGEST, _DEFAULT = 128, 96


def train_on_folder(
    settings: Settings,
    folder: Path,
    *,
    model: str,
    image_size: Pair | None,
    grayscale: bool,
    validation_split: float,
    skip_bad: bool,
) -> None:
    """Train on the images of a folder, validate and report; see `galago train`."""
    settings.begin()
    paths, numbers, names = files_of_classes(os.fspath(folder))
    if len(names) < 2:
        raise DatasetError(
            f"Expected two folders or more in {folder}, one for each class, found one: "
            f"{printable(names[0])}. Name the folder that has the classes in it."
        )
    empty = [printable(name) for place, name in enumerate(names) if place not in Counter(numbers)]
    if empty:
        raise DatasetError(
            f"Expected images in every folder of {folder}, found none in {', '.join(empty)}. "
            "Remove these folders or fill them."
        )
    size = image_size or _own_size(paths)
    train, validation = image_dataset_from_directory(
        folder,
        color_mode="grayscale" if grayscale else "rgb",
        image_size=size,
        seed=settings.seed,
        validation_split=validation_split,
        subset="both",
        skip_bad=skip_bad,
        verbose=False,
    )
    count = len(train.file_paths), len(validation.file_paths)
    print(
        f"{printable(str(folder))}: {sum(count):,} images of {len(names)} classes; "
        f"{count[0]:,} to train on, {count[1]:,} to validate. Taken as {size[0]} x {size[1]} "
        f"pixels, {'grey' if grayscale else 'in colours'}.\n",
        flush=True,
    )
    (x, y), (x_held, y_held) = train.arrays(), validation.arrays()
    made = network(model, x.shape[1:], len(names))
    settings.compile(made)
    settings.fit(made, x, y, (x_held, y_held))
    assert y_held is not None
    report("Validation", made, x_held, y_held, names)
    settings.save(made, names)


def _own_size(paths: list[str]) -> Pair:
    """The size of all images if it is one and small, else the default."""
    sizes = set(image_sizes(paths))
    if len(sizes) == 1:
        (size,) = sizes
        if max(size) <= _LARGEST:
            return size
    return _DEFAULT, _DEFAULT
