"""Published sets of the MNIST family: four pinned files, the places they may be in, a download."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from galago.datasets.cache import cache_folder
from galago.datasets.idx import IdxFile
from galago.errors import DatasetError

Split: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.uint8]]


@dataclass(frozen=True)
class PublishedFile(IdxFile):
    """An IDX file that can be downloaded; size and hash are of the compressed bytes."""

    stored_size: int
    stored_sha256: str


@dataclass(frozen=True)
class PublishedSet:
    """Training images and labels, test images and labels, in this order.

    name: as people call it. folder_name: inside the cache folder. address: of the folder that the
    files are downloaded from. debian_folder, debian_package: where a package of Debian and Ubuntu
    puts them, if there is one. advice: the end of the message when there is no way to get them.
    """

    name: str
    folder_name: str
    address: str
    files: tuple[PublishedFile, ...]
    debian_folder: Path | None = None
    debian_package: str = ""
    advice: str = ""

    def load(self, folder: Path | None = None) -> tuple[Split, Split]:
        """Return both splits from a folder, by default from the first place that has all files.

        Raises ``DatasetError`` when a file is missing, damaged or cannot be downloaded.
        """
        return read_splits(self._find() if folder is None else self._given(folder), self.files)

    def folder(self) -> Path | None:
        """Return the folder that load() takes, None if it has to download the files."""
        for folder in self._places():
            if not self._missing(folder):
                return folder
        return None

    def _places(self) -> list[Path]:
        cache = cache_folder() / self.folder_name
        return [cache] if self.debian_folder is None else [cache, self.debian_folder]

    def _missing(self, folder: Path) -> list[str]:
        return [file.name for file in self.files if not (folder / file.name).is_file()]

    def _given(self, folder: Path) -> Path:
        if missing := self._missing(folder):
            raise DatasetError(
                f"Expected the four {self.name} files in the folder {folder}, received one without "
                f"{', '.join(missing)}. Correct path=, or leave it out to search the usual places."
            )
        return folder

    def _find(self) -> Path:
        """Return the first folder that has all four files, downloading them if none has."""
        if found := self.folder():
            return found
        cache, *others = self._places()
        try:
            self._download(cache)
        except DatasetError as error:
            names = ", ".join(file.name for file in self.files)
            package = (
                f"install the package of Debian or Ubuntu (apt install {self.debian_package}), or "
            )
            raise DatasetError(
                f"Expected {self.name} in {' or '.join(map(str, (cache, *others)))}, found "
                f"{'neither' if others else 'it not there'}, and the download failed. {error} "
                f"Either {package if others else ''}allow the download, or put {names} into "
                f"{cache}. {self.advice}".rstrip()
            ) from error
        return cache

    def _download(self, folder: Path) -> None:
        # Imported here: urllib and rich take longer to import than a small set takes to load.
        from galago.datasets.download import download

        for file in self.files:
            download(
                self.address + file.name,
                folder / file.name,
                size=file.stored_size,
                sha256=file.stored_sha256,
            )


def read_splits(folder: Path, files: tuple[IdxFile, ...]) -> tuple[Split, Split]:
    """Return ``(x_train, y_train), (x_test, y_test)`` out of four files in a folder."""
    x_train, y_train, x_test, y_test = (file.read(folder) for file in files)
    return (x_train, y_train), (x_test, y_test)
