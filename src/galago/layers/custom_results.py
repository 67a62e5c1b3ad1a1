"""What layers with code of their own return, checked before the engine takes it over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.errors import ShapeError
from galago.shapes import Shape
from galago.variables import Variable

Array = npt.NDArray[Any]

#: Numbers of an example.
_MOST_TRIED = 1 << 22


def checked_shape(said: Any, owner: str) -> Shape:
    """Return the output shape that a layer says, without the batch axis. Raises ShapeError.

    >>> checked_shape((None, 4, 4, 8), "Blur 'blur'")
    (4, 4, 8)
    """
    shape = tuple(said) if isinstance(said, (tuple, list)) else ()
    whole = all(type(size) is int and size > 0 for size in shape[1:])
    if not 2 <= len(shape) <= 4 or not whole:
        raise ShapeError(
            f"{owner}: expected an output shape of the batch and one to three sizes, such as "
            f"(None, 28, 28, 1), received {said!r}. Let call() and compute_output_shape() give one."
        )
    return shape[1:]


def require_small(shapes: Sequence[Shape], owner: str) -> None:
    """Raise ShapeError for inputs that a layer is not tried on, since a file may say any shape."""
    if sum(math.prod(shape) for shape in shapes) > _MOST_TRIED:
        raise ShapeError(
            f"{owner}: expected a compute_output_shape() for inputs of {list(shapes)}, received "
            f"none. Write it: call() is tried on at most {_MOST_TRIED:,} numbers."
        )


def checked_output(found: Any, shape: Shape, dtype: str, owner: str) -> Array:
    """Return what call() returned, in one piece. Raises ShapeError."""
    return _checked(found, shape, dtype, f"{owner}: expected call() to return")


def checked_gradients(
    found: Any, inputs: Sequence[Array], weights: Sequence[Variable], owner: str
) -> list[Array | None]:
    """Return the gradients of all inputs and weights that gradient() returned. Raises ShapeError.

    The second list has a place for each weight, None for those that no optimizer changes.
    """
    learning = [weight for weight in weights if weight.trainable]
    several = len(inputs) > 1
    if several and not learning and isinstance(found, tuple) and len(found) == len(inputs):
        found = list(found)
    parts = found if isinstance(found, tuple) else (found,)
    of_inputs = [*parts[:1]]
    if several and parts and isinstance(parts[0], (list, tuple)):
        of_inputs = list(parts[0])
    if len(parts) != 1 + len(learning) or len(of_inputs) != len(inputs):
        first = f"a list of the gradients of {len(inputs)} inputs" if several else "of the input"
        wanted = ", ".join([first, *(f"of {weight.name!r}" for weight in learning)])
        form = f"a tuple: the gradients {wanted}" if learning else f"the gradient: {first}"
        raise ShapeError(
            f"{owner}: expected gradient() to return {form}; received {_described(found)}."
        )
    dtype = str(inputs[0].dtype)
    start = f"{owner}: expected gradient() to return, for"
    all_inputs: list[Array | None] = [
        _checked(
            one, array.shape, dtype, f"{start} input {place}," if several else f"{start} the input,"
        )
        for place, (one, array) in enumerate(zip(of_inputs, inputs, strict=True))
    ]
    rest = iter(parts[1:])
    return all_inputs + [
        _checked(next(rest), weight.shape, dtype, f"{start} {weight.name!r},")
        if weight.trainable
        else None
        for weight in weights
    ]


def _checked(found: Any, shape: Shape, dtype: str, expected: str) -> Array:
    if isinstance(found, np.generic):
        found = np.asarray(found)
    if not isinstance(found, np.ndarray) or found.shape != shape:
        raise ShapeError(
            f"{expected} an array of shape {shape} as {dtype}; received {_described(found)}."
        )
    if str(found.dtype) != dtype:
        raise ShapeError(
            f"{expected} an array of {dtype}; received {found.dtype}. Write .astype(inputs.dtype) "
            "at its end, or look for a step that changes the type."
        )
    return np.ascontiguousarray(found).reshape(shape)


def _described(found: Any) -> str:
    if isinstance(found, np.ndarray):
        return f"one of shape {found.shape}"
    if isinstance(found, (list, tuple)):
        parts = [_described(part) for part in found]
        return f"a {type(found).__name__} of {len(found)}" + (
            f" ({'; '.join(parts)})" * bool(parts)
        )
    return f"a {type(found).__name__}" if found is not None else "None"
