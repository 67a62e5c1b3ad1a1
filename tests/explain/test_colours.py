from __future__ import annotations

import io

import matplotlib
import numpy as np
from PIL import Image

from galago.explain.colours import inferno, picture, png, shares, tiled


def test_inferno_is_matplotlibs_to_a_few_of_255() -> None:
    at = np.linspace(0, 1, 256)
    truth = matplotlib.colormaps["inferno"](at)[:, :3] * 255
    assert np.abs(inferno(at) - truth).max() < 7.5


def test_png_is_read_by_pillow() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (7, 5, 3)).astype(np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png(pixels)))), pixels)


def test_shares_of_equal_and_of_no_numbers() -> None:
    assert shares(np.full(3, 7.0)).tolist() == [0, 0, 0]
    assert np.isnan(shares(np.array([np.nan]))).all()
    assert shares(np.array([0.0, 5.0]), 0, 10).tolist() == [0, 0.5]


def test_tiles_stand_row_by_row() -> None:
    maps = np.arange(5.0) * np.ones((2, 3, 5))
    whole = tiled(maps)
    assert whole.shape == (8, 7, 3)  # two across, three down, white between them
    assert whole[0, 0].tolist() == inferno(np.array(0.0)).tolist()
    assert whole[0, 4].tolist() == inferno(np.array(0.25)).tolist()
    assert whole[6, 4].tolist() == [255, 255, 255]  # there is no sixth map


def test_pictures_of_greys_and_colours() -> None:
    assert picture(np.array([[[0.0], [0.5], [1.0]]]))[0, :, 0].tolist() == [0, 128, 255]
    colours = np.random.default_rng(0).integers(0, 256, (4, 4, 3)).astype(np.uint8)
    np.testing.assert_array_equal(picture(colours), colours)
