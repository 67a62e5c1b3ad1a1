from __future__ import annotations

import numpy as np

from galago.image import convolve, sample


def test_it_is_a_picture_of_many_greys() -> None:
    picture = sample()
    assert picture.shape == (512, 512) and picture.dtype == np.uint8
    assert len(np.unique(picture)) > 200


def test_everybody_gets_an_own_copy() -> None:
    sample()[:] = 0
    assert sample().mean() > 50


def test_it_has_edges_in_both_directions() -> None:
    for name in ("sobel_x", "sobel_y"):
        assert (abs(convolve(sample(), name)) > 200).mean() > 0.01
