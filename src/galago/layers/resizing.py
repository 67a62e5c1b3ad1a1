"""Layers that give images another size."""

from __future__ import annotations

from typing import Unpack

from galago.checks import flag, real, whole
from galago.errors import ArgumentError
from galago.graph import Attribute, GraphBuilder
from galago.layers.base import Layer, LayerOptions, image_sizes
from galago.registry import look_up
from galago.shapes import Pair, Shape

INTERPOLATIONS = {name: name for name in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")}
_FILL_MODES = {"constant": "constant"}

#: The row and column where a part of an image begins, and its height and width; it may reach over
#: the border.
Box = tuple[int, int, int, int]


class Resizing(Layer):
    """Images of another size, in training and outside of it.

    Arguments:
        height, width: the size of the output
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5"
        crop_to_aspect_ratio: cut off what the output's shape has no place for
        pad_to_aspect_ratio: put fill_value there instead of stretching
        fill_mode: "constant"
        fill_value: a number, for pad_to_aspect_ratio
        antialias: take means where the image becomes smaller
    Raises ArgumentError and, at the input, ShapeError.

    >>> Resizing(32, 48).compute_output_shape((None, 64, 64, 3))
    (None, 32, 48, 3)
    """

    needs_build = False

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.height = whole(height, "height", self.label)
        self.width = whole(width, "width", self.label)
        self.interpolation = look_up(
            INTERPOLATIONS, interpolation, kind="interpolation", owner=self.label
        )
        self.crop_to_aspect_ratio = flag(crop_to_aspect_ratio, "crop_to_aspect_ratio", self.label)
        self.pad_to_aspect_ratio = flag(pad_to_aspect_ratio, "pad_to_aspect_ratio", self.label)
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            raise ArgumentError(
                f"{self.label}: expected crop_to_aspect_ratio or pad_to_aspect_ratio, received "
                "True for both. Leave one of them out."
            )
        self.fill_mode = look_up(_FILL_MODES, fill_mode, kind="fill_mode", owner=self.label)
        self.fill_value = real(fill_value, "fill_value", self.label)
        self.antialias = flag(antialias, "antialias", self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return (height, width, channels)."""
        return (self.height, self.width, image_sizes(self, shape)[2])

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation; an image as it is needs none."""
        height, width, _ = image_sizes(self, shape)
        box, size = (0, 0, height, width), (self.height, self.width)
        if self.crop_to_aspect_ratio:
            box = window_of_aspect(shape, size)
        if self.pad_to_aspect_ratio:
            box = _frame_of_aspect(shape, size)
        return resize(
            builder,
            self.name,
            source,
            shape,
            size,
            box=box,
            interpolation=self.interpolation,
            fill=self.fill_value,
            antialias=self.antialias,
        )


class CenterCrop(Layer):
    """The middle of images, in training and outside of it.

    Where an image is smaller than the output, the largest part of the output's shape is cut out of
    its middle and resized. Arguments: height and width of the output. Raises ArgumentError and, at
    the input, ShapeError.

    >>> CenterCrop(24, 24).compute_output_shape((None, 28, 28, 1))
    (None, 24, 24, 1)
    """

    needs_build = False

    def __init__(self, height: int, width: int, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.height = whole(height, "height", self.label)
        self.width = whole(width, "width", self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return (height, width, channels)."""
        return (self.height, self.width, image_sizes(self, shape)[2])

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append a cropping, or a resizing of what is too small."""
        height, width, _ = image_sizes(self, shape)
        rows, cols = height - self.height, width - self.width
        if min(rows, cols) < 0:
            size = (self.height, self.width)
            box = window_of_aspect(shape, size)
            return resize(builder, self.name, source, shape, size, box=box)
        if rows == cols == 0:
            return source
        top, left = rows // 2, cols // 2
        border = (top, rows - top, left, cols - left)
        return builder.add("crop", self.name, (source,), self.infer(shape), {"padding": border})


def resize(
    builder: GraphBuilder,
    name: str,
    source: int,
    shape: Shape,
    size: Pair,
    *,
    box: Box | None = None,
    interpolation: str = "bilinear",
    fill: float = 0.0,
    antialias: bool = False,
) -> int:
    """Append what stretches a part of an image over the whole of another one.

    Arguments: builder, name, source and the shape of its images; size, (height, width) of the
    result; box, all of the image when None. An image as it is needs nothing.
    """
    height, width, channels = shape
    box = (0, 0, height, width) if box is None else box
    if (box, size) == ((0, 0, height, width), (height, width)):
        return source
    attributes = resizing(box, interpolation, fill, antialias)
    return builder.add("resize", name, (source,), (*size, channels), attributes)


def resizing(
    box: Box, interpolation: str = "bilinear", fill: float = 0.0, antialias: bool = False
) -> dict[str, Attribute]:
    """Return the attributes of a resizing operation."""
    return {
        "interpolation": interpolation,
        "antialias": int(antialias),
        "box": box,
        "fill": fill,
    }


def window_of_aspect(shape: Shape, size: Pair) -> Box:
    """Return the largest box in the middle of an image that has another one's aspect ratio."""
    (height, width), (rows, cols) = shape[:2], size
    own = (max(min(height, width * rows // cols), 1), max(min(width, height * cols // rows), 1))
    return ((height - own[0]) // 2, (width - own[1]) // 2, *own)


def _frame_of_aspect(shape: Shape, size: Pair) -> Box:
    """The smallest box around an image that has another one's aspect ratio, as Keras rounds it."""
    (height, width), (rows, cols) = shape[:2], size
    above = (max(height, width * rows // cols) - height) // 2
    beside = 0 if above else (max(width, height * cols // rows) - width) // 2
    return (-above, -beside, height + 2 * above, width + 2 * beside)
