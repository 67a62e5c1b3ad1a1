"""A published set of eight images, and the places it may be in."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from galago.datasets.fashion_mnist import FULL_SET
from galago.datasets.idx import idx_header
from galago.datasets.published import PublishedFile, PublishedSet


class SmallSet:
    """The set, its arrays, its files as they are stored, and two folders, which are not there."""

    def __init__(self, tmp_path: Path) -> None:
        self.cache = tmp_path / "data" / "small"
        self.debian = tmp_path / "debian"
        generator = np.random.default_rng(7)
        files, self.stored, self.arrays = [], {}, []
        for file, shape in zip(FULL_SET.files, ((5, 28, 28), (5,), (3, 28, 28), (3,)), strict=True):
            array = generator.integers(0, 256, shape, dtype=np.uint8)
            content = idx_header(shape) + array.tobytes()
            stored = gzip.compress(content, mtime=0)
            pins = [hashlib.sha256(data).hexdigest() for data in (content, stored)]
            files.append(PublishedFile(file.name, shape, pins[0], len(stored), pins[1]))
            self.stored[file.name] = stored
            self.arrays.append(array)
        self.set = PublishedSet(
            name="Small",
            folder_name="small",
            address="https://example.org/small/",
            files=tuple(files),
            debian_folder=self.debian,
            debian_package="dataset-small",
            advice="load_data(subset=True) needs none of this.",
        )

    def fill(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        for name, stored in self.stored.items():
            (folder / name).write_bytes(stored)
        return folder

    def check(self, loaded: Any) -> None:
        (x_train, y_train), (x_test, y_test) = loaded
        for array, expected in zip((x_train, y_train, x_test, y_test), self.arrays, strict=True):
            np.testing.assert_array_equal(array, expected)
