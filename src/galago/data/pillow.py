"""Pillow, which only those need who read image files: opened with care, converted to 8 bits."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from galago.errors import DatasetError, FileFormatError, GalagoError, MissingPackageError
from galago.opening import open_file
from galago.registry import look_up

if TYPE_CHECKING:
    from PIL.Image import Image

#: What is decoded. Anything else, whatever its name ends in, is refused.
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP")
#: How the names of image files end, in any case.
SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
#: Pillow's own limit: a picture of 300 MB.
MOST_PIXELS = 89_478_485
#: Keras's name of a color mode -> Pillow's, and how many channels it has.
COLOR_MODES = {"rgb": ("RGB", 3), "grayscale": ("L", 1), "rgba": ("RGBA", 4)}
#: Modes of the 16-bit pictures that the formats above can hold.
_DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N")
#: The number of EXIF's orientation, and its values that exchange height and width.
_ORIENTATION, _TURNED = 0x0112, (5, 6, 7, 8)

Source = str | os.PathLike[str] | io.BytesIO


def require_pillow() -> Any:
    """Return the module PIL.Image. Raises MissingPackageError."""
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingPackageError(
            "Expected Pillow, which reads image files, but it is not installed. "
            "Run: pip install 'galago[images]', or pip install pillow."
        ) from error
    return Image


@contextmanager
def open_image(source: Source) -> Iterator[Image]:
    """Open a picture of the known formats; only its header has been read then.

    Of moving pictures it is the first frame. Raises DatasetError with the reason alone, for a
    caller that names the file: not a picture, damaged, too large.
    """
    library = require_pillow()
    too_large = library.DecompressionBombError, library.DecompressionBombWarning
    try:
        with (
            nullcontext(source) if isinstance(source, io.BytesIO) else open_file(source) as file,
            library.open(_Bytes(file), formats=FORMATS) as image,
        ):
            if image.width * image.height > MOST_PIXELS:
                raise DatasetError(_large(f"{image.width} x {image.height}"))
            yield image
    except FileFormatError as error:
        raise DatasetError(str(error).partition(": ")[2]) from None
    except (GalagoError, MemoryError):
        raise
    except library.UnidentifiedImageError:
        raise DatasetError(f"expected a {_either(FORMATS)} picture, found none") from None
    except too_large:
        raise DatasetError(_large("more")) from None
    except FileNotFoundError:
        raise DatasetError("the file does not exist") from None
    except Exception as error:  # decoders of damaged files raise almost anything
        raise DatasetError(f"it cannot be read: {error}") from None


class _Bytes:
    """A file that gives what it has: Pillow asks for as much as a picture says that it is."""

    def __init__(self, file: BinaryIO) -> None:
        self.seek, self.tell, self.close = file.seek, file.tell, file.close
        self._read = file.read
        place = file.tell()
        self._size = file.seek(0, os.SEEK_END)
        file.seek(place)

    def read(self, size: int = -1) -> bytes:
        left = max(self._size - self.tell(), 0)
        return self._read(left if size < 0 else min(size, left))


def convert(image: Image, color_mode: str) -> Image:
    """Decode a picture and return it upright, with 8 bits a channel, as "rgb", "rgba" or so.

    Of 16 bits the upper 8 count. Without an alpha channel in `color_mode`, transparency is
    dropped, as Keras drops it. Raises what decoders raise; see open_image().
    """
    from PIL import ImageOps

    mode, _ = look_up(COLOR_MODES, color_mode, kind="color_mode")
    if image.mode in _DEEP:
        high = np.asarray(image, np.int32) >> 8
        image = _with_exif(require_pillow().fromarray(high.astype(np.uint8)), image)
    upright = ImageOps.exif_transpose(image)
    if upright.mode == "P" and mode != "RGBA":  # whose transparent colour may be lost in between
        upright = upright.convert("RGBA")
    return upright if upright.mode == mode else upright.convert(mode)


def upright_size(image: Image) -> tuple[int, int]:
    """Return (height, width) as the picture is shown, from its header."""
    exif = require_pillow().Image.getexif(image)  # that of PNG would decode the picture for it
    turned = exif.get(_ORIENTATION, 1) in _TURNED
    return (image.width, image.height) if turned else (image.height, image.width)


def _with_exif(changed: Image, image: Image) -> Image:
    changed.info["exif"] = image.getexif().tobytes()
    return changed


def _large(size: str) -> str:
    return f"expected {MOST_PIXELS:,} pixels at most, found {size}. Make the picture smaller first"


def _either(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
