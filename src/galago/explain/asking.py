"""Many images asked a part at a time: memory stays small, and the user sees how far it is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from galago.data.progress import progress_of
from galago.errors import DataError
from galago.explain.probe import Array
from galago.layers import InputLayer, KerasTensor
from galago.models import Model

#: Numbers that are in memory at the same time, of inputs or of outputs.
AT_ONCE = 4_000_000


def as_batch(images: Any, model: Model) -> Array:
    """Return images in the model's shape, with the axis of the batch. Raises DataError.

    There may be one without it, and grey ones without the axis of channels.
    """
    x, shape = np.asarray(images), model.input_sizes
    for tail in (shape, shape[:-1] if shape[-1] == 1 else shape):
        if x.size and tail in (x.shape, x.shape[1:]):
            return x.reshape(-1, *shape)
    raise DataError(
        f"{model.label}: expected images of shape {shape}, one or a batch of them, received an "
        f"array of shape {x.shape}. Resize them first."
    )


def tensors_of(model: Model) -> dict[str, KerasTensor]:
    """Return what each layer gave in its last call, by its name; inputs are left out."""
    pairs = zip(model.layers, model.outputs_of_layers, strict=True)
    return {one.name: gave[0] for one, gave in pairs if not isinstance(one, InputLayer)}


def parts_of(count: int, numbers: int) -> list[slice]:
    """Return the places of `count` images in parts, where each of them needs so many numbers.

    >>> parts_of(5, AT_ONCE // 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    step = max(AT_ONCE // numbers, 1)
    return [slice(first, min(first + step, count)) for first in range(0, count, step)]


def in_parts(
    model: Model, outputs: Sequence[KerasTensor], x: Array, verbose: bool, what: str
) -> Iterator[tuple[slice, list[Array]]]:
    """Yield what a model gives on the way, for some images after the other, and their places.

    Arguments: the model and any of its tensors; its input; whether to show progress where it takes
    more than two seconds, and what is done in words.
    """
    asked = Model(model.inputs, list(outputs))
    numbers = sum(math.prod(tensor.sizes) for tensor in (*asked.inputs, *asked.outputs))
    with progress_of(len(x), verbose, what) as advance:
        for part in parts_of(len(x), numbers):
            found = asked.predict(x[part], verbose=0)
            yield part, list(found) if len(outputs) > 1 else [found]
            advance(part.stop - part.start)
