"""Batches by number, made when they are needed: Keras's PyDataset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from galago.checks import flag, whole
from galago.errors import ArgumentError


class PyDataset:
    """Base of data that makes each batch by itself: override `__len__` and `__getitem__`.

    `len(data)` is the number of batches, `data[i]` one of them: x, (x, y) or (x, y,
    sample_weight). fit() calls `on_epoch_begin()` and `on_epoch_end()` around each epoch.

    Arguments:
        workers: threads that make batches ahead, if 2 or more; the order stays
        use_multiprocessing: False, since there are no worker processes
        max_queue_size: how many batches are made ahead at most
    Raises ArgumentError.

    >>> import numpy as np
    >>> class Squares(PyDataset):
    ...     def __len__(self):
    ...         return 3
    ...     def __getitem__(self, index):
    ...         x = np.full((2, 1), index, np.float32)
    ...         return x, x**2
    >>> [float(y[0, 0]) for x, y in Squares()]
    [0.0, 1.0, 4.0]
    """

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        owner = type(self).__name__
        self.workers = whole(workers, "workers", owner, minimum=0)
        self.max_queue_size = whole(max_queue_size, "max_queue_size", owner)
        if flag(use_multiprocessing, "use_multiprocessing", owner):
            raise ArgumentError(
                f"{owner}: expected use_multiprocessing=False, received True. Batches are made by "
                "threads: set workers, and let NumPy or the image library do the work in them."
            )

    def __len__(self) -> int:
        """Return the number of batches."""
        raise NotImplementedError

    def __getitem__(self, index: int) -> Any:
        """Return a batch."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def on_epoch_begin(self) -> None:
        """Before the first batch of an epoch is asked for."""

    def on_epoch_end(self) -> None:
        """After the last batch of an epoch, before its validation."""
