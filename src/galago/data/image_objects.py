"""Single pictures, under Keras's names: out of files and arrays, and into arrays."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from galago import config
from galago.checks import flag, pair
from galago.data.images import crop_box
from galago.data.pillow import COLOR_MODES, Source, convert, open_image, require_pillow
from galago.errors import ArgumentError, DatasetError
from galago.registry import look_up

if TYPE_CHECKING:
    from PIL.Image import Image

Array = npt.NDArray[Any]

_FIRST, _LAST = "channels_first", "channels_last"
_DATA_FORMATS = {_LAST: (0, 1, 2), _FIRST: (1, 2, 0)}
_METHODS = {
    "nearest": "NEAREST",
    "bilinear": "BILINEAR",
    "bicubic": "BICUBIC",
    "hamming": "HAMMING",
    "box": "BOX",
    "lanczos": "LANCZOS",
}
_NUMBER_TYPES = dict.fromkeys(("uint8", "int32", "float16", "float32", "float64"))


def load_img(
    path: Source,
    color_mode: str = "rgb",
    target_size: Any = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Image:
    """Return the picture of a file as an image of Pillow, upright, with 8 bits a channel.

    Arguments:
        path: a file name, or an io.BytesIO
        color_mode: "rgb", "rgba" or "grayscale"
        target_size: (height, width) to resize to
        interpolation: "nearest", "bilinear", "bicubic", "hamming", "box" or "lanczos"
        keep_aspect_ratio: whether to cut the middle out rather than stretch
    Raises ArgumentError, MissingPackageError, and DatasetError for a file that is no JPEG, PNG,
    BMP, GIF or WebP.

    >>> import io, numpy as np
    >>> file = io.BytesIO()
    >>> array_to_img(np.zeros((4, 6, 3))).save(file, "png")
    >>> load_img(file, target_size=(8, 8)).size
    (8, 8)
    """
    look_up(COLOR_MODES, color_mode, kind="color_mode", owner="load_img()")
    method = look_up(_METHODS, interpolation, kind="interpolation", owner="load_img()")
    flag(keep_aspect_ratio, "keep_aspect_ratio", "load_img()")
    size = None if target_size is None else pair(target_size, "target_size", "load_img()")
    try:
        with open_image(path) as opened:
            image = convert(opened, color_mode)
            image.load()
    except DatasetError as error:
        name = "the given bytes" if isinstance(path, io.BytesIO) else os.fspath(path)
        raise DatasetError(f"load_img(): {name}: {error}.") from None
    if size is None or (image.height, image.width) == size:
        return image
    box = crop_box(image.size, size) if keep_aspect_ratio else None
    return image.resize(size[::-1], require_pillow().Resampling[method], box=box)


def img_to_array(img: Any, data_format: str | None = None, dtype: str | None = None) -> Array:
    """Return an image of Pillow as an array (height, width, channels) of numbers 0 to 255.

    Arguments:
        img: the image
        data_format: "channels_last" (None too), or "channels_first" with channels in front
        dtype: the number type, config.floatx() if None
    Raises ArgumentError.

    >>> import numpy as np
    >>> float(img_to_array(array_to_img(np.full((4, 6, 1), 7.0), scale=False)).max())
    7.0
    """
    axes = _axes(data_format, "img_to_array()")
    array = np.asarray(img, _number_type(dtype, "img_to_array()"))
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3:
        raise ArgumentError(
            f"img_to_array(): expected an image, received shape {array.shape}. "
            "Pass what load_img() returns."
        )
    return array.transpose(np.argsort(axes))


def array_to_img(
    x: npt.ArrayLike, data_format: str | None = None, scale: bool = True, dtype: str | None = None
) -> Image:
    """Return an array of shape (height, width, 1, 3 or 4) as an image of Pillow.

    Arguments:
        x: the array
        data_format: "channels_last" (None too), or "channels_first" with channels in front
        scale: whether the smallest number becomes 0 and the largest 255, which changes pictures
            that do not use both; without it numbers are taken as 0 to 255
        dtype: the number type to compute in, config.floatx() if None
    Raises ArgumentError and MissingPackageError.

    >>> import numpy as np
    >>> array_to_img(np.zeros((4, 6, 3)), scale=False).size
    (6, 4)
    """
    library = require_pillow()
    axes = _axes(data_format, "array_to_img()")
    array = np.asarray(x, _number_type(dtype, "array_to_img()"))
    if array.ndim == 3:
        array = array.transpose(axes)
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4) or not array.size:
        raise ArgumentError(
            "array_to_img(): expected one picture of shape (height, width, channels) with 1, 3 or "
            f"4 channels, received shape {np.shape(x)}. Pass for example images[0]."
        )
    if flag(scale, "scale", "array_to_img()"):
        array = array - array.min()
        array = array / (array.max() or 1) * 255
    if array.shape[2] == 1:
        array = array[:, :, 0]
    return _image(library, array)


def _image(library: Any, array: Array) -> Image:
    """An image of numbers from 0 to 255; of one channel and larger ones, 32 bits a pixel."""
    if array.ndim == 2 and array.max() > 255:
        deep: Image = library.fromarray(array.astype(np.int32))
        return deep
    image: Image = library.fromarray(array.clip(0, 255).astype(np.uint8))
    return image


def _axes(data_format: str | None, owner: str) -> tuple[int, int, int]:
    return look_up(_DATA_FORMATS, data_format or _LAST, kind="data_format", owner=owner)


def _number_type(dtype: str | None, owner: str) -> str:
    name = dtype or config.floatx()
    look_up(_NUMBER_TYPES, name, kind="number type", owner=owner)
    return name
