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
    augment: bool,
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
    images = image_dataset_from_directory(
        folder,
        color_mode="grayscale" if grayscale else "rgb",
        image_size=size,
        seed=settings.seed,
        skip_bad=skip_bad,
        verbose=False,
    )
    # As with subset="both", but files that are no images are found all at once.
    count = len(images.file_paths)
    first = count - int(validation_split * count)
    if not 0 < first < count:
        raise DatasetError(
            f"Expected enough images in {folder} to keep a part for validation, found {count} with "
            f"--validation-split {validation_split:g}. Add images or take another part."
        )
    print(
        f"{printable(str(folder))}: {count:,} images of {len(names)} classes; {first:,} to train "
        f"on, {count - first:,} to validate. Taken as {size[0]} x {size[1]} pixels, "
        f"{'grey' if grayscale else 'in colours'}.\n",
        flush=True,
    )
    x, y = images.arrays()
    assert y is not None
    made = network(model, x.shape[1:], len(names), augment=augment)
    settings.compile(made)
    held = x[first:], y[first:]
    settings.fit(made, x[:first], y[:first], held)
    report("Validation", made, *held, names)
    settings.save(made, names)


def _own_size(paths: list[str]) -> Pair:
    """The size of all images if it is one and small, else the default."""
    sizes = set(image_sizes(paths))
    if len(sizes) == 1:
        (size,) = sizes
        if max(size) <= _LARGEST:
            return size
    return _DEFAULT, _DEFAULT
