"""Parts of a data set."""

from __future__ import annotations

from typing import Any

from galago.checks import flag, real, whole
from galago.data.dataset import INFINITE_CARDINALITY, Dataset
from galago.data.elements import rows
from galago.errors import ArgumentError, DataError


def split_dataset(
    dataset: Any,
    left_size: float | int | None = None,
    right_size: float | int | None = None,
    shuffle: bool = False,
    seed: int | None = None,
) -> tuple[Dataset, Dataset]:
    """Return the first elements and the last ones as two data sets, for training and testing.

    All elements are read once and kept.

    Arguments:
        dataset: a Dataset that ends, or arrays with equally many rows in a tuple or list
        left_size, right_size: a number of elements or a fraction of them; the part without a size
            gets the rest
        shuffle, seed: whether to shuffle first, and by which seed
    Raises ArgumentError and DataError.

    >>> import numpy as np
    >>> left, right = split_dataset((np.arange(10), np.arange(10)), left_size=0.8)
    >>> len(left), [int(x) for x, y in right]
    (8, [8, 9])
    """
    owner = "split_dataset()"
    mixed = flag(shuffle, "shuffle", owner)
    if not isinstance(dataset, Dataset):
        several = tuple(dataset) if isinstance(dataset, list) else dataset
        dataset = Dataset.from_tensor_slices(rows(several, owner))
    elif dataset.cardinality() == INFINITE_CARDINALITY:
        raise ArgumentError(
            f"{owner}: expected a Dataset that ends, received one that repeats for ever. "
            "Pass dataset.take(count)."
        )
    elements = list(dataset.iterate(0))
    left, right = _sizes(len(elements), left_size, right_size, owner)
    if mixed:
        elements = list(_kept(elements).shuffle(len(elements), seed).iterate(0))
    return _kept(elements[:left]), _kept(elements[len(elements) - right :])


def _kept(elements: list[Any]) -> Dataset:
    return Dataset(lambda draw: iter(elements), len(elements))


def _sizes(
    total: int, left_size: float | int | None, right_size: float | int | None, owner: str
) -> tuple[int, int]:
    left = _size(total, left_size, "left_size", owner)
    right = _size(total, right_size, "right_size", owner)
    if left is None and right is None:
        raise ArgumentError(
            f"{owner}: expected left_size or right_size, received neither. Pass for example "
            "left_size=0.8."
        )
    left = total - right if left is None and right is not None else left
    right = total - left if right is None and left is not None else right
    assert left is not None and right is not None
    if min(left, right) < 1 or left + right > total:
        raise DataError(
            f"{owner}: expected two parts of {total} elements in all, each with one at least, "
            f"received parts of {left} and {right}. Change left_size or right_size."
        )
    return left, right


def _size(total: int, size: float | int | None, name: str, owner: str) -> int | None:
    if isinstance(size, float):
        return round(total * real(size, name, owner, low=0.0, high=1.0))
    return None if size is None else whole(size, name, owner)
