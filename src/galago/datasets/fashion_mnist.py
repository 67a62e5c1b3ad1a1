"""Fashion-MNIST: 70,000 grey 28x28 pictures of clothes in ten classes.

Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking
Machine Learning Algorithms", arXiv:1708.07747. Copyright (c) 2017 Zalando SE, MIT licence.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from galago.datasets.cache import cache_folder
from galago.datasets.idx import IdxFile
from galago.errors import DatasetError

Split: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.uint8]]

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
"""The name of label 0, 1, ... 9."""

DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
"""Where the package dataset-fashion-mnist of Debian and Ubuntu puts the four files."""

SUBSET_FOLDER = Path(__file__).with_name("fashion_mnist_subset")
"""The part of the set that the package itself carries; tools/make_fashion_mnist_subset.py."""

FULL_FILES = (
    IdxFile(
        "train-images-idx3-ubyte.gz",
        (60000, 28, 28),
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    ),
    IdxFile(
        "train-labels-idx1-ubyte.gz",
        (60000,),
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    ),
    IdxFile(
        "t10k-images-idx3-ubyte.gz",
        (10000, 28, 28),
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
    IdxFile(
        "t10k-labels-idx1-ubyte.gz",
        (10000,),
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
)

SUBSET_FILES = (
    IdxFile(
        "train-images-idx3-ubyte.gz",
        (10000, 28, 28),
        "d33512cfdc636a0d8972818e6659995be209a88891df7fa2109d7895922c8985",
    ),
    IdxFile(
        "train-labels-idx1-ubyte.gz",
        (10000,),
        "620cb8e3b9348037c5ff9a07b02d773ab165330e072dfd19e0d21c59f8042dcf",
    ),
    IdxFile(
        "t10k-images-idx3-ubyte.gz",
        (2000, 28, 28),
        "15a92dd1e9b16ea361928086e77df4dfa890c255c00b5a8c8162c1040ce8eef1",
    ),
    IdxFile(
        "t10k-labels-idx1-ubyte.gz",
        (2000,),
        "234596aeb6eb48133ec99a62541f90bc0728c9559a681f1e0638037462458f2c",
    ),
)

# The authors' own repository: their other address is plain http. Size and SHA-256 are those of
# the compressed file, and hold for every copy of the files of August 2017.
_ADDRESS = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"
_DOWNLOADS = (
    (
        "train-images-idx3-ubyte.gz",
        26421880,
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    ),
    (
        "train-labels-idx1-ubyte.gz",
        29515,
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    ),
    (
        "t10k-images-idx3-ubyte.gz",
        4422102,
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    ),
    (
        "t10k-labels-idx1-ubyte.gz",
        5148,
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
)


def load_data(
    subset: bool = False, path: str | os.PathLike[str] | None = None
) -> tuple[Split, Split]:
    """Return ``(x_train, y_train), (x_test, y_test)``, pixels and labels as uint8.

    Images are (60000, 28, 28) and (10000, 28, 28), labels (60000,) and (10000,).

    subset: take the 10,000 + 2,000 real images inside the package, 1,000 + 200 a class; no
    network. They are the first ones of each class in the original order, so indices below 9,708
    (train) and 1,759 (test) are the full set's.
    path: folder with the four files. Without it: the cache folder ($GALAGO_DATA_DIR or
    ~/.cache/galago), Debian's package dataset-fashion-mnist, then a download into the cache.

    Every file is checked against its published SHA-256. Raises ``DatasetError`` when a file is
    missing, damaged or cannot be downloaded, ``ValueError`` for ``subset`` together with ``path``.

    >>> (x_train, y_train), (x_test, y_test) = load_data(subset=True)
    >>> x_train.shape, CLASS_NAMES[y_test[0]]
    ((10000, 28, 28), 'Ankle boot')
    """
    if subset:
        if path is not None:
            raise ValueError(
                f"Expected subset=True or path=, received both (path={os.fspath(path)!r}). "
                "The subset is part of the package: leave path out."
            )
        return _read(SUBSET_FOLDER, SUBSET_FILES)
    return _read(_find() if path is None else _given(Path(path)), FULL_FILES)


def _read(folder: Path, files: tuple[IdxFile, ...]) -> tuple[Split, Split]:
    x_train, y_train, x_test, y_test = (file.read(folder) for file in files)
    return (x_train, y_train), (x_test, y_test)


def _missing(folder: Path) -> list[str]:
    return [file.name for file in FULL_FILES if not (folder / file.name).is_file()]


def _given(folder: Path) -> Path:
    if missing := _missing(folder):
        raise DatasetError(
            f"Expected the four Fashion-MNIST files in the folder {folder}, received one without "
            f"{', '.join(missing)}. Correct path=, or leave it out to search the usual places."
        )
    return folder


def full_set_folder() -> Path | None:
    """Return the folder that load_data() takes the full set from, None if it has to download it."""
    for folder in (_cache(), DEBIAN_FOLDER):
        if not _missing(folder):
            return folder
    return None


def _cache() -> Path:
    return cache_folder() / "fashion-mnist"


def _find() -> Path:
    """Return the first folder that has all four files, downloading them if none has."""
    if found := full_set_folder():
        return found
    cache = _cache()
    try:
        _download(cache)
    except DatasetError as error:
        raise DatasetError(
            f"Expected Fashion-MNIST in {cache} or {DEBIAN_FOLDER}, found neither, and the "
            f"download failed. {error} Either install the package of Debian or Ubuntu (apt install "
            f"dataset-fashion-mnist), or allow the download, or put {_names()} into {cache}. "
            "load_data(subset=True) needs none of this."
        ) from error
    return cache


def _download(folder: Path) -> None:
    # Imported here: urllib and rich take longer to import than the subset takes to load.
    from galago.datasets.download import download

    for name, size, sha256 in _DOWNLOADS:
        download(_ADDRESS + name, folder / name, size=size, sha256=sha256)


def _names() -> str:
    return ", ".join(file.name for file in FULL_FILES)
