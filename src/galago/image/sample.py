"""A picture to try things on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

_FILE = Path(__file__).with_name("staircase.npz")


def sample() -> npt.NDArray[np.uint8]:
    """Return a picture of a staircase, (512, 512), uint8, grey.

    It was drawn for Galago by tools/make_sample_picture.py and stands in for the `ascent` of
    courses and of SciPy: edges in all directions, fine and coarse structure, light and shadow.

    >>> sample().shape
    (512, 512)
    """
    with np.load(_FILE, allow_pickle=False) as file:
        return np.asarray(file["staircase"])
