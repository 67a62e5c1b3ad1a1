"""Helpers under Keras's names."""

from __future__ import annotations

import random as python_random

import numpy as np

from galago import naming
from galago.data.image_folder import image_dataset_from_directory
from galago.data.image_objects import array_to_img, img_to_array, load_img, save_img
from galago.random import set_seed

__all__ = [
    "array_to_img",
    "clear_session",
    "image_dataset_from_directory",
    "img_to_array",
    "load_img",
    "save_img",
    "set_random_seed",
]


def set_random_seed(seed: int) -> None:
    """Fix Galago's seed together with those of Python's `random` and of NumPy, as Keras does.

    Arguments: a whole number from 0 to 2**32 - 1, NumPy's limit. `galago.set_seed` leaves the
    other two alone.

    >>> set_random_seed(1)
    """
    set_seed(seed)
    python_random.seed(seed)
    np.random.seed(seed)


def clear_session() -> None:
    """Start the automatic names of layers and models again: the next Dense is "dense".

    >>> from galago.layers import Dense
    >>> clear_session()
    >>> Dense(1).name
    'dense'
    """
    naming.reset()
