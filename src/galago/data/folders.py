"""Which picture files a folder has, and what they show: a folder for each class, as in Keras."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from galago.data.pillow import SUFFIXES
from galago.errors import ArgumentError, DatasetError
from galago.registry import nearest


class Files(NamedTuple):
    """Files in the order of their names, the class number of each, and the names of classes."""

    paths: list[str]
    classes: list[int]
    names: list[str]


def class_folders(directory: str) -> list[str]:
    """Return the names of a folder's folders, sorted, hidden ones left out. Raises DatasetError."""
    names = [name for name in _entries(directory) if not name.startswith(".")]
    return [name for name in names if os.path.isdir(os.path.join(directory, name))]


def files_of_classes(
    directory: str, class_names: Sequence[str] | None = None, *, follow_links: bool = False
) -> Files:
    """Return the pictures of a folder that has a folder for each class.

    Arguments: the classes, where they are not all in the order of their names; whether to go
    into links to folders. Raises DatasetError, and ArgumentError for a class without a folder.
    """
    folders = class_folders(directory)
    if not folders:
        raise DatasetError(
            f"Expected a folder for each class in {directory}, found none. Put the pictures of "
            "each class into a folder of its name, or pass labels=None."
        )
    names = list(folders if class_names is None else class_names)
    missing = next((name for name in names if name not in folders), None)
    if missing is not None:
        raise ArgumentError(
            f"image_dataset_from_directory(): expected class_names that are folders of "
            f"{directory}, received {missing!r}.{nearest(missing, folders)} "
            f"There are: {', '.join(folders)}."
        )
    paths: list[str] = []
    classes: list[int] = []
    for number, name in enumerate(names):
        found = list(picture_files(os.path.join(directory, name), follow_links=follow_links))
        paths += found
        classes += [number] * len(found)
    return Files(paths, classes, names)


def picture_files(directory: str, *, follow_links: bool = False) -> Iterator[str]:
    """Yield the picture files of a folder and of the folders in it, by name: Keras's order."""
    walk = os.walk(directory, followlinks=follow_links)
    for folder, _, files in sorted(walk, key=lambda found: found[0]):
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES):
                yield os.path.join(folder, name)


def _entries(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except FileNotFoundError:
        raise DatasetError(
            f"Expected a folder of pictures, received {directory}, which does not exist. "
            "Correct its name."
        ) from None
    except NotADirectoryError:
        raise DatasetError(
            f"Expected a folder of pictures, received the file {directory}. Name its folder."
        ) from None
