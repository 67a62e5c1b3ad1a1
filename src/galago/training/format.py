"""What a model takes: the one way from what a user gives to examples for the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from galago.errors import ArgumentError, DataError
from galago.losses import Loss
from galago.shapes import Shape
from galago.training.adapters import Array, Examples, inputs, require_equal_lengths
from galago.training.labels import labels
from galago.training.several import spread
from galago.training.weights import class_weights, sample_weights


class Given(NamedTuple):
    """Inputs, labels and the weight of each example, as a user gives them."""

    x: Any
    y: Any = None
    weights: Any = None


class Labels(NamedTuple):
    """What an output's labels look like; without a loss nobody reads them.

    `layer` ("Dense 'dense_1'") is for messages.
    """

    name: str
    shape: Shape
    loss: Loss | None
    layer: str


@dataclass(frozen=True)
class Format:
    """The shape of each input by its name and, where labels are read, how they look."""

    shapes: Mapping[str, Shape]
    labels: Sequence[Labels] = ()
    class_weight: Mapping[int, float] | None = None

    @property
    def validating(self) -> Format:
        """The same without class weights, which count in training only."""
        return replace(self, class_weight=None)

    def examples(self, given: Given, owner: str, kind: str = "") -> Examples:
        """Return what was given, checked. Raises DataError; `owner` and `kind` are for it."""
        x = self.inputs(given.x, f"{kind}x", owner)
        if not self.labels:
            return Examples(x, ())
        y = self._targets(given.y, len(x[0]), f"{kind}y", owner)
        examples = Examples(x, y)
        require_equal_lengths(examples, f"{kind}x and {kind}y", owner)
        weights = self._weights(given.weights, examples, f"{kind}sample_weight", owner)
        return examples._replace(weights=weights)

    def inputs(self, x: Any, name: str, owner: str) -> tuple[Array, ...]:
        """Return the array of each input, checked. Raises DataError; the rest is for it."""
        if isinstance(x, np.ndarray) and len(self.shapes) == 1:  # most are, and it is quicker
            (shape,) = self.shapes.values()
            return (inputs(x, shape, name, owner),)
        parts = spread(x, list(self.shapes), name, owner)
        arrays = tuple(
            inputs(part, shape, _of(name, known, self.shapes), owner)
            for part, (known, shape) in zip(parts, self.shapes.items(), strict=True)
        )
        rows = [len(array) for array in arrays]
        if len(set(rows)) > 1:
            raise DataError(
                f"{owner}: expected {name} to have equally many rows for every input, received "
                f"{rows} for {', '.join(map(repr, self.shapes))}. Pass one row of each for an "
                "example."
            )
        return arrays

    def _targets(self, y: Any, rows: int, name: str, owner: str) -> tuple[Array, ...]:
        names = [output.name for output in self.labels]
        parts = spread(y, names, name, owner)
        return tuple(
            np.empty((rows, 0))
            if of.loss is None
            else labels(part, of.loss, of.shape, of.layer, _of(name, of.name, names), owner)
            for part, of in zip(parts, self.labels, strict=True)
        )

    def _weights(
        self, given: Any, examples: Examples, name: str, owner: str
    ) -> tuple[Array | None, ...] | None:
        if self.class_weight is not None:
            if given is not None:
                raise ArgumentError(
                    f"{owner}: expected class_weight or sample_weight, received both. Multiply "
                    "them into one sample_weight."
                )
            return (self._class_weights(examples.y, owner),)
        if given is None:
            return None
        names = [output.name for output in self.labels]
        for_all = not isinstance(given, (list, tuple, Mapping))
        parts = [given] * len(names) if for_all else spread(given, names, name, owner)
        return tuple(
            sample_weights(part, examples.rows, of.shape[:-1], _of(name, of.name, names), owner)
            for part, of in zip(parts, self.labels, strict=True)
        )

    def _class_weights(self, y: tuple[Array, ...], owner: str) -> Array:
        if len(self.labels) > 1:
            raise ArgumentError(
                f"{owner}: expected class_weight for a model with one output, received one with "
                f"{len(self.labels)}. Pass a sample_weight for each output."
            )
        of = self.labels[0]
        assert of.loss is not None
        return class_weights(self.class_weight, y[0], of.loss, of.shape[-1], owner)


def _of(name: str, part: str, parts: Any) -> str:
    """How messages call one of several arrays."""
    return name if len(parts) == 1 else f"{name} of {part!r}"


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
