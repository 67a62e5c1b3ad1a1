"""What a model takes: the one way from what a user gives to examples for the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from galago.errors import ArgumentError, DataError
from galago.losses import Loss
from galago.shapes import Shape
from galago.training.adapters import Array, Examples, inputs, require_equal_lengths
from galago.training.labels import labels
from galago.training.several import spread

#: Labels where nobody reads them.
_NONE = np.empty(0)


class Given(NamedTuple):
    """Inputs, labels and the weight of each example, as a user gives them."""

    x: Any
    y: Any = None
    weights: Any = None


@dataclass(frozen=True)
class Format:
    """The shape of each input by its name and, where labels are read, how they look.

    `units` and `last_layer` ("Dense 'dense_1'") are those of the model's output.
    """

    shapes: Mapping[str, Shape]
    loss: Loss | None = None
    units: int = 0
    last_layer: str = ""
    class_weight: Mapping[int, float] | None = None

    @property
    def validating(self) -> Format:
        """The same without class weights, which count in training only."""
        return replace(self, class_weight=None)

    def examples(self, given: Given, owner: str, kind: str = "") -> Examples:
        """Return what was given, checked. Raises DataError; `owner` and `kind` are for it."""
        x = self._inputs(given.x, f"{kind}x", owner)
        if self.loss is None:
            return Examples(x, _NONE)
        y = labels(given.y, self.loss, self.units, self.last_layer, f"{kind}y", owner)
        examples = Examples(x, y)
        require_equal_lengths(examples, f"{kind}x and {kind}y", owner)
        if given.weights is not None or self.class_weight is not None:
            raise ArgumentError(
                f"{owner}: expected examples of equal weight, received "
                f"{'class_weight' if given.weights is None else f'{kind}sample_weight'}. Weights "
                "are not supported; leave them out."
            )
        return examples

    def _inputs(self, x: Any, name: str, owner: str) -> tuple[Array, ...]:
        parts = spread(x, list(self.shapes), name, owner)
        of = [name] if len(parts) == 1 else [f"{name} of {known!r}" for known in self.shapes]
        arrays = tuple(
            inputs(part, shape, what, owner)
            for part, shape, what in zip(parts, self.shapes.values(), of, strict=True)
        )
        rows = [len(array) for array in arrays]
        if len(set(rows)) > 1:
            raise DataError(
                f"{owner}: expected {name} to have equally many rows for every input, received "
                f"{rows} for {', '.join(map(repr, self.shapes))}. Pass one row of each for an "
                "example."
            )
        return arrays


def unpacked(batch: Any, owner: str) -> Given:
    """Return the parts of a batch: x, (x,), (x, y) or (x, y, sample_weight). Raises DataError."""
    if not isinstance(batch, (tuple, list)):
        return Given(batch)
    if not 1 <= len(batch) <= 3:
        raise DataError(
            f"{owner}: expected a batch as (x, y) or (x, y, sample_weight), received "
            f"{len(batch)} values. Yield one tuple for each batch."
        )
    return Given(*batch)
