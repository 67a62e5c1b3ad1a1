"""Build the part of Fashion-MNIST that the package carries, from the full set.

    python tools/make_fashion_mnist_subset.py           # writes the four files
    python tools/make_fashion_mnist_subset.py --check   # compares them, writes nothing

It takes the first 1,000 training and the first 200 test images of each class and keeps their
order. The content is the same everywhere, bit for bit; the compressed form depends on the zlib.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from galago.datasets import fashion_mnist
from galago.datasets.idx import idx_header
from galago.errors import DatasetError
from galago.saving.durable import durable_writer

TRAIN_PER_CLASS = 1000
TEST_PER_CLASS = 200


def first_of_each_class(labels: NDArray[np.uint8], count: int) -> NDArray[np.intp]:
    """Return the sorted indices of the first ``count`` samples of every class."""
    classes = range(len(fashion_mnist.CLASS_NAMES))
    return np.sort(np.concatenate([np.flatnonzero(labels == k)[:count] for k in classes]))


def subset_contents(source: Path | None) -> dict[str, bytes]:
    """Return name and decompressed content of the four files; ``source`` as in ``load_data``."""
    contents = {}
    splits = fashion_mnist.load_data(path=source)
    names = iter(file.name for file in fashion_mnist.SUBSET_FILES)
    for (images, labels), count in zip(splits, (TRAIN_PER_CLASS, TEST_PER_CLASS), strict=True):
        chosen = first_of_each_class(labels, count)
        for array in (images[chosen], labels[chosen]):
            contents[next(names)] = idx_header(array.shape) + array.tobytes()
    return contents


def write(contents: dict[str, bytes], folder: Path) -> None:
    """Compress every content into its file; without time or name, so that runs agree."""
    for name, content in contents.items():
        with durable_writer(folder / name) as file:
            file.write(gzip.compress(content, compresslevel=9, mtime=0))


def differences(contents: dict[str, bytes], folder: Path) -> list[str]:
    """Return one line for every file whose pinned or stored content is not the built one."""
    lines = []
    for file in fashion_mnist.SUBSET_FILES:
        digest = hashlib.sha256(contents[file.name]).hexdigest()
        if digest != file.sha256:
            lines.append(f"{file.name}: built SHA-256 {digest}, pinned {file.sha256}")
        try:
            file.read(folder)
        except DatasetError as error:
            lines.append(str(error))
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Build the Fashion-MNIST subset.")
    parser.add_argument("--source", type=Path, help="folder with the full set's four files")
    parser.add_argument("--output", type=Path, default=fashion_mnist.SUBSET_FOLDER)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    contents = subset_contents(options.source)
    if options.check:
        lines = differences(contents, options.output)
        print("\n".join(lines) or f"{options.output}: what the full set gives, bit for bit")
        return 1 if lines else 0
    write(contents, options.output)
    for name, content in contents.items():
        print(name, hashlib.sha256(content).hexdigest())
    return 0


if __name__ == "__main__":
    sys.exit(main())
