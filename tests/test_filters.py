from __future__ import annotations

import numpy as np
import pytest

from galago import filters
from galago.errors import ArgumentError, UnknownNameError

EDGES = ("sobel_x", "sobel_y", "prewitt_x", "prewitt_y", "scharr_x", "scharr_y")


@pytest.mark.parametrize("name", filters.names())
def test_every_filter_has_numbers_and_a_meaning(name: str) -> None:
    table = filters.get(name)
    assert table.ndim == 2 and table.dtype == np.float64 and np.isfinite(table).all()
    assert 10 < len(filters.meaning(name)) < 100 and filters.meaning(name).endswith((".", ")."))


@pytest.mark.parametrize("name", [*EDGES, "laplacian", "outline"])
def test_a_grey_wall_has_no_edges(name: str) -> None:
    assert filters.get(name).sum() == 0


@pytest.mark.parametrize("name", ["dog(2)", "gabor(30, 7)", "gabor(90, 3, 7, phase=-90)"])
def test_means_are_taken_off(name: str) -> None:
    assert abs(filters.get(name).sum()) < 1e-12


@pytest.mark.parametrize(
    "name", ["identity", "sharpen", "emboss", "box(5)", "gaussian(7, 1.5)", "blur"]
)
def test_brightness_stays(name: str) -> None:
    assert filters.get(name).sum() == pytest.approx(1)


def test_waves_of_the_cosine_transform_are_orthonormal() -> None:
    waves = np.array([filters.dct(u, v, 5).ravel() for u in range(5) for v in range(5)])
    np.testing.assert_allclose(waves @ waves.T, np.eye(25), atol=1e-14)


def test_a_bell_is_numpys() -> None:
    places = np.arange(9) - 4
    bell = np.exp(-(places[:, None] ** 2 + places**2) / (2 * 1.7**2))
    np.testing.assert_allclose(filters.gaussian(9, 1.7), bell / bell.sum(), rtol=1e-13)


def test_gabor_follows_its_direction() -> None:
    across, down = filters.gabor(0, 4, 9), filters.gabor(90, 4, 9)
    np.testing.assert_allclose(across, down.T, atol=1e-15)
    places = np.arange(9) - 4
    stripes = np.cos(2 * np.pi * places / 4)[None, :] * np.ones((9, 1))
    assert (across * stripes).sum() > 10 * abs((down * stripes).sum())


def test_nobody_changes_the_bank() -> None:
    filters.get("sobel")[:] = 0
    assert filters.get("sobel").any()


@pytest.mark.parametrize("text", ["0 1 0; 1 -4 1; 0 1 0", "0,1,0;1,-4,1;0,1,0", " laplacian "])
def test_filters_as_text(text: str) -> None:
    np.testing.assert_array_equal(filters.parse(text), filters.laplacian())


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("sobelx", UnknownNameError, "Did you mean 'sobel"),
        ("1 2; 3", ArgumentError, "as many numbers between semicolons"),
        ("1 x; 3 4", ArgumentError, "as many numbers"),
        ("box(a)", ArgumentError, r"write it box\(size\)"),
        ("sobel(3)", ArgumentError, "write it sobel,"),
        ("gabor(lambda=3)", ArgumentError, r"gabor\(theta, wavelength, size, sigma, phase\)"),
        ("box(2.5)", ArgumentError, "whole number"),
        ("dct(3, 0)", ArgumentError, "below its size 3"),
        ("dog(0)", ArgumentError, "sigma must be a finite number"),
    ],
)
def test_wrong_texts(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        filters.parse(text)
