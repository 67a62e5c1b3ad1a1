"""Pictures of files as batches, read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from galago import random
from galago.data.images import (
    ImageForm,
    Pixels,
    bad_files,
    decoding_threads,
    find_bad_files,
    read_image,
    read_images,
)
from galago.errors import DatasetError

Array = npt.NDArray[Any]


class ImageFolder:
    """Pictures and their labels, read when they are asked for.

    It can be gone through any number of times: each time gives batches (images, labels), or
    images alone if there are no labels. Images are float32 from 0 to 255, (n, height, width,
    channels). Where the set is shuffled, each time has an order of its own, which follows from
    the seed and from how often the set was gone through before. `arrays()` gives all at once.

    Arguments, which image_dataset_from_directory() knows:
        file_paths: the files, in the order of arrays()
        labels: one for each, or None
        class_names: the names of the classes, or None
        form: size, channels and filter of the images
        batch_size: None for single images
        shuffle_seed: None for the order as it is
        verbose: whether progress is shown

    >>> import os, tempfile, numpy as np
    >>> from galago.utils import image_dataset_from_directory, save_img
    >>> folder = tempfile.mkdtemp()
    >>> save_img(os.path.join(folder, "1.png"), np.zeros((8, 8, 3)))
    >>> images = image_dataset_from_directory(folder, labels=None, image_size=(4, 4), verbose=False)
    >>> [batch.shape for batch in images]
    [(1, 4, 4, 3)]
    """

    def __init__(
        self,
        file_paths: Sequence[str],
        labels: Array | None,
        class_names: list[str] | None,
        form: ImageForm,
        *,
        batch_size: int | None,
        shuffle_seed: int | None,
        verbose: bool,
    ) -> None:
        self.file_paths = list(file_paths)
        self.class_names = class_names
        self.batch_size = batch_size
        self._labels, self._form = labels, form
        self._seed, self._verbose = shuffle_seed, verbose
        self._passes = 0

    def __len__(self) -> int:
        """Batches; images without batch_size."""
        return -(-len(self.file_paths) // (self.batch_size or 1))

    def __iter__(self) -> Iterator[Any]:
        count = len(self.file_paths)
        order: Array = np.arange(count)
        if self._seed is not None:
            self._passes += 1
            order = random.permutation(count, random.FILES, self._passes, seed=self._seed)
        return self._batches(order)

    def arrays(self) -> tuple[Pixels, Array | None]:
        """Return all images, uint8 of shape (n, height, width, channels), and their labels.

        In the order of `file_paths`. The engine takes them as they are; float32 would take four
        times the memory. Shows progress after two seconds. Raises DatasetError that names every
        file that is no picture.
        """
        pixels = read_images(self.file_paths, self._form, verbose=self._verbose)
        return pixels, None if self._labels is None else self._labels.copy()

    def __repr__(self) -> str:
        classes = "" if self.class_names is None else f", classes={len(self.class_names)}"
        return f"<ImageFolder files={len(self.file_paths)}{classes}, image={self._form.shape}>"

    def _batches(self, order: Array) -> Iterator[Any]:
        """Batches in an order; while one is used, the next one is decoded."""
        size = self.batch_size or 1
        with decoding_threads() as threads:

            def submit(start: int) -> list[Any]:
                rows = order[start : start + size]
                return [threads.submit(read_image, self.file_paths[r], self._form) for r in rows]

            following = submit(0)
            for start in range(0, len(order), size):
                present, following = following, submit(start + size)
                try:
                    images = np.stack([future.result() for future in present])
                except DatasetError:  # of one file; who repairs it wants to know of all
                    raise bad_files(find_bad_files(self.file_paths, self._form)) from None
                yield self._batch(images.astype(np.float32), order[start : start + size])

    def _batch(self, images: Array, rows: Array) -> Any:
        labels = None if self._labels is None else self._labels[rows]
        if self.batch_size is None:
            return images[0] if labels is None else (images[0], labels[0])
        return images if labels is None else (images, labels)
