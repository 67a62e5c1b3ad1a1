"""Filters that people know by name: small tables of numbers that a picture is multiplied by.

They are written as `galago.image.convolve` multiplies them by default, as networks do: without
being turned round. The first line of each says what it does to a picture.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from galago.checks import real, whole
from galago.elementary import cosine, exp
from galago.errors import ArgumentError
from galago.registry import look_up

__all__ = [
    "Filter",
    "box",
    "dct",
    "dog",
    "emboss",
    "gabor",
    "gaussian",
    "get",
    "identity",
    "laplacian",
    "meaning",
    "names",
    "outline",
    "parse",
    "prewitt_x",
    "prewitt_y",
    "scharr_x",
    "scharr_y",
    "sharpen",
    "signature",
    "sobel_x",
    "sobel_y",
]

#: Numbers of a filter, (height, width), float64.
Filter: TypeAlias = npt.NDArray[np.float64]

#: A name, perhaps with numbers behind it: gaussian, gabor(45, 6), dog(sigma=2).
_CALL = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(?:\(([^()]*)\))?\s*")


def _table(*rows: Sequence[float]) -> Filter:
    return np.array(rows, np.float64)


def identity() -> Filter:
    """Leave every pixel as it is.

    >>> identity()[1]
    array([0., 1., 0.])
    """
    return _table((0, 0, 0), (0, 1, 0), (0, 0, 0))


def sobel_x() -> Filter:
    """Find vertical edges: bright where it gets brighter to the right (Sobel and Feldman, 1968).

    >>> sobel_x()[1]
    array([-2.,  0.,  2.])
    """
    return _table((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))


def sobel_y() -> Filter:
    """Find horizontal edges: bright where it gets brighter downwards (Sobel and Feldman, 1968).

    >>> sobel_y()[0]
    array([-1., -2., -1.])
    """
    return _table((-1, -2, -1), (0, 0, 0), (1, 2, 1))


def prewitt_x() -> Filter:
    """Find vertical edges, all three rows alike (Prewitt, 1970).

    >>> prewitt_x()[0]
    array([-1.,  0.,  1.])
    """
    return _table((-1, 0, 1), (-1, 0, 1), (-1, 0, 1))


def prewitt_y() -> Filter:
    """Find horizontal edges, all three columns alike (Prewitt, 1970).

    >>> prewitt_y()[2]
    array([1., 1., 1.])
    """
    return _table((-1, -1, -1), (0, 0, 0), (1, 1, 1))


def scharr_x() -> Filter:
    """Find vertical edges, nearly the same for all angles of an edge (Scharr, 2000).

    >>> scharr_x()[1]
    array([-10.,   0.,  10.])
    """
    return _table((-3, 0, 3), (-10, 0, 10), (-3, 0, 3))


def scharr_y() -> Filter:
    """Find horizontal edges, nearly the same for all angles of an edge (Scharr, 2000).

    >>> scharr_y()[2]
    array([ 3., 10.,  3.])
    """
    return _table((-3, -10, -3), (0, 0, 0), (3, 10, 3))


def laplacian() -> Filter:
    """Find edges in all directions: how far a pixel lies below the mean of its four neighbours.

    >>> laplacian()[1]
    array([ 1., -4.,  1.])
    """
    return _table((0, 1, 0), (1, -4, 1), (0, 1, 0))


def outline() -> Filter:
    """Draw outlines: how far a pixel lies above its eight neighbours.

    >>> outline()[1]
    array([-1.,  8., -1.])
    """
    return _table((-1, -1, -1), (-1, 8, -1), (-1, -1, -1))


def sharpen() -> Filter:
    """Sharpen: the picture and its edges added.

    >>> sharpen()[1]
    array([-1.,  5., -1.])
    """
    return _table((0, -1, 0), (-1, 5, -1), (0, -1, 0))


def emboss() -> Filter:
    """Show the picture as a relief, lit from the lower right.

    >>> emboss()[0]
    array([-2., -1.,  0.])
    """
    return _table((-2, -1, 0), (-1, 1, 1), (0, 1, 2))


def box(size: int = 3) -> Filter:
    """Blur: the mean of size x size pixels.

    Raises ArgumentError for a size below 1.

    >>> float(box(2)[0, 0])
    0.25
    """
    size = whole(size, "size", "box filter")
    return np.full((size, size), 1.0 / size**2)


def gaussian(size: int = 3, sigma: float | None = None) -> Filter:
    """Blur softly: the nearer a pixel, the more it counts.

    It has `size` x `size` weights. Without `sigma`, in pixels, they are binomial: 1 2 1 for three
    pixels, in both directions, which is the blur of most textbooks. Raises ArgumentError.

    >>> gaussian() * 16
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    size = whole(size, "size", "gaussian filter")
    if sigma is None:
        weights = np.array([math.comb(size - 1, place) for place in range(size)], np.float64)
    else:
        width = real(sigma, "sigma", "gaussian filter", low=1e-3)
        places = np.arange(size) - (size - 1) / 2
        weights = np.array([exp(-(float(place) ** 2) / (2 * width**2)) for place in places])
    weights /= math.fsum(weights)
    return np.outer(weights, weights)


def dog(sigma: float = 1.0, ratio: float = 1.6, size: int | None = None) -> Filter:
    """Find spots: a narrow blur less a wide one, of sigma and ratio * sigma pixels.

    With a ratio of 1.6 it is close to the Laplacian of a blurred picture (Marr and Hildreth, 1980).
    `size` is 2 * ceil(3 * ratio * sigma) + 1 unless given. Raises ArgumentError.

    >>> dog(0.5).shape, bool(abs(dog(0.5).sum()) < 1e-12)
    ((7, 7), True)
    """
    narrow = real(sigma, "sigma", "dog filter", low=0.1, high=100)
    wide = narrow * real(ratio, "ratio", "dog filter", low=1.01, high=100)
    size = 2 * math.ceil(3 * wide) + 1 if size is None else size
    return gaussian(size, narrow) - gaussian(size, wide)


def gabor(
    theta: float = 0.0,
    wavelength: float = 4.0,
    size: int | None = None,
    sigma: float | None = None,
    phase: float = 0.0,
) -> Filter:
    """Find stripes of one width and direction, as cells at the start of the visual cortex do.

    A cosine wave of `wavelength` pixels that runs in direction `theta` (degrees, 0 to the right, 90
    down), so it answers to stripes across that; under a bell of `sigma` pixels (half the wavelength
    unless given); `phase` in degrees, -90 for edges instead of stripes. `size` is
    2 * ceil(2 * sigma) + 1 unless given. The mean is taken off, so that a grey wall gives 0.
    Raises ArgumentError.

    >>> gabor(theta=90, wavelength=3).shape
    (7, 7)
    """
    angle = real(theta, "theta", "gabor filter")
    length = real(wavelength, "wavelength", "gabor filter", low=0.5, high=1000)
    shift = real(phase, "phase", "gabor filter")
    width = length / 2 if sigma is None else real(sigma, "sigma", "gabor filter", low=0.1, high=1e3)
    size = 2 * math.ceil(2 * width) + 1 if size is None else whole(size, "size", "gabor filter")
    down, right = cosine(angle - 90), cosine(angle)
    middle = (size - 1) / 2
    wave = np.array(
        [
            [cosine(360 * ((x * right + y * down) / length) + shift) for x in places]
            for places in [np.arange(size) - middle]
            for y in places
        ]
    )
    bell = gaussian(size, width)
    return np.asarray(bell * (wave - math.fsum((bell * wave).ravel())))


def dct(row: int = 0, col: int = 1, size: int = 3) -> Filter:
    """Measure one wave of the cosine transform that JPEG writes pictures in.

    The wave has `row` half turns downwards and `col` to the right, 0 to size - 1; the size x size
    filters of a size are orthonormal. Raises ArgumentError.

    >>> bool(abs((dct(1, 2, 8) ** 2).sum() - 1) < 1e-12)
    True
    """
    size = whole(size, "size", "dct filter")
    waves = []
    for name, number in (("row", row), ("col", col)):
        turns = whole(number, name, "dct filter", minimum=0)
        if turns >= size:
            raise ArgumentError(
                f"dct filter: {name} must be below its size {size}, received {turns}. A filter of "
                f"{size} places has waves 0 to {size - 1}."
            )
        steps = 90 * turns / size
        wave = np.array([cosine(steps * (2 * place + 1)) for place in range(size)])
        waves.append(wave / math.sqrt(size if turns == 0 else size / 2))
    return np.outer(*waves)


_BANK: Mapping[str, Callable[..., Filter]] = {
    made.__name__: made
    for made in (
        identity,
        sobel_x,
        sobel_y,
        prewitt_x,
        prewitt_y,
        scharr_x,
        scharr_y,
        laplacian,
        outline,
        sharpen,
        emboss,
        box,
        gaussian,
        dog,
        gabor,
        dct,
    )
}
#: Names without a direction are those of the course: horizontal lines.
_ALIASES = {"sobel": "sobel_y", "prewitt": "prewitt_y", "scharr": "scharr_y", "blur": "gaussian"}
_ALL = {**_BANK, **{alias: _BANK[name] for alias, name in _ALIASES.items()}}


def names() -> list[str]:
    """Return the names of the bank; "sobel", "prewitt", "scharr" and "blur" are short forms.

    >>> names()[:3]
    ['identity', 'sobel_x', 'sobel_y']
    """
    return list(_BANK)


def meaning(name: str) -> str:
    """Return in a line what a filter of the bank does. Raises UnknownNameError.

    >>> meaning("sharpen")
    'Sharpen: the picture and its edges added.'
    """
    made = look_up(_ALL, name, kind="filter")
    return (made.__doc__ or "").partition("\n")[0]


def signature(name: str) -> str:
    """Return how a filter of the bank is written. Raises UnknownNameError.

    >>> signature("box"), signature("sharpen")
    ('box(size)', 'sharpen')
    """
    made = look_up(_ALL, name, kind="filter")
    arguments = ", ".join(inspect.signature(made).parameters)
    return f"{name}({arguments})" if arguments else name


def get(filter: str | npt.ArrayLike) -> Filter:
    """Return a filter by name, by a name with numbers, or out of a table, as float64.

    Raises UnknownNameError, or ArgumentError if it is no table of finite numbers.

    >>> get("sobel")[0]
    array([-1., -2., -1.])
    >>> get("gaussian(5)").shape
    (5, 5)
    >>> get([[1, -1]])
    array([[ 1., -1.]])
    """
    if isinstance(filter, str):
        return _called(filter)
    try:
        values = np.array(filter, np.float64)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.ndim != 2 or not values.size or not np.isfinite(values).all():
        raise ArgumentError(
            "filter: expected a name, or rows of finite numbers of one length, received "
            f"{filter!r:.80}. Write for example 'sobel', or [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]."
        )
    return values


def parse(text: str) -> Filter:
    """Return the filter that a text means: a name, or rows of numbers between semicolons.

    Raises UnknownNameError or ArgumentError.

    >>> parse("1 0 -1; 2 0 -2; 1 0 -1")[1]
    array([ 2.,  0., -2.])
    >>> parse("box(5)").shape
    (5, 5)
    """
    if _CALL.fullmatch(text):
        return get(text)
    try:
        rows = [[float(n) for n in re.split(r"[\s,]+", row.strip())] for row in text.split(";")]
    except ValueError:
        rows = []
    if not rows or len({len(row) for row in rows}) > 1:
        raise ArgumentError(
            f"filter: expected a name, or rows of as many numbers between semicolons, received "
            f"{text!r}. Write for example 'sobel', 'gaussian(5)' or '0 1 0; 1 -4 1; 0 1 0'."
        )
    return get(rows)


def _called(text: str) -> Filter:
    found = _CALL.fullmatch(text)
    name, words = found.groups() if found else (text, None)
    made = look_up(_ALL, name, kind="filter")
    plain: list[float] = []
    named: dict[str, float] = {}
    try:
        for part in words.split(",") if words and words.strip() else []:
            argument, equals, number = part.rpartition("=")
            if equals:
                named[argument.strip()] = _number(number)
            else:
                plain.append(_number(number))
        return made(*plain, **named)
    except ArgumentError:
        raise
    except (TypeError, ValueError):
        takes = f"write it {signature(name)}, with numbers"
        raise ArgumentError(
            f"filter: expected {name} with what it takes, received {text!r}; {takes}."
        ) from None


def _number(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() else number
