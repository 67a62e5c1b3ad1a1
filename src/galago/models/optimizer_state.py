"""The state of an optimizer as the versions of Keras put it into files, in Galago's order.

Source: keras/src/optimizers/nadam.py and base_optimizer.py, 3.0 to 3.15.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from galago.models.model import Model
from galago.shapes import Shape


class Array(Protocol):
    """What is asked of the arrays of a file before they are read."""

    @property
    def shape(self) -> Shape:
        """Sizes."""


A = TypeVar("A", bound=Array)


def in_order(model: Model, stored: Sequence[A]) -> list[A] | None:
    """Return a file's arrays as set_optimizer_state() takes them, if they are those of the model.

    None if the optimizer had not met the weights when it was saved.
    """
    optimizer, arrays = model.optimizer, list(stored)
    first = 1 if optimizer.scheduled else 2  # the step, and the rate where no schedule says it
    if len(arrays) == first and optimizer.slots:
        return None
    # Before 3.10 Nadam's product stood before the moments, which are of weights and so have axes.
    if optimizer.has_product and len(arrays) > first and not arrays[first].shape:
        arrays.append(arrays.pop(first))
    return _of_trained(model, arrays, first)


def _of_trained(model: Model, arrays: list[A], first: int) -> list[A]:
    """The arrays without those of frozen layers, of which Keras 3.0 kept some too."""
    optimizer = model.optimizer
    met = [v for layer in model.leaves for v in layer.weights if v.trainable]
    last = first + optimizer.slots * len(met)
    if len(arrays) != last + optimizer.has_product:
        return arrays
    kept = {id(variable) for variable in model.trainable_weights}
    moments = [v for group in optimizer.stored_moments() for v in met for _ in group]
    chosen = [a for a, v in zip(arrays[first:last], moments, strict=True) if id(v) in kept]
    return [*arrays[:first], *chosen, *arrays[last:]]
