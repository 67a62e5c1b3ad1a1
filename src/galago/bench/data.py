"""What the benchmarks train on: real images where there are some of the shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from galago.datasets import fashion_mnist

Array = npt.NDArray[Any]

SEED = 1
#: Images made for shapes that no data set has.
MADE = 4096
_SQUARE, _CLASSES = (28, 28), 10


def examples(shape: tuple[int, ...], classes: int) -> tuple[Array, Array, str]:
    """Return inputs (n, *shape) from 0 to 1, their classes, and in words what they are.

    Fashion-MNIST in a fixed random order for images of 28x28, all of it where it is on this
    computer, else the part inside the package. For other shapes, or more classes, a soft random
    picture for each class, shifted and with noise: it can be learnt, and half of the ReLUs stay
    off, as with real images.
    """
    random = np.random.default_rng(SEED)
    if shape in (_SQUARE, (*_SQUARE, 1)) and classes == _CLASSES:
        subset = fashion_mnist.full_set_folder() is None
        (images, labels), _ = fashion_mnist.load_data(subset=subset)
        order = random.permutation(len(images))
        pixels = images[order].astype(np.float32) / np.float32(255)
        return pixels.reshape(-1, *shape), labels[order].astype(np.int64), "Fashion-MNIST"
    y = random.integers(0, classes, MADE)
    pictures = _soft(random.random((classes, *shape), np.float32))
    x = pictures[y] + 0.25 * random.random((MADE, *shape), np.float32)
    return np.clip(x, 0, 1).astype(np.float32), y, "made-up images"


def _soft(pictures: Array) -> Array:
    """Means of neighbours along all axes but the first, stretched to 0..1."""
    for axis in range(1, pictures.ndim):
        for distance in (1, 2):
            pictures = (pictures + np.roll(pictures, distance, axis)) / 2
    low, high = pictures.min(), pictures.max()
    stretched: Array = (pictures - low) / (high - low) * 0.75
    return stretched
