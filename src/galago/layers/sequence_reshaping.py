"""Sequences made longer or shorter: what reshaping.py has for images, over images of one row."""

from __future__ import annotations

from typing import Any, Unpack

from galago.checks import MOST_SIZE, whole
from galago.errors import ArgumentError, ShapeError
from galago.graph import Attribute
from galago.layers.base import LayerOptions
from galago.layers.sequences import OneRow, sequence_sizes
from galago.shapes import Pair, Shape


class ZeroPadding1D(OneRow):
    """Zeros before and after the steps of a sequence.

    Arguments:
        padding: how many steps of zeros: one int for both ends, or (first, last)
    Raises ArgumentError and, at the input, ShapeError.

    >>> ZeroPadding1D((2, 1)).compute_output_shape((None, 10, 4))
    (None, 13, 4)
    """

    op = "pad"

    def __init__(self, padding: int | Pair = 1, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.padding = _ends(padding, "padding", self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return (steps, channels) with the zeros."""
        steps, channels = sequence_sizes(self, shape)
        return (steps + sum(self.padding), channels)

    def _row_attributes(self, shape: Shape) -> dict[str, Attribute]:
        """Return the border, if there is one."""
        return {"padding": (0, 0, *self.padding)} if any(self.padding) else {}


class Cropping1D(OneRow):
    """Sequences without some of their first and last steps.

    Arguments:
        cropping: how many steps to take away: one int for both ends, or (first, last)
    Raises ArgumentError and, at the input, ShapeError.

    >>> Cropping1D((2, 1)).compute_output_shape((None, 10, 4))
    (None, 7, 4)
    """

    op = "crop"

    def __init__(self, cropping: int | Pair = (1, 1), **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.cropping = _ends(cropping, "cropping", self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return (steps, channels) without the ends."""
        steps, channels = sequence_sizes(self, shape)
        left = steps - sum(self.cropping)
        if left < 1:
            raise ShapeError(
                f"{self.label}: expected sequences of more than {sum(self.cropping)} steps, which "
                f"cropping {self.cropping} takes away, received {shape}. Crop less."
            )
        return (left, channels)

    def _row_attributes(self, shape: Shape) -> dict[str, Attribute]:
        """Return what is taken away, if anything is."""
        return {"padding": (0, 0, *self.cropping)} if any(self.cropping) else {}


class UpSampling1D(OneRow):
    """Longer sequences: each step is repeated.

    Arguments:
        size: how many times as long
    Raises ArgumentError and, at the input, ShapeError.

    >>> UpSampling1D(3).compute_output_shape((None, 10, 4))
    (None, 30, 4)
    """

    op = "upsample"

    def __init__(self, size: int = 2, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.size = whole(size, "size", self.label, maximum=MOST_SIZE)

    def infer(self, shape: Shape) -> Shape:
        """Return (steps, channels) times the size."""
        steps, channels = sequence_sizes(self, shape)
        return (steps * self.size, channels)

    def _row_attributes(self, shape: Shape) -> dict[str, Attribute]:
        """Return the factors, unless they are 1."""
        return {"size": (1, self.size)} if self.size > 1 else {}


def _ends(given: Any, name: str, owner: str) -> Pair:
    """Return (first, last) out of one number of steps or two, or raise ArgumentError."""
    two = list(given) if isinstance(given, (tuple, list)) else [given, given]
    if len(two) != 2:
        raise ArgumentError(
            f"{owner}: {name} must be a whole number from 0 or a pair of them, (first, last), "
            f"received {given!r}. Pass for example {name}=1."
        )
    first, last = (whole(number, name, owner, minimum=0) for number in two)
    return first, last
