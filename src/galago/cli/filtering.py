"""Filters over picture files, for the command line."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.box import SIMPLE
from rich.table import Table

from galago import filters
from galago import image as pictures
from galago.cli.output import megabytes, printable, show
from galago.data.pillow import convert, open_image, require_pillow
from galago.errors import DatasetError
from galago.saving.durable import durable_writer

#: Modes of Pillow without colour: two tones, 8 bits, with transparency, 16 bits.
_GREY = ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "I;16N")
#: How a file's name ends -> what Pillow calls that format.
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".bmp": "BMP"}


def show_filters() -> None:
    """Print the filters of the bank and what they do."""
    table = Table(box=SIMPLE, header_style="bold", show_edge=False, pad_edge=False)
    table.add_column("Filter", no_wrap=True)
    table.add_column("Size", no_wrap=True)
    table.add_column("What it does")
    for name in filters.names():
        height, width = filters.get(name).shape
        table.add_row(filters.signature(name), f"{height} x {width}", filters.meaning(name))
    show(table)
    print("sobel, prewitt and scharr are short for those with _y, blur for gaussian.")


def run_filter(
    file: str,
    text: str,
    *,
    output: Path | None,
    explain: tuple[int, int] | None,
    pool: int,
    border: str,
    convention: str,
    weight: float,
    grey: bool,
) -> None:
    """Filter a picture, write it, and print what was done; explain a pixel."""
    settings: dict[str, Any] = {
        "border": border,
        "convention": convention,
        "weight": weight,
        "clamp": (0, 255),
    }
    table = filters.parse(text)
    picture = read(file, grey)
    if explain is not None:
        channels = range(picture.shape[2]) if picture.ndim == 3 else [None]
        for channel in channels:
            print(pictures.explain_pixel(picture, table, *explain, channel=channel, **settings))
    if output is None:
        return
    start = time.perf_counter()
    result = pictures.convolve(picture, table, **settings)
    if pool > 1:
        result = pictures.pool(result, pool)
    milliseconds = (time.perf_counter() - start) * 1e3
    write(result, output)
    what = f"a filter of {table.shape[0]} x {table.shape[1]}"
    what += f" and the largest of {pool} x {pool}" if pool > 1 else ""
    print(f"{sized(picture)}: {what} took {milliseconds:.3g} ms.")
    size = megabytes(output.stat().st_size)
    print(f"Saved to {printable(str(output))} ({size}): {sized(result)}.")


def read(file: str, grey: bool) -> npt.NDArray[np.uint8]:
    """Return a picture file, or the sample, as it is. Raises DatasetError that names the file."""
    if file == "sample":
        return pictures.sample()
    try:
        with open_image(file) as image:
            mode = "grayscale" if grey or image.mode in _GREY else "rgb"
            return np.asarray(convert(image, mode))
    except DatasetError as error:
        raise DatasetError(
            f"Expected a picture, found none: {printable(file)} ({error}). Name another file."
        ) from None


def write(picture: npt.NDArray[np.uint8], output: Path) -> None:
    """Write a picture whole or not at all, in the format that its name says."""
    data = io.BytesIO()
    require_pillow().fromarray(picture).save(data, _FORMATS[output.suffix.lower()], quality=95)
    with durable_writer(output) as file:
        file.write(data.getvalue())


def sized(picture: npt.NDArray[np.uint8]) -> str:
    """Return a picture's size in words.

    >>> sized(np.zeros((20, 30, 3), np.uint8)), sized(np.zeros((20, 30), np.uint8))
    ('20 x 30 in colour', '20 x 30')
    """
    return f"{picture.shape[0]} x {picture.shape[1]}{' in colour' if picture.ndim == 3 else ''}"
