"""Numbers as colours, maps as tiles of one picture, pictures as PNG: without any other library."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pixels = npt.NDArray[np.uint8]

#: "inferno" of matplotlib (Smith and van der Walt, 2015, CC0) at 17 places; between them it is
#: straight to 7 of 255.
_INFERNO = np.array(
    [
        (0, 0, 4),
        (11, 7, 36),
        (33, 12, 74),
        (61, 9, 101),
        (87, 16, 110),
        (113, 25, 110),
        (138, 34, 106),
        (163, 44, 97),
        (188, 55, 84),
        (210, 70, 68),
        (228, 90, 49),
        (241, 115, 29),
        (249, 142, 9),
        (252, 172, 17),
        (249, 203, 53),
        (242, 234, 105),
        (252, 255, 164),
    ],
    np.float64,
)
#: What lies between tiles.
_GAP = (255, 255, 255)


def inferno(shares: Array) -> Pixels:
    """Return colours (..., 3) for shares from 0, black, to 1, pale yellow; NaN is grey.

    >>> inferno(np.array([0.0, 1.0, np.nan])).tolist()
    [[0, 0, 4], [252, 255, 164], [128, 128, 128]]
    """
    known = np.where(np.isfinite(shares), shares, 0.0)
    at = np.clip(known, 0.0, 1.0) * (len(_INFERNO) - 1)
    first = np.minimum(at.astype(np.int64), len(_INFERNO) - 2)
    part = (at - first)[..., None]
    colours = np.rint(_INFERNO[first] * (1 - part) + _INFERNO[first + 1] * part)
    return np.where(np.isfinite(shares)[..., None], colours, 128).astype(np.uint8)


def shares(values: Array, low: float | None = None, high: float | None = None) -> Array:
    """Return numbers as shares of the way from the lowest to the highest; all 0 if they are equal.

    >>> shares(np.array([2.0, 4.0, 3.0])).tolist()
    [0.0, 1.0, 0.5]
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.full(values.shape, np.nan)
    low = float(finite.min()) if low is None else low
    high = float(finite.max()) if high is None else high
    return np.asarray((values.astype(np.float64) - low) / ((high - low) or 1.0))


def tiled(maps: Array, *, each: bool = False, gap: int = 1) -> Pixels:
    """Return all channels of (height, width, channels) side by side, as colours (h, w, 3).

    One scale of colours goes for all maps, or each map has its own. They stand row by row, about as
    many across as down, with `gap` white pixels between them.
    """
    height, width, count = maps.shape
    columns = min(max(math.ceil(math.sqrt(count * height / width)), 1), count)
    rows = -(-count // columns)
    down, across = height + gap, width + gap
    whole = np.full((rows * down - gap, columns * across - gap, 3), _GAP, np.uint8)
    of_all = None if each else shares(maps)
    for channel in range(count):
        one = shares(maps[..., channel]) if of_all is None else of_all[..., channel]
        top, left = channel // columns * down, channel % columns * across
        whole[top : top + height, left : left + width] = inferno(one)
    return whole


def picture(image: Array) -> Pixels:
    """Return an example as it looks: colours or greys, from 0 to 1 or to 255, as (h, w, 3)."""
    if image.shape[-1] == 3:
        scaled = image if image.dtype == np.uint8 else 255.0 * shares(image)
        return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    grey = np.rint(255.0 * shares(image[..., 0]))
    return np.repeat(grey[..., None], 3, axis=-1).astype(np.uint8)


def png(pixels: Pixels) -> bytes:
    """Return colours (height, width, 3) as a PNG file (W3C, Portable Network Graphics).

    >>> png(np.zeros((2, 2, 3), np.uint8))[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    height, width = pixels.shape[:2]
    lines = np.zeros((height, 1 + 3 * width), np.uint8)  # each begins with its filter: none
    lines[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def data_address(pixels: Pixels) -> str:
    """Return colours as an address that a page shows without loading anything."""
    return f"data:image/png;base64,{base64.b64encode(png(pixels)).decode()}"
