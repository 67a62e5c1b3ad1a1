"""One pixel of a filtered picture, explained down to its products."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from galago.checks import whole
from galago.errors import ArgumentError, DataError
from galago.figures import Drawn, new_figure
from galago.filters import Filter
from galago.image.convolution import BORDERS, convolve, limits_of, oriented
from galago.image.pictures import Array, as_picture
from galago.image.tables import drawn_numbers, number, number_table, row_of_tables
from galago.registry import look_up

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_OWNER = "explain_pixel"
#: How numpy.pad calls what lies around a picture.
_PADS = {"zero": "constant", "reflect": "reflect"}


@dataclass(frozen=True, eq=False, repr=False)
class PixelExplanation(Drawn):
    """How a filter makes a number of the patch around a pixel; printable, and HTML in notebooks.

    Attributes:
        row, col: the pixel, counted from 0
        channel: of a colour picture, else None
        patch: the pixels under the filter, (height, width), float64
        filter: what they are multiplied by
        weight, clamp: what the sum is multiplied by and limited to
        value: what `convolve` gives there

    >>> explain_pixel([[1, 2], [3, 4]], [[1, 1]], 0, 0).products.tolist()
    [[1.0, 2.0]]
    """

    row: int
    col: int
    channel: int | None
    patch: Filter
    filter: Filter
    weight: float
    clamp: tuple[float, float] | None
    value: float

    @property
    def products(self) -> Filter:
        """What each pixel of the patch contributes."""
        return self.patch * self.filter

    @property
    def sum(self) -> float:
        """The sum of the products."""
        return float(self.products.sum())

    @property
    def pixel(self) -> float:
        """The number that the picture has there."""
        height, width = self.patch.shape
        return float(self.patch[(height - 1) // 2, (width - 1) // 2])

    def __str__(self) -> str:
        lines = [f"Pixel {self.place} is {number(self.pixel)}. Its new value:"]
        for row, (pixels, weights) in enumerate(zip(self.patch, self.filter, strict=True)):
            terms = [
                f"({number(weight)} * {number(pixel)})"
                for pixel, weight in zip(pixels, weights, strict=True)
            ]
            lines.append(f"{'+' if row else ' '} {' + '.join(terms)}")
        first, *more = self.steps()
        return "\n".join([*lines, f"= {first}", *(f"  then {step}" for step in more)])

    @property
    def place(self) -> str:
        """Where the pixel is, in words: "(row 1, column 2, channel 0)"."""
        channel = "" if self.channel is None else f", channel {self.channel}"
        return f"(row {self.row}, column {self.col}{channel})"

    def steps(self) -> list[str]:
        """What becomes of the products: their sum, times the weight, limited, stored as a byte."""
        found, value = [number(self.sum)], self.sum * self.weight
        if self.weight != 1:
            found.append(f"{number(value)} (times the weight {number(self.weight)})")
        if self.clamp is not None:
            low, high = self.clamp
            limited = min(max(value, low), high)
            if limited != value:
                found.append(f"{number(limited)} (limited to {number(low)} to {number(high)})")
            if self.value == math.trunc(limited) and number(limited) != number(self.value):
                found.append(f"{number(self.value)} (a byte: digits behind the point are cut off)")
        return found

    def _repr_html_(self) -> str:
        low, high = float(self.patch.min()), float(self.patch.max())
        tables = [
            number_table(self.patch, "patch", low=min(low, 0.0), high=max(high, 1.0)),
            "&times;",
            number_table(self.filter, "filter"),
            "=",
            number_table(self.products, "products"),
            "&rarr;",
            "<br>then ".join(self.steps()),
        ]
        return row_of_tables(f"Pixel {self.place}", tables)

    def plot(self) -> Figure:
        """Draw patch, filter and products as a matplotlib figure. Raises MissingPackageError."""
        figure = new_figure(9, 3.4)
        greys = {
            "low": min(float(self.patch.min()), 0.0),
            "high": max(float(self.patch.max()), 1.0),
        }
        patch, filter, products = figure.subplots(1, 3)
        drawn_numbers(patch, self.patch, "patch", **greys)
        drawn_numbers(filter, self.filter, "filter")
        drawn_numbers(products, self.products, "products")
        figure.suptitle(f"Pixel {self.place}: {', then '.join(self.steps())}")
        return figure


def explain_pixel(
    image: npt.ArrayLike,
    filter: str | npt.ArrayLike,
    row: int,
    col: int,
    *,
    channel: int | None = None,
    convention: str = "correlation",
    border: str = "valid",
    weight: float = 1.0,
    clamp: tuple[float, float] | None = None,
) -> PixelExplanation:
    """Return how a filter makes a new value for the pixel (row, col) of a picture.

    The filter lies with its middle on the pixel. With a border of "valid" or "keep" it must lie on
    the picture.

    Arguments:
        image, filter: as of convolve()
        row, col: the pixel of the picture, counted from 0
        channel: which one of a colour picture
        convention, border, weight, clamp: as of convolve()
    Raises ArgumentError, DataError.

    >>> patch = [[0, 64, 128], [48, 192, 144], [142, 226, 168]]
    >>> print(explain_pixel(patch, [[-1, 0, -2], [0.5, 4.5, -1.5], [1.5, 2, -3]], 1, 1))
    Pixel (row 1, column 1) is 192. Its new value:
      (-1 * 0) + (0 * 64) + (-2 * 128)
    + (0.5 * 48) + (4.5 * 192) + (-1.5 * 144)
    + (1.5 * 142) + (2 * 226) + (-3 * 168)
    = 577
    """
    picture = as_picture(image, "explain_pixel")
    plane = _plane(picture, channel, np.ndim(image) == 3)
    place = _place(plane, row, col)
    table = oriented(filter, convention)
    patch = _patch(plane, table, place, border)
    value = convolve(patch.astype(plane.dtype), table, weight=weight, clamp=clamp)
    return PixelExplanation(
        row=place[0],
        col=place[1],
        channel=channel if picture.shape[2] > 1 else None,
        patch=patch.astype(np.float64),
        filter=table,
        weight=float(weight),
        clamp=None if clamp is None else limits_of(clamp),
        value=float(value[0, 0]),
    )


def _plane(picture: Array, channel: int | None, colour: bool) -> Array:
    count = picture.shape[2]
    if channel is None and count == 1:
        return picture[..., 0]
    wanted = -1 if channel is None else whole(channel, "channel", _OWNER, minimum=0)
    if not (colour and 0 <= wanted < count):
        raise ArgumentError(
            f"{_OWNER}: expected a channel from 0 to {count - 1} for a picture of {count}, "
            f"received channel={channel!r}. A filter works on each channel by itself; name one."
        )
    return picture[..., wanted]


def _place(plane: Array, row: int, col: int) -> tuple[int, int]:
    height, width = plane.shape
    place = whole(row, "row", _OWNER, minimum=0), whole(col, "col", _OWNER, minimum=0)
    if place[0] >= height or place[1] >= width:
        raise ArgumentError(
            f"{_OWNER}: expected a pixel of a picture of {height} x {width}, received row {row}, "
            f"column {col}. Rows go from 0 to {height - 1}, columns from 0 to {width - 1}."
        )
    return place


def _patch(plane: Array, table: Filter, place: tuple[int, int], border: str) -> Array:
    """What of a picture, and of its border, lies under a filter."""
    outside = look_up(BORDERS, border, kind="border", owner=_OWNER)
    before = [(size - 1) // 2 for size in table.shape]
    after = [size // 2 for size in table.shape]
    lies_on = all(
        start >= less and start + more < size
        for start, less, more, size in zip(place, before, after, plane.shape, strict=True)
    )
    if outside == "valid" and not lies_on:
        raise ArgumentError(
            f"{_OWNER}: a filter of {table.shape[0]}x{table.shape[1]} at row {place[0]}, column "
            f"{place[1]} reaches outside of the picture of {plane.shape[0]} x {plane.shape[1]}. "
            "Take a pixel further inside, or border='same' or 'reflect'."
        )
    if outside == "reflect" and any(more >= n for more, n in zip(after, plane.shape, strict=True)):
        raise DataError(
            f"{_OWNER}: the mirror image of a picture of {plane.shape[0]} x {plane.shape[1]} is "
            f"too small for a filter of {table.shape[0]}x{table.shape[1]}. Use border='same'."
        )
    around = list(zip(before, after, strict=True))
    mode: Any = _PADS.get(outside)
    padded = np.pad(plane, around, mode=mode) if mode else plane
    top, left = place if mode else (place[0] - before[0], place[1] - before[1])
    found: Array = padded[top : top + table.shape[0], left : left + table.shape[1]]
    return found
