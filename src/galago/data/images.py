"""Picture files as arrays of one size, decoded by several threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from galago.data.pillow import COLOR_MODES, convert, open_image, require_pillow, upright_size
from galago.data.progress import progress_of
from galago.errors import DatasetError
from galago.shapes import Pair, Shape

if TYPE_CHECKING:
    from PIL.Image import Image

Pixels: TypeAlias = npt.NDArray[np.uint8]
#: A file, and why it cannot be read.
BadFile: TypeAlias = tuple[str, str]

#: Keras's name of an interpolation -> Pillow's. Its box is the mean over the area, its lanczos
#: reaches over three pixels.
INTERPOLATIONS = {
    "bilinear": "BILINEAR",
    "nearest": "NEAREST",
    "bicubic": "BICUBIC",
    "area": "BOX",
    "lanczos3": "LANCZOS",
}
#: How a picture comes to another aspect ratio.
STRETCH, CROP, PAD = "stretch", "crop", "pad"
#: Files that a message names; the rest is counted.
_NAMED = 20
#: What can be done about files that are no pictures.
_ADVICE = "Repair or remove them, or leave them out (skip_bad=True, galago ... --skip-bad)."


@dataclass(frozen=True)
class ImageForm:
    """What every picture is brought to: (height, width), colours, and how it gets there."""

    size: Pair
    color_mode: str = "rgb"
    interpolation: str = "bilinear"
    fit: str = STRETCH

    @property
    def shape(self) -> Shape:
        """Shape of a picture: (height, width, channels)."""
        return (*self.size, COLOR_MODES[self.color_mode][1])


def read_image(path: str, form: ImageForm) -> Pixels:
    """Return a picture as uint8 of form.shape. Raises DatasetError with the reason alone."""
    with open_image(path) as image:
        if form.interpolation != "nearest":
            # A JPEG of many times the size is decoded at a half, quarter or eighth of it, at
            # least twice as large as needed, which is several times as fast.
            longest = 2 * max(form.size)
            image.draft(None, (longest, longest))
        return _resized(convert(image, form.color_mode), form)


def read_images(
    paths: Sequence[str], form: ImageForm, *, verbose: bool = True, advice: str = _ADVICE
) -> Pixels:
    """Return all pictures as one array (n, height, width, channels), uint8.

    Shows progress if it takes more than two seconds and `verbose` says so. Raises DatasetError
    that names every file that cannot be read, with the advice at its end.
    """
    pixels = np.empty((len(paths), *form.shape), np.uint8)
    bad = _each(paths, lambda place, path: _store(pixels, place, path, form), verbose)
    if bad:
        raise bad_files(bad, advice)
    return pixels


def find_bad_files(paths: Sequence[str], form: ImageForm, *, verbose: bool = True) -> list[BadFile]:
    """Return the files that cannot be read, with the reasons. Every file is decoded for it."""
    return _each(paths, lambda _, path: read_image(path, form), verbose)


def image_sizes(paths: Sequence[str], *, verbose: bool = True) -> list[Pair]:
    """Return (height, width) of each picture, upright. Files that cannot be read have none."""
    found: list[Pair | None] = [None] * len(paths)

    def measure(place: int, path: str) -> None:
        with open_image(path) as image:
            found[place] = upright_size(image)

    _each(paths, measure, verbose)
    return [size for size in found if size is not None]


def bad_files(bad: Sequence[BadFile], advice: str = _ADVICE) -> DatasetError:
    """Return the error that names files that cannot be read."""
    many = f"{len(bad):,} files that are none" if len(bad) > 1 else "a file that is none"
    return DatasetError(f"Expected pictures, found {many}: {listed(bad)}. {advice}")


def listed(bad: Sequence[BadFile]) -> str:
    """Return files and reasons as text, the first ones if there are many.

    >>> listed([("a.png", "empty"), ("b.png", "damaged")])
    'a.png (empty); b.png (damaged)'
    """
    named = "; ".join(f"{path} ({reason})" for path, reason in bad[:_NAMED])
    return named + (f"; and {len(bad) - _NAMED:,} more" if len(bad) > _NAMED else "")


@contextmanager
def decoding_threads() -> Iterator[ThreadPoolExecutor]:
    """A thread for each usable core. Ctrl-C does not wait for files that nobody needs."""
    require_pillow()  # here, once, instead of in every thread
    executor = ThreadPoolExecutor(_usable_cores(), "galago-images")
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _each(paths: Sequence[str], work: Callable[[int, str], object], verbose: bool) -> list[BadFile]:
    """Do something with every file; return the bad ones, in order."""
    bad: list[BadFile] = []
    with (
        decoding_threads() as threads,
        progress_of(len(paths), verbose, "Reading images") as advance,
    ):
        futures: Iterable[Future[object]]
        futures = [threads.submit(work, place, path) for place, path in enumerate(paths)]
        for path, future in zip(paths, futures, strict=True):
            try:
                future.result()
            except DatasetError as error:
                bad.append((os.fspath(path), str(error)))
            advance()
    return bad


def _store(pixels: Pixels, place: int, path: str, form: ImageForm) -> None:
    pixels[place] = read_image(path, form)


def _resized(image: Image, form: ImageForm) -> Pixels:
    if form.fit == CROP:
        image = image.crop(crop_box(image.size, form.size))
    inner, (top, left) = form.size, (0, 0)
    if form.fit == PAD:
        inner, (top, left) = padded(image.size, form.size)
    if form.interpolation == "nearest":
        pixels = _nearest(np.asarray(image), inner)
    else:
        method = require_pillow().Resampling[INTERPOLATIONS[form.interpolation]]
        pixels = np.asarray(image.resize(inner[::-1], method))
    whole = np.zeros(form.shape, np.uint8)
    height, width = inner
    whole[top : top + height, left : left + width] = pixels.reshape(height, width, -1)
    return whole


def _nearest(pixels: Pixels, size: Pair) -> Pixels:
    """The pixel at each centre, which Pillow misses where a centre is on an edge."""
    rows, columns = (
        (2 * np.arange(wanted) + 1) * given // (2 * wanted)
        for wanted, given in zip(size, pixels.shape[:2], strict=True)
    )
    found: Pixels = pixels[rows[:, None], columns]
    return found


def crop_box(source: Pair, target: Pair) -> tuple[int, int, int, int]:
    """Return the largest part in the middle that has the target's aspect ratio, as Keras cuts it.

    Arguments: (width, height) of the picture, (height, width) wanted. The part is (left, top,
    right, bottom).

    >>> crop_box((340, 500), (200, 200))
    (0, 80, 340, 420)
    """
    width, height = source
    cut_height = max(min(height, width * target[0] // target[1]), 1)
    cut_width = max(min(width, height * target[1] // target[0]), 1)
    top, left = (height - cut_height) // 2, (width - cut_width) // 2
    return left, top, left + cut_width, top + cut_height


def padded(source: Pair, target: Pair) -> tuple[Pair, Pair]:
    """Return the size inside of black borders that keeps the aspect ratio, and where it begins.

    Arguments: (width, height) of the picture, (height, width) wanted. All results have the
    height first.

    >>> padded((50, 100), (20, 20))
    ((20, 10), (0, 5))
    """
    width, height = source
    ratio = max(width / target[1], height / target[0])
    inner = height / ratio, width / ratio
    size = tuple(max(int(side + 1e-6), 1) for side in inner)
    start = tuple(
        max(int((whole - side) / 2), 0) for whole, side in zip(target, inner, strict=True)
    )
    return (size[0], size[1]), (start[0], start[1])
