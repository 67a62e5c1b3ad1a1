"""A folder of pictures as a data set, with the arguments of Keras's function of that name."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any, Literal, Unpack, overload

import numpy as np
import numpy.typing as npt

from galago import random
from galago.checks import MOST_SEED, flag, pair, whole
from galago.data.folder_arguments import (
    OWNER,
    FolderOptions,
    check_labels,
    check_split,
    fit_of,
)
from galago.data.folders import Files, files_of_classes, picture_files
from galago.data.image_batches import ImageFolder
from galago.data.images import (
    INTERPOLATIONS,
    ImageForm,
    find_bad_files,
    listed,
)
from galago.data.pillow import COLOR_MODES, require_pillow
from galago.errors import ArgumentError, DatasetError, GalagoWarning
from galago.registry import look_up

Array = npt.NDArray[Any]
StrPath = str | os.PathLike[str]

#: The order of `file_paths`; ImageFolder counts on from here.
_FIRST_ORDER = 0


@overload
def image_dataset_from_directory(
    directory: StrPath,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    *,
    subset: Literal["both"],
    **options: Unpack[FolderOptions],
) -> list[ImageFolder]: ...


@overload
def image_dataset_from_directory(
    directory: StrPath,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    *,
    subset: Literal["training", "validation"] | None = None,
    **options: Unpack[FolderOptions],
) -> ImageFolder: ...


def image_dataset_from_directory(
    directory: StrPath,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Any = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    *,
    verbose: bool = True,
    skip_bad: bool = False,
) -> Any:
    """Return the pictures of a folder as an ImageFolder; of both subsets for subset="both".

    Arguments:
        directory: a folder with a folder for each class in it; docs/images.md says more
        labels: "inferred" from those, None, or a whole number for each file, by file names
        label_mode: "int" (n,), "categorical" (n, classes), "binary" (n, 1) or None
        class_names: some of the folders, in an order of their own
        color_mode: "rgb", "grayscale" or "rgba"
        batch_size: None for single images
        image_size: (height, width)
        shuffle, seed: whether files come in another order than that of their names, and in which
        validation_split, subset: the last fraction of the files is what "validation" takes
        interpolation: "bilinear", "nearest", "bicubic", "area" or "lanczos3"
        follow_links: go into links to folders
        crop_to_aspect_ratio, pad_to_aspect_ratio: cut, or put black beside, rather than stretch
        verbose: say what was found
        skip_bad: leave out files that are no pictures, for which all are decoded first
    Raises ArgumentError, DatasetError and MissingPackageError.

    >>> import os, tempfile, numpy as np
    >>> from galago.utils import save_img
    >>> folder = tempfile.mkdtemp()
    >>> save_img(os.path.join(folder, "1.png"), np.zeros((8, 8, 3)))
    >>> len(image_dataset_from_directory(folder, labels=None, verbose=False))
    1
    """
    fit = fit_of(crop_to_aspect_ratio, pad_to_aspect_ratio)
    look_up(COLOR_MODES, color_mode, kind="color_mode", owner=OWNER)
    look_up(INTERPOLATIONS, interpolation, kind="interpolation", owner=OWNER)
    form = ImageForm(pair(image_size, "image_size", OWNER), color_mode, interpolation, fit)
    size = None if batch_size is None else whole(batch_size, "batch_size", OWNER)
    for name, value in (("shuffle", shuffle), ("verbose", verbose), ("skip_bad", skip_bad)):
        flag(value, name, OWNER)
    check_labels(labels, label_mode, class_names)
    check_split(validation_split, subset, shuffle, seed)
    require_pillow()

    if labels is None or label_mode is None:
        labels = label_mode = None
    directory = os.fspath(directory)
    files = _files(directory, labels, class_names, flag(follow_links, "follow_links", OWNER))
    if label_mode == "binary" and len(files.names) != 2:
        raise ArgumentError(
            f'{OWNER}: expected two classes for label_mode="binary", found {len(files.names)}. '
            'Use label_mode="int".'
        )
    if verbose:
        classes = f" belonging to {len(files.names)} classes" if labels is not None else ""
        print(f"Found {len(files.paths)} files{classes}.")
    if skip_bad:
        files = without_bad(files, form, verbose=verbose)
    if not files.paths:
        raise DatasetError(f"Expected pictures in {directory}, found none. Name another folder.")

    order: Array = np.arange(len(files.paths))
    used_seed = (
        random.current_seed()
        if seed is None
        else whole(seed, "seed", OWNER, minimum=0, maximum=MOST_SEED)
    )
    if shuffle:
        order = random.permutation(len(order), random.FILES, _FIRST_ORDER, seed=used_seed)
    values = None if labels is None else _encoded(files, label_mode)

    def chosen(rows: Array, part: str | None) -> ImageFolder:
        if verbose and part is not None:
            print(f"Using {len(rows)} files for {part}.")
        return ImageFolder(
            [files.paths[row] for row in rows],
            None if values is None else values[rows],
            None if labels is None else list(files.names),
            form,
            batch_size=size,
            shuffle_seed=used_seed if shuffle and part != "validation" else None,
            verbose=verbose,
        )

    if validation_split is None or subset is None:
        return chosen(order, None)
    first = len(order) - int(validation_split * len(order))
    if not 0 < first < len(order):
        raise DatasetError(
            f"{OWNER}: expected enough files to split, found {len(order)} with "
            f"validation_split={validation_split:g}. Add files or take another fraction."
        )
    parts = {"training": order[:first], "validation": order[first:]}
    if subset == "both":
        return [chosen(rows, part) for part, rows in parts.items()]
    return chosen(parts[subset], subset)


def _files(directory: str, labels: Any, names: Sequence[str] | None, links: bool) -> Files:
    if isinstance(labels, str):
        return files_of_classes(directory, names, follow_links=links)
    if not os.path.isdir(directory):
        raise DatasetError(
            f"Expected a folder of pictures, received {directory}, which is none. Correct its name."
        )
    paths = list(picture_files(directory, follow_links=links))
    if labels is None:
        return Files(paths, [0] * len(paths), [])
    numbers = [whole(label, "each of labels", OWNER, minimum=0) for label in labels]
    if len(numbers) != len(paths):
        raise ArgumentError(
            f"{OWNER}: expected a label for each of the {len(paths)} files in {directory}, "
            f"received {len(numbers)}. Label the files in the order of their names."
        )
    return Files(paths, numbers, [str(label) for label in sorted(set(numbers))])


def without_bad(files: Files, form: ImageForm, *, verbose: bool = True) -> Files:
    """Return the files that can be read; a warning names the others. Decodes every file."""
    bad = find_bad_files(files.paths, form, verbose=verbose)
    if not bad:
        return files
    count = f"{len(bad):,} files" if len(bad) > 1 else "a file"
    warnings.warn(
        f"Left out {count} that cannot be read: {listed(bad)}.", GalagoWarning, stacklevel=3
    )
    names = {path for path, _ in bad}
    kept = [place for place, path in enumerate(files.paths) if path not in names]
    return Files(
        [files.paths[place] for place in kept],
        [files.classes[place] for place in kept],
        files.names,
    )


def _encoded(files: Files, label_mode: str | None) -> Array:
    numbers = np.array(files.classes, np.int32)
    if label_mode == "binary":
        return numbers[:, None].astype(np.float32)
    if label_mode == "categorical":
        if numbers.size and numbers.max() >= len(files.names):
            raise ArgumentError(
                f"{OWNER}: expected labels from 0 to {len(files.names) - 1} for label_mode="
                f'"categorical", received {numbers.max()}. Number the classes from 0.'
            )
        rows = np.zeros((len(numbers), len(files.names)), np.float32)
        rows[np.arange(len(numbers)), numbers] = 1
        return rows
    return numbers
