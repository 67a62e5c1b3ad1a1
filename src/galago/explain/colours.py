"""Numbers as colours, maps as tiles of one picture, pictures as PNG: without any other library."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from galago.markup import text
from galago.windows import Region

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
#: So many colours, with what lies between tiles and with NaN's grey, fit into a byte.
_STEPS = 253
#: What lies between tiles.
_GAP = (255, 255, 255)
#: Of a frame that is seen on greys and on inferno.
FRAME = "#00c8ff"


def inferno(shares: Array) -> Pixels:
    """Return colours (..., 3) for shares from 0, black, to 1, pale yellow; NaN is grey.

    There are 254 of them, so that a picture needs a byte a pixel.

    >>> inferno(np.array([0.0, 1.0, np.nan])).tolist()
    [[0, 0, 4], [252, 255, 164], [128, 128, 128]]
    """
    known = np.where(np.isfinite(shares), shares, 0.0)
    at = np.rint(np.clip(known, 0.0, 1.0) * _STEPS) / _STEPS * (len(_INFERNO) - 1)
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


def tiled(maps: Array, *, each: bool = False, gap: int = 1, most: int | None = None) -> Pixels:
    """Return all channels of (height, width, channels) side by side, as colours (h, w, 3).

    One scale of colours goes for all maps, or each map has its own. They stand row by row, about as
    many across as down, with `gap` white pixels between them. Where the whole would be larger than
    `most` pixels in a direction, neighbouring numbers of a map become their mean.
    """
    height, width, count = maps.shape
    columns = min(max(math.ceil(math.sqrt(count * height / width)), 1), count)
    rows = -(-count // columns)
    if most is not None:
        maps = shrunk(maps, -(-max(rows * height, columns * width) // most))
        height, width, _ = maps.shape
    down, across = height + gap, width + gap
    whole = np.full((rows * down - gap, columns * across - gap, 3), _GAP, np.uint8)
    of_all = None if each else shares(maps)
    for channel in range(count):
        one = shares(maps[..., channel]) if of_all is None else of_all[..., channel]
        top, left = channel // columns * down, channel % columns * across
        whole[top : top + height, left : left + width] = inferno(one)
    return whole


def shrunk(maps: Array, factor: int) -> Array:
    """Return means of factor x factor neighbours of (height, width, channels), fewer at the end.

    >>> shrunk(np.array([[[1.0], [3.0], [5.0]]]), 2)[..., 0].tolist()
    [[2.0, 5.0]]
    """
    if factor == 1:
        return maps
    means = maps.astype(np.float64)
    for axis in (0, 1):
        starts = np.arange(0, maps.shape[axis], factor)
        counts = np.diff([*starts, maps.shape[axis]])
        means = np.add.reduceat(means, starts, axis=axis)
        means /= np.expand_dims(counts, [n for n in range(3) if n != axis])
    return np.rint(means).astype(np.uint8) if maps.dtype == np.uint8 else means


def picture(image: Array) -> Pixels:
    """Return an example as it looks, in colours or greys, as (h, w, 3).

    Bytes of three channels stay as they are; other numbers become shares of the way from the
    lowest to the highest. What is not finite is in the middle.
    """
    colours = image.shape[-1] == 3
    if colours and image.dtype == np.uint8:
        return image.astype(np.uint8)
    found = shares(image if colours else image[..., :1])
    scaled = np.rint(255.0 * np.where(np.isfinite(found), np.clip(found, 0.0, 1.0), 0.5))
    return np.broadcast_to(scaled, (*image.shape[:2], 3)).astype(np.uint8)


def png(pixels: Pixels) -> bytes:
    """Return colours (height, width, 3) as a PNG file (W3C, Portable Network Graphics).

    Up to 256 of them are numbered, which takes a third of the room.

    >>> png(np.zeros((2, 2, 3), np.uint8))[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    height, width = pixels.shape[:2]
    whole = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    colours, places = np.unique(whole, return_inverse=True)
    few = len(colours) <= 256
    samples = places if few else pixels
    lines = np.zeros((height, 1 + width * (1 if few else 3)), np.uint8)  # no filter: 0 in front
    lines[:, 1:] = samples.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 3 if few else 2, 0, 0, 0)
    chunks = [(b"IHDR", header)]
    if few:
        palette = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1)
        chunks.append((b"PLTE", palette.astype(np.uint8).tobytes()))
    chunks += [(b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def data_address(pixels: Pixels) -> str:
    """Return colours as an address that a page shows without loading anything."""
    return f"data:image/png;base64,{base64.b64encode(png(pixels)).decode()}"


def framed(pixels: Pixels, region: Region, side: int, title: str) -> str:
    """Return a picture of at most `side` pixels in HTML, a region of it framed."""
    height, width = pixels.shape[:2]
    (top, bottom), (left, right), *_ = region
    scale = side / max(height, width)
    frame = (
        f'<rect x="{left * scale:.1f}" y="{top * scale:.1f}" '
        f'width="{(right - left) * scale:.1f}" height="{(bottom - top) * scale:.1f}" '
        f'fill="none" stroke="{FRAME}" stroke-width="2"/>'
    )
    size = f'width="{width * scale:.1f}" height="{height * scale:.1f}"'
    image = f'<image {size} style="image-rendering:pixelated" href="{data_address(pixels)}"/>'
    return (
        f'<figure style="margin:4px 12px 4px 0"><svg xmlns="http://www.w3.org/2000/svg" {size}>'
        f"{image}{frame}</svg><figcaption>{text(title)}</figcaption></figure>"
    )


def framed_axes(axes: Axes, pixels: Pixels, region: Region, title: str) -> None:
    """Draw a picture into a part of a figure, a region of it framed."""
    axes.imshow(pixels)
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=9)
    frame_axes(axes, region)


def frame_axes(axes: Axes, region: Region) -> None:
    """Draw a line around a region of a picture in a figure."""
    (top, bottom), (left, right), *_ = region
    columns, rows = [left, right, right, left, left], [top, top, bottom, bottom, top]
    axes.plot([n - 0.5 for n in columns], [n - 0.5 for n in rows], color=FRAME)
