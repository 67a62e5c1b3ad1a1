"""Elements of a pipeline: an array, or a tuple of arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.errors import DataError

Array = npt.NDArray[Any]


def rows(tensors: Any, owner: str) -> Array | tuple[Array, ...]:
    """Return an array, or a tuple of arrays with equally many rows. Raises DataError."""
    several = tensors if isinstance(tensors, tuple) else (tensors,)
    arrays = tuple(np.asarray(tensor) for tensor in several)
    if not arrays or any(array.ndim == 0 or array.dtype == object for array in arrays):
        raise DataError(
            f"{owner}: expected an array or a tuple of arrays, received {type(tensors).__name__}. "
            "Pass for example (x, y), with one row for each example."
        )
    counts = [len(array) for array in arrays]
    if len(set(counts)) > 1:
        raise DataError(
            f"{owner}: expected arrays with equally many rows, received {counts}. Pass one label "
            "for each example."
        )
    return arrays if isinstance(tensors, tuple) else arrays[0]


def slices(arrays: Array | tuple[Array, ...]) -> Iterator[Any]:
    """Yield row by row."""
    return zip(*arrays, strict=True) if isinstance(arrays, tuple) else iter(arrays)


def stack(elements: Sequence[Any]) -> Array | tuple[Array, ...]:
    """Return elements as one, stacked on a new first axis. Raises DataError."""
    if isinstance(elements[0], tuple):
        _require(all(isinstance(e, tuple) and len(e) == len(elements[0]) for e in elements))
        return tuple(map(_stack, zip(*elements, strict=True)))
    return _stack(elements)


def _stack(elements: Sequence[Any]) -> Array:
    arrays = [np.asarray(element) for element in elements]
    shapes = {array.shape for array in arrays}
    _require(len(shapes) == 1, f": {', '.join(map(str, sorted(shapes)))}")
    return np.stack(arrays)


def _require(equal: bool, shapes: str = "") -> None:
    if not equal:
        raise DataError(
            f"batch(): expected elements of one shape, received different ones{shapes}. Bring them "
            "to one shape with map() before."
        )
