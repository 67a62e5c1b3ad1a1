"""Layers that change the contrast and the brightness of images in training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from galago.checks import real
from galago.errors import ArgumentError
from galago.graph import Attribute, GraphBuilder
from galago.layers.base import LayerOptions
from galago.layers.random_transforms import Factor, RandomImageLayer, Range, factor_range
from galago.shapes import Shape


class _Toning(RandomImageLayer):
    """Base of layers whose results stay within a range of values."""

    def __init__(
        self, value_range: Sequence[float], seed: int | None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(seed, **options)
        self.value_range = self._values(value_range)

    def _tone(
        self, builder: GraphBuilder, source: int, shape: Shape, kind: str, drawn: Range
    ) -> int:
        """Append the operation."""
        attributes: dict[str, Attribute] = {
            "kind": kind,
            "range": drawn,
            "limits": self.value_range,
            "seed": self.engine_seed(builder),
        }
        return builder.add("random_tone", self.name, (source,), shape, attributes)

    def _values(self, given: Any) -> Range:
        two = list(given) if isinstance(given, (tuple, list)) else []
        if len(two) != 2:
            raise ArgumentError(
                f"{self.label}: value_range must be two numbers, the least and the most that a "
                f"pixel can be, received {given!r}. Pass (0, 255), or (0, 1) behind a Rescaling."
            )
        values = sorted(real(value, "value_range", self.label) for value in two)
        return values[0], values[1]


class RandomContrast(_Toning):
    """Moves each channel's values away from their mean in training, or towards it.

    The distance is multiplied by a factor that each image draws.

    Arguments:
        factor: from 0 to 1: between 1 - factor and 1 + factor, or (lower, upper) for 1 - lower and
            1 + upper
        value_range: what leaves it is set to its ends; (0, 255) for bytes
        seed: a whole number from 0, made from `set_seed` when None
    Raises ArgumentError and, at the input, ShapeError.

    >>> RandomContrast(0.2).factor
    (0.2, 0.2)
    """

    def __init__(
        self,
        factor: Factor,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(value_range, seed, **options)
        low, high = factor_range(factor, "factor", self.label, low=0.0)
        self.factor = (low, high) if isinstance(factor, (tuple, list)) else (high, high)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation."""
        drawn = (1.0 - self.factor[0], 1.0 + self.factor[1])
        return self._tone(builder, source, shape, "contrast", drawn)


class RandomBrightness(_Toning):
    """Adds to all values of an image in training what the image draws.

    Arguments:
        factor: the most to both sides in shares of value_range, from 0 to 1, or (least, most)
        value_range: what leaves it is set to its ends; (0, 255) for bytes
        seed: a whole number from 0, made from `set_seed` when None
    Raises ArgumentError and, at the input, ShapeError.

    >>> RandomBrightness(0.2).factor
    (-0.2, 0.2)
    """

    def __init__(
        self,
        factor: Factor,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(value_range, seed, **options)
        self.factor = factor_range(factor, "factor", self.label)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation."""
        extent = self.value_range[1] - self.value_range[0]
        drawn = (self.factor[0] * extent, self.factor[1] * extent)
        return self._tone(builder, source, shape, "brightness", drawn)
