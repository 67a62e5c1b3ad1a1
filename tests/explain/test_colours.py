from __future__ import annotations

import io

import matplotlib
import numpy as np
import pytest
from PIL import Image

from galago.explain.colours import framed, inferno, picture, png, shares, shrunk, tiled


def test_inferno_is_matplotlibs_to_a_few_of_255() -> None:
    at = np.linspace(0, 1, 256)
    truth = matplotlib.colormaps["inferno"](at)[:, :3] * 255
    assert np.abs(inferno(at) - truth).max() < 7.5


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (40, 30)])
def test_png_is_read_by_pillow(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
    image = Image.open(io.BytesIO(png(pixels)))
    assert image.mode == ("RGB" if size == (40, 30) else "P")
    np.testing.assert_array_equal(np.asarray(image.convert("RGB")), pixels)


def test_few_colours_take_little_room() -> None:
    maps = np.random.default_rng(0).random((60, 60, 4))
    pixels = tiled(maps)
    file = png(pixels)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(file)).convert("RGB")), pixels)
    assert Image.open(io.BytesIO(file)).mode == "P"
    assert len(file) < 1.1 * maps.size + 1000  # a byte for each number: noise cannot be less


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


def test_means_of_neighbours() -> None:
    maps = np.random.default_rng(0).random((5, 7, 2))
    small = shrunk(maps, 3)
    assert small.shape == (2, 3, 2)
    for row, column in np.ndindex(2, 3):
        part = maps[3 * row : 3 * row + 3, 3 * column : 3 * column + 3]
        np.testing.assert_allclose(small[row, column], part.mean(axis=(0, 1)))
    assert shrunk(np.full((4, 4, 1), 7, np.uint8), 2).dtype == np.uint8
    assert shrunk(maps, 1) is maps


def test_tiles_are_no_larger_than_asked() -> None:
    maps = np.random.default_rng(0).random((60, 40, 12))
    assert max(tiled(maps).shape) > 200
    assert max(tiled(maps, most=100).shape) <= 100 + 4
    np.testing.assert_array_equal(tiled(maps, most=10_000), tiled(maps))


def test_a_frame_lies_where_the_region_is() -> None:
    page = framed(np.zeros((10, 20, 3), np.uint8), ((2, 4), (5, 6), (0, 1)), 100, "<b>")
    assert '<rect x="25.0" y="10.0" width="5.0" height="10.0"' in page
    assert 'width="100.0" height="50.0"' in page and "<b>" not in page
