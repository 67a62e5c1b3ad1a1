"""Layers that show images from elsewhere in training: turned, moved, enlarged, cut out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias, Unpack

from galago.checks import real, whole
from galago.errors import ArgumentError
from galago.graph import Attribute, GraphBuilder
from galago.layers.base import LayerOptions, image_sizes
from galago.layers.regularization import RandomLayer
from galago.layers.resizing import resize, resizing, window_of_aspect
from galago.layers.symbolic import KerasTensor, called_with
from galago.registry import look_up
from galago.shapes import Shape

#: The most that is drawn, to both sides, or (least, most).
Factor: TypeAlias = float | Sequence[float]
Range: TypeAlias = tuple[float, float]

#: Whether a mode flips to the side, and upside down.
_FLIPS = {
    "horizontal": (1.0, 0.0),
    "vertical": (0.0, 1.0),
    "horizontal_and_vertical": (1.0, 1.0),
}
_FILL_MODES = {name: name for name in ("constant", "nearest", "reflect", "wrap")}
_INTERPOLATIONS = {name: name for name in ("nearest", "bilinear")}


class RandomImageLayer(RandomLayer):
    """Base of layers that change images in training, each by what it draws for itself.

    Arguments:
        seed: a whole number from 0, made from `set_seed` when None
    Raises ArgumentError.
    """

    def __call__(self, inputs: Any, training: bool | None = None) -> KerasTensor:
        """Put the layer behind a symbolic tensor; arrays go to a model of it.

        Arguments:
            inputs: what Input() gave, or what another layer gave
            training: only for Keras's sake: fit() and predict() say it
        Raises ArgumentError and ShapeError.
        """
        if not isinstance(inputs, KerasTensor):
            raise ArgumentError(
                f"{self.label}: expected to be called with one symbolic tensor, such as "
                f"Input(shape) gives, received {called_with(inputs)}. To augment arrays, put the "
                "layer into a Sequential and call that: Sequential([layer])(x, training=True)."
            )
        if training is not None:
            raise ArgumentError(
                f"{self.label}: expected no training={training!r} for a symbolic tensor. Leave it "
                "out: fit() and predict() say whether layers train."
            )
        return super().__call__(inputs)

    def infer(self, shape: Shape) -> Shape:
        """Return the shape as it is."""
        return image_sizes(self, shape)


class _Filling(RandomImageLayer):
    """Base of layers behind whose pictures something has to stand."""

    def __init__(
        self,
        fill_mode: str,
        interpolation: str,
        seed: int | None,
        fill_value: float,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(seed, **options)
        self.fill_mode = look_up(_FILL_MODES, fill_mode, kind="fill_mode", owner=self.label)
        self.interpolation = look_up(
            _INTERPOLATIONS, interpolation, kind="interpolation", owner=self.label
        )
        self.fill_value = real(fill_value, "fill_value", self.label)

    def _warp(
        self, builder: GraphBuilder, source: int, shape: Shape, kind: str, ranges: Sequence[float]
    ) -> int:
        """Append the operation; ranges that are all zero need none."""
        if not any(ranges):
            return source
        attributes: dict[str, Attribute] = {
            "kind": kind,
            "ranges": tuple(ranges),
            "fill_mode": self.fill_mode,
            "interpolation": self.interpolation,
            "fill": self.fill_value,
            "seed": self.engine_seed(builder),
        }
        return builder.add("random_warp", self.name, (source,), shape, attributes)


class RandomFlip(RandomImageLayer):
    """Flips images in training, each way with a probability of one half.

    Arguments:
        mode: "horizontal" (left and right), "vertical" (top and bottom) or
            "horizontal_and_vertical", which draws for both
        seed: a whole number from 0, made from `set_seed` when None
    Raises ArgumentError and, at the input, ShapeError.

    >>> RandomFlip("horizontal").compute_output_shape((None, 28, 28, 1))
    (None, 28, 28, 1)
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(seed, **options)
        look_up(_FLIPS, mode, kind="mode", owner=self.label)
        self.mode = mode

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation."""
        attributes: dict[str, Attribute] = {
            "kind": "flip",
            "ranges": _FLIPS[self.mode],
            "fill_mode": "constant",
            "interpolation": "nearest",
            "fill": 0.0,
            "seed": self.engine_seed(builder),
        }
        return builder.add("random_warp", self.name, (source,), shape, attributes)


class RandomRotation(_Filling):
    """Turns images around their middle in training.

    Arguments:
        factor: the most to both sides in shares of a full turn, from 0 to 1, or (least, most),
            where more is counter-clockwise
        fill_mode: what stands beyond the border: "reflect", "constant", "nearest" or "wrap"
        interpolation: "bilinear" or "nearest"
        seed: a whole number from 0, made from `set_seed` when None
        fill_value: what "constant" puts there
    Raises ArgumentError and, at the input, ShapeError.

    >>> RandomRotation(0.1).factor
    (-0.1, 0.1)
    """

    def __init__(
        self,
        factor: Factor,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, **options)
        self.factor = factor_range(factor, "factor", self.label)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation; no turn needs none."""
        return self._warp(builder, source, shape, "rotation", self.factor)


class RandomTranslation(_Filling):
    """Moves images in training, down and to the right where more is drawn.

    Arguments:
        height_factor, width_factor: the most to both sides in shares of the height and width, from
            0 to 1, or (least, most)
        fill_mode, interpolation, seed, fill_value: those of RandomRotation
    Raises ArgumentError and, at the input, ShapeError.

    >>> RandomTranslation(0.1, (-0.2, 0.3)).width_factor
    (-0.2, 0.3)
    """

    def __init__(
        self,
        height_factor: Factor,
        width_factor: Factor,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, **options)
        self.height_factor = factor_range(height_factor, "height_factor", self.label)
        self.width_factor = factor_range(width_factor, "width_factor", self.label)

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation; no move needs none."""
        ranges = (*self.height_factor, *self.width_factor)
        return self._warp(builder, source, shape, "translation", ranges)


class RandomZoom(_Filling):
    """Makes what images show smaller or larger in training; their size stays.

    Arguments:
        height_factor, width_factor: the most to both sides, below 1, or (least, most): at 0.5
            images show 1.5 times as much, at -0.5 half as much; a width_factor of None keeps the
            aspect ratio
        fill_mode, interpolation, seed, fill_value: those of RandomRotation
    Raises ArgumentError and, at the input, ShapeError.

    >>> RandomZoom((-0.3, -0.1)).height_factor
    (-0.3, -0.1)
    """

    def __init__(
        self,
        height_factor: Factor,
        width_factor: Factor | None = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, **options)
        self.height_factor = self._zoom(height_factor, "height_factor")
        self.width_factor = (
            None if width_factor is None else self._zoom(width_factor, "width_factor")
        )

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation; no zoom needs none."""
        ranges = (*self.height_factor, *(self.width_factor or ()))
        return self._warp(builder, source, shape, "zoom", ranges)

    def _zoom(self, factor: Any, name: str) -> Range:
        low, high = factor_range(factor, name, self.label)
        if low <= -1.0:
            raise ArgumentError(
                f"{self.label}: {name} must be more than -1, at which nothing would be shown, "
                f"received {factor!r}. Pass for example {name}=0.2."
            )
        return low, high


class RandomCrop(RandomImageLayer):
    """Cuts a part of a size out of each image, in training at a place that it draws.

    Outside of training, and where an image is smaller than the output, the largest part of the
    output's aspect ratio is cut out of its middle and resized.

    Arguments:
        height, width: the size of the output
        seed: a whole number from 0, made from `set_seed` when None
    Raises ArgumentError and, at the input, ShapeError.

    >>> RandomCrop(24, 24).compute_output_shape((None, 28, 28, 1))
    (None, 24, 24, 1)
    """

    def __init__(
        self, height: int, width: int, seed: int | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(seed, **options)
        self.height = whole(height, "height", self.label)
        self.width = whole(width, "width", self.label)

    def infer(self, shape: Shape) -> Shape:
        """Return (height, width, channels)."""
        return (self.height, self.width, image_sizes(self, shape)[2])

    def lower(self, builder: GraphBuilder, source: int, shape: Shape) -> int:
        """Append the operation; an image as large as the output needs none."""
        size = (self.height, self.width)
        box = window_of_aspect(shape, size)
        if shape[0] < self.height or shape[1] < self.width:
            return resize(builder, self.name, source, shape, size, box=box)
        if size == shape[:2]:
            return source
        attributes = {**resizing(box), "seed": self.engine_seed(builder)}
        return builder.add("random_crop", self.name, (source,), self.infer(shape), attributes)


def factor_range(
    factor: Any, name: str, owner: str, *, low: float = -1.0, high: float = 1.0
) -> Range:
    """Return (least, most) of one number, to both sides, or of two. Raises ArgumentError.

    >>> factor_range(0.25, "factor", "RandomRotation")
    (-0.25, 0.25)
    """
    single = not isinstance(factor, (tuple, list))
    try:
        if any(isinstance(number, (bool, str)) for number in ([factor] if single else factor)):
            raise TypeError
        numbers = [float(number) for number in ([factor] if single else factor)]
    except (TypeError, ValueError):
        numbers = []
    fits = all(math.isfinite(number) and low <= number <= high for number in numbers)
    if len(numbers) != (1 if single else 2) or not fits:
        raise ArgumentError(
            f"{owner}: {name} must be a number from {low:g} to {high:g}, or two of them, (least, "
            f"most), received {factor!r}. Pass for example {name}=0.2."
        )
    if single:
        return max(0.0 - abs(numbers[0]), low), abs(numbers[0])
    return min(numbers), max(numbers)
