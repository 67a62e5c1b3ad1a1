"""MNIST: 70,000 grey 28x28 pictures of handwritten digits.

Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits"; Creative
Commons Attribution-Share Alike 3.0, as Keras states.
"""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import numpy as np

from galago.datasets.published import PublishedFile, PublishedSet, Split
from galago.errors import DatasetError

__all__ = ["load_data"]

# Size and second hash are of the compressed file. The address is the mirror that TensorFlow
# Datasets uses: the authors' own is plain http and often does not answer.
FULL_SET = PublishedSet(
    name="MNIST",
    folder_name="mnist",
    address="https://storage.googleapis.com/cvdf-datasets/mnist/",
    files=(
        PublishedFile(
            "train-images-idx3-ubyte.gz",
            (60000, 28, 28),
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            9912422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        PublishedFile(
            "train-labels-idx1-ubyte.gz",
            (60000,),
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            28881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        PublishedFile(
            "t10k-images-idx3-ubyte.gz",
            (10000, 28, 28),
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            1648877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        PublishedFile(
            "t10k-labels-idx1-ubyte.gz",
            (10000,),
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            4542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
)

#: Keras's file of the same arrays: its size in bytes and its SHA-256.
KERAS_FILE = (11490434, "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1")


def load_data(path: str | os.PathLike[str] | None = None) -> tuple[Split, Split]:
    """Return (x_train, y_train), (x_test, y_test), pixels and labels as uint8.

    Images are (60000, 28, 28) and (10000, 28, 28), labels (60000,) and (10000,). Every file is
    checked against its published SHA-256.

    Arguments:
        path: a folder with the four files, or Keras's file `mnist.npz`. None: the cache folder
            ($GALAGO_DATA_DIR or ~/.cache/galago), then a download of 12 MB into it
    Raises DatasetError when a file is missing, damaged or cannot be downloaded.

    >>> load_data(path="no such folder")
    Traceback (most recent call last):
    galago.errors.DatasetError: ...
    """
    if path is not None and Path(path).suffix == ".npz":
        return _keras_file(Path(path))
    return FULL_SET.load(None if path is None else Path(path))


def _keras_file(path: Path) -> tuple[Split, Split]:
    """The arrays of Keras's file, which is compared with the published one before it is opened."""
    size, sha256 = KERAS_FILE
    try:
        with path.open("rb") as file:
            content = file.read(size + 1)
    except OSError as error:
        raise DatasetError(
            f"Expected Keras's file of MNIST at {path}, received: {error.strerror}. Correct path=, "
            "or leave it out to search the usual places and download the set."
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise DatasetError(
            f"Expected the {size} bytes of Keras's mnist.npz with SHA-256 {sha256} in {path}, "
            f"received {digest}. Replace the file, or leave path= out."
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        train = arrays["x_train"], arrays["y_train"]
        return train, (arrays["x_test"], arrays["y_test"])
