"""Arrays as the engine takes them: checked, and converted only where it cannot be helped."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from galago import config
from galago.errors import DataError
from galago.shapes import Shape

Array = npt.NDArray[Any]

#: Number types that the engine reads where they lie.
_DIRECT = frozenset(map(np.dtype, ("uint8", "float32", "float64")))
#: Rows looked at together in the search for NaN: a few MB of images.
_BLOCK = 1024


class Examples(NamedTuple):
    """All inputs and the labels of all outputs, ready for the engine; a row each for an example."""

    x: tuple[Array, ...]
    #: Empty where nobody reads labels, as in predict().
    y: tuple[Array, ...]
    #: How much each example counts, for each output.
    weights: tuple[Array | None, ...] | None = None

    @property
    def rows(self) -> int:
        """How many examples there are."""
        return len(self.x[0])

    def part(self, start: int, stop: int) -> Examples:
        """Return the rows from start up to before stop, without a copy."""
        return self.taken(slice(start, stop))

    def taken(self, rows: Any) -> Examples:
        """Return some rows, by a slice or by their numbers."""
        x, y = (tuple(array[rows] for array in arrays) for arrays in (self.x, self.y))
        if self.weights is None:
            return Examples(x, y)
        return Examples(x, y, tuple(None if w is None else w[rows] for w in self.weights))


def numbers(values: Any, name: str, owner: str) -> Array:
    """Return an array of numbers with one row or more. Raises DataError.

    Arguments: arrays, lists or anything NumPy can read (`__array__`, `__dlpack__`, buffers), in
    place where it can; name ("x") and owner ("fit()") are for the message.
    """
    if values is None:
        raise DataError(
            f"{owner}: expected an array for {name}, received None. Pass {name} as an array."
        )
    array = _as_array(values, name, owner)
    if array.dtype.kind not in "buif":
        raise DataError(
            f"{owner}: expected numbers for {name}, received {type(values).__name__} of type "
            f"{array.dtype}. Convert it, for example with np.asarray({name}, dtype='float32')."
        )
    if array.ndim == 0 or len(array) == 0:
        raise DataError(
            f"{owner}: expected at least one row in {name}, received shape {array.shape}. "
            "Pass a non-empty array with one row for each example."
        )
    return array


def _as_array(values: Any, name: str, owner: str) -> Array:
    try:
        if hasattr(values, "__dlpack__") and not hasattr(values, "__array__"):
            return np.asarray(np.from_dlpack(values))
        return np.asarray(values)
    except ValueError as error:
        raise DataError(
            f"{owner}: expected an array for {name}, received rows of different lengths. Bring "
            "all examples to one shape."
        ) from error
    except (TypeError, RuntimeError, BufferError) as error:  # a tensor on a GPU, or with gradients
        raise DataError(
            f"{owner}: expected an array for {name}, received {type(values).__name__}, which NumPy "
            f"cannot read ({str(error).rstrip('.')}). Convert it first, a tensor with "
            f"{name}.detach().cpu().float().numpy()."
        ) from error


def inputs(values: Any, shape: Shape, name: str, owner: str) -> Array:
    """Return inputs of shape (n, *shape) for the engine. Raises DataError.

    uint8, float32 and float64 in row order are used as they are; anything else is converted to
    float32 once. A last axis of size 1 may be missing, or there may be one too many, as in Keras.
    """
    array = with_last_axis(numbers(values, name, owner), shape)
    if array.shape[1:] != shape:
        wanted = ", ".join(["n", *map(str, shape)])
        raise DataError(
            f"{owner}: expected {name} of shape ({wanted}{',' if not shape else ''}), received "
            f"{array.shape}{_advice(array, shape, name)}"
        )
    array = readable(array, _DIRECT)
    require_finite(array, name, owner)
    return array


def with_last_axis(array: Array, shape: Shape) -> Array:
    """Add or take away a last axis of size 1 if the examples have this shape then.

    >>> with_last_axis(np.zeros((5, 28, 28)), (28, 28, 1)).shape
    (5, 28, 28, 1)
    """
    if array.shape[1:] == shape:
        return array
    if (*array.shape[1:], 1) == shape:
        return array[..., None]
    return array[..., 0] if array.shape[1:] == (*shape, 1) else array


def readable(array: Array, types: Collection[np.dtype[Any]]) -> Array:
    """Return the array itself if the engine can read it where it lies, else a float32 copy."""
    if array.dtype not in types or not array.dtype.isnative:
        array = array.astype(np.float32)
    flags = array.flags
    if flags.c_contiguous and flags.aligned:
        return array
    return np.require(array, requirements=("C", "A"))


def require_equal_lengths(examples: Examples, names: str, owner: str) -> None:
    """Raise DataError unless inputs and labels have the same number of rows."""
    for labels in examples.y:
        if examples.rows != len(labels):
            raise DataError(
                f"{owner}: expected {names} to have equally many rows, received {examples.rows} "
                f"and {len(labels)}. Pass one label for each example."
            )


def split(examples: Examples, fraction: float, owner: str) -> tuple[Examples, Examples]:
    """Return the first part for training and the last `fraction` for validation, unshuffled.

    Raises DataError when one of them would be empty.
    """
    rows = examples.rows
    first = math.floor(rows * (1.0 - fraction))
    if not 0 < first < rows:
        raise DataError(
            f"{owner}: expected enough rows to split, received {rows} with validation_split="
            f"{fraction:g}. Pass more examples or another fraction."
        )
    return examples.part(0, first), examples.part(first, rows)


def _advice(array: Array, shape: Shape, name: str) -> str:
    """Say what to do about a wrong shape; the first case that fits."""
    got = array.shape
    if shape in (got, (*got, 1)):
        return f": the batch axis is missing. Pass {name}[None] for a single example."
    if len(got) == 4 and (*got[2:], got[1]) == shape:
        return f": the channels stand first. Pass {name}.transpose(0, 2, 3, 1)."
    if len(got) == len(shape) + 1:
        return f". Resize the examples, or build the model with input_shape={got[1:]}."
    if int(np.prod(got[1:])) == int(np.prod(shape)):
        return f". Pass {name}.reshape({', '.join(map(str, (-1, *shape)))})."
    return f". Bring each example to the shape {shape}, or change the model's input_shape."


def require_finite(array: Array, name: str, owner: str) -> None:
    """Raise DataError at the first NaN or infinity, if config.check_inputs() says to look."""
    if not config.check_inputs() or array.dtype.kind != "f":
        return
    for start in range(0, len(array), _BLOCK):
        finite = np.isfinite(array[start : start + _BLOCK])
        if finite.all():
            continue
        row, *rest = (int(place) for place in np.argwhere(~finite)[0])
        where = (start + row, *rest)
        raise DataError(
            f"{owner}: expected finite numbers, received {array[where]} at "
            f"{name}[{', '.join(map(str, where))}]. Remove or repair that row."
        )
