"""Fashion-MNIST: 70,000 grey 28x28 pictures of clothes in ten classes.

Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking
Machine Learning Algorithms", arXiv:1708.07747. Copyright (c) 2017 Zalando SE, MIT licence.
"""

from __future__ import annotations

import os
from pathlib import Path

from galago.datasets.idx import IdxFile
from galago.datasets.published import PublishedFile, PublishedSet, Split, read_splits

__all__ = ["CLASS_NAMES", "load_data"]

#: The name of label 0, 1, ... 9.
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

SUBSET_FOLDER = Path(__file__).with_name("fashion_mnist_subset")
"""The part of the set that the package itself carries; tools/make_fashion_mnist_subset.py."""

# The address is the authors' own repository: their other one is plain http. Size and second hash
# are of the compressed file, and hold for every copy of the files of August 2017.
FULL_SET = PublishedSet(
    name="Fashion-MNIST",
    folder_name="fashion-mnist",
    address="https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    files=(
        PublishedFile(
            "train-images-idx3-ubyte.gz",
            (60000, 28, 28),
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            26421880,
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ),
        PublishedFile(
            "train-labels-idx1-ubyte.gz",
            (60000,),
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            29515,
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ),
        PublishedFile(
            "t10k-images-idx3-ubyte.gz",
            (10000, 28, 28),
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            4422102,
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        ),
        PublishedFile(
            "t10k-labels-idx1-ubyte.gz",
            (10000,),
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            5148,
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
    debian_folder=Path("/usr/share/datasets/fashion-mnist"),
    debian_package="dataset-fashion-mnist",
    advice="load_data(subset=True) needs none of this.",
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
        return read_splits(SUBSET_FOLDER, SUBSET_FILES)
    return FULL_SET.load(None if path is None else Path(path))


def full_set_folder() -> Path | None:
    """Return the folder that load_data() takes the full set from, None if it has to download it."""
    return FULL_SET.folder()
