"""Kernels that start as filters which are known to be good."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from galago import filters
from galago.errors import ArgumentError, DataError
from galago.filters import Filter
from galago.initializers.base import RandomInitializer, fans
from galago.initializers.eigen import eigen
from galago.shapes import Shape

#: The filters that come first unless others are named, if they fit the kernel.
BANK = (
    "sobel_x",
    "sobel_y",
    "laplacian",
    "gaussian",
    "scharr_x",
    "scharr_y",
    "outline",
    "emboss",
)
#: Images and patches that are looked at for whitening filters.
_IMAGES, _PATCHES = 500, 50_000
#: Numbers of a patch, at most: the time grows with their third power.
_MOST_NUMBERS = 192
#: Added to the variances that whitening divides by, as a share of their mean.
_EPSILON = 0.01


class KnownGood(RandomInitializer):
    """Convolution kernels that start as known filters instead of noise.

    First come whitening filters, if there is `data` with the kernel's channels: directions of its
    patches, each with its negative, scaled so that all answer with the same variance. Then the
    filters of a bank that fit, in the middle of the kernel, then Gabor filters of random direction,
    width and phase. Behind a layer of several maps each filter mixes them by random weights.
    Together they have the variance of GlorotUniform.

    Arguments:
        bank: names of galago.image.filters, or tables; eight well-known ones unless given
        data: images (n, height, width[, channels]) for whitening; files do not keep them
        seed: that of a RandomInitializer
    Raises ArgumentError and DataError. Source of whitening: Jordan, "94% on CIFAR-10 in 3.29
    Seconds on a Single GPU", 2024.

    >>> kernel = KnownGood(["sobel_x"], seed=1)((3, 3, 1, 4))
    >>> (kernel[1, :, 0, 0] / kernel[1, 2, 0, 0]).tolist()
    [-1.0, 0.0, 1.0]
    """

    def __init__(
        self,
        bank: Sequence[str | npt.ArrayLike] | None = None,
        data: npt.ArrayLike | None = None,
        seed: int | None = None,
    ) -> None:
        self.bank = None if bank is None else list(bank)
        self._tables = [filters.get(one) for one in (BANK if bank is None else bank)]
        self.data = None if data is None else _images(data)
        super().__init__(seed)

    def values(self, shape: Shape) -> npt.NDArray[np.float64]:
        """Return the kernel (height, width, inputs, outputs)."""
        if len(shape) != 4:
            raise ArgumentError(
                f"KnownGood: expected the kernel of a Conv2D, (height, width, inputs, outputs), "
                f"received {shape}. Use 'glorot_uniform' for other layers."
            )
        height, width, inputs, outputs = shape
        made = list(self._whitening(height, width, inputs))[:outputs]
        rest = outputs - len(made)
        if height * width * inputs == 1:  # single numbers: only their sizes tell filters apart
            made += list(self.normal((rest, 1, 1, 1)))
        elif rest:
            mixes = self.normal((rest, inputs)) if inputs > 1 else np.ones((rest, 1))
            tables = self._spatial(height, width, rest)
            made += [
                _unit(table[..., None] * mix) for table, mix in zip(tables, mixes, strict=True)
            ]
        kernel = np.stack(made, axis=-1)
        wanted = 2.0 * outputs * height * width * inputs / sum(fans(shape))
        return kernel * math.sqrt(wanted / _squares(kernel))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments without the images."""
        return {**super().get_config(), "data": None}

    def _spatial(self, height: int, width: int, count: int) -> Iterator[Filter]:
        """Filters of one map: those of the bank, then Gabors."""
        known = [t for t in self._tables if t.shape[0] <= height and t.shape[1] <= width]
        yield from (centred(table, height, width) for table in known[:count])
        draws = self.uniform((max(count - len(known), 0), 3), 0.0, 1.0)
        size = max(height, width)
        for turn, wave, phase in draws.tolist():
            gabor = filters.gabor(180.0 * turn, 2.0 + wave * size, size, size / 2, 360.0 * phase)
            top, left = (size - height) // 2, (size - width) // 2
            table = gabor[top : top + height, left : left + width]
            # A kernel of one pixel has no stripes.
            yield table if _squares(table) > 1e-12 else np.ones((height, width))

    def _whitening(self, height: int, width: int, inputs: int) -> Iterator[npt.NDArray[np.float64]]:
        """Directions of the data's patches, (height, width, inputs), and their negatives."""
        if self.data is None or self.data.shape[3] != inputs:
            return
        size = height * width * inputs
        rows, columns = self.data.shape[1] - height + 1, self.data.shape[2] - width + 1
        if size > _MOST_NUMBERS or min(rows, columns) < 1:
            raise ArgumentError(
                f"KnownGood: expected a kernel of at most {_MOST_NUMBERS} numbers a filter that "
                f"fits into the images {self.data.shape[1:]}, received {height}x{width}x{inputs}. "
                "Leave data out for this layer."
            )
        step = math.ceil(rows * columns * len(self.data) / _PATCHES)
        windows = np.lib.stride_tricks.sliding_window_view(self.data, (height, width), (1, 2))
        patches = windows.reshape(-1, inputs, height * width)[::step]
        patches = patches.swapaxes(1, 2).reshape(len(patches), size).astype(np.int64)
        # Of whole numbers, so that no order of a sum can change a bit.
        sums = patches.sum(axis=0)
        products = len(patches) * (patches.T @ patches) - np.outer(sums, sums)
        variances, directions = eigen(products / (255.0 * len(patches)) ** 2)
        scale = np.sqrt(variances.clip(0.0) + _EPSILON * math.fsum(variances) / size + 1e-12)
        found = [
            (directions[:, place] / scale[place]).reshape(height, width, inputs)
            for place in range(size)
        ]
        mean = math.sqrt(math.fsum(_squares(one) for one in found) / size)
        for one in found:
            yield one / mean
            yield -one / mean


def _images(data: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Some images as bytes, (n, height, width, channels). Raises DataError."""
    array = np.asarray(data)
    if array.dtype.kind not in "uif" or array.ndim not in (3, 4) or not array.size:
        raise DataError(
            "KnownGood: expected images (n, height, width) or (n, height, width, channels), "
            f"received {array.dtype} of shape {array.shape}. Pass some of the training images."
        )
    chosen = array[:_IMAGES].reshape(*array[:_IMAGES].shape[:3], -1)
    if chosen.dtype == np.uint8:
        return chosen.copy()
    low, high = float(chosen.min()), float(chosen.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise DataError("KnownGood: expected finite pixels, found NaN or infinity. Leave them out.")
    return np.rint((chosen - low) * (255.0 / ((high - low) or 1.0))).astype(np.uint8)


def centred(table: Filter, height: int, width: int) -> Filter:
    """Return a table in the middle of zeros, (height, width)."""
    whole = np.zeros((height, width))
    top, left = (height - table.shape[0]) // 2, (width - table.shape[1]) // 2
    whole[top : top + table.shape[0], left : left + table.shape[1]] = table
    return whole


def _squares(values: npt.NDArray[np.float64]) -> float:
    return math.fsum((values * values).ravel())


def _unit(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A filter of length 1."""
    return values / math.sqrt(_squares(values) or 1.0)
