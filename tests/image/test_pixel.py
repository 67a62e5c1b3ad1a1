from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from galago.errors import ArgumentError, DataError
from galago.image import convolve, explain_pixel, sample

PATCH = [[0, 64, 128], [48, 192, 144], [142, 226, 168]]
FILTER = [[-1, 0, -2], [0.5, 4.5, -1.5], [1.5, 2, -3]]


def test_the_pixel_of_the_lecture() -> None:
    found = explain_pixel(PATCH, FILTER, 1, 1, clamp=(0, 255))
    assert (found.pixel, found.sum, found.value) == (192, 577, 255)
    assert found.products.tolist() == [[0, 0, -256], [24, 864, -216], [213, 452, -504]]
    assert str(found).splitlines()[-2:] == ["= 577", "  then 255 (limited to 0 to 255)"]


def test_the_weight_is_a_step_of_its_own() -> None:
    found = explain_pixel(PATCH, FILTER, 1, 1, weight=0.5)
    assert found.value == 288.5
    assert str(found).endswith("= 577\n  then 288.5 (times the weight 0.5)")


@pytest.mark.parametrize("convention", ["correlation", "convolution", "course2019"])
@pytest.mark.parametrize("border", ["same", "reflect"])
@pytest.mark.parametrize(
    "filter", ["sobel_x", "gabor(30, 5)", "box(2)", [[1, 2, 3, 4], [5, 6, 7, 9]]]
)
def test_every_pixel_is_that_of_convolve(filter: str, border: str, convention: str) -> None:
    image = sample()[40:56, 70:85].astype(np.float64)
    whole = convolve(image, filter, border=border, convention=convention)
    for row, col in [(0, 0), (3, 7), (15, 14), (0, 14), (15, 1)]:
        found = explain_pixel(image, filter, row, col, border=border, convention=convention)
        assert found.value == whole[row, col]
        assert found.sum == pytest.approx(found.value, rel=1e-12, abs=1e-9)


def test_bytes_lose_what_is_behind_the_point() -> None:
    image = np.array([[0, 100], [100, 57]], np.uint8)
    found = explain_pixel(image, "box(2)", 0, 0, clamp=(0, 255))
    assert (found.sum, found.value) == (64.25, 64)
    assert found.steps() == ["64.25", "64 (a byte: digits behind the point are cut off)"]
    assert explain_pixel(image, "box(2)", 0, 0).steps() == ["64.25"]
    low = explain_pixel(image, "box(2)", 0, 0, clamp=(0, 60)).steps()
    assert low == ["64.25", "60 (limited to 0 to 60)"]


def test_a_channel_of_a_colour_picture() -> None:
    image = np.stack([np.zeros((5, 5)), np.ones((5, 5)), np.full((5, 5), 2.0)], axis=-1)
    found = explain_pixel(image, "box(3)", 2, 2, channel=2)
    assert found.value == pytest.approx(2)
    assert "(row 2, column 2, channel 2) is 2" in str(found)


def test_html_shows_patch_filter_and_products() -> None:
    text = explain_pixel(PATCH, FILTER, 1, 1)._repr_html_()
    for number in ("192", "4.5", "864", "-504"):
        assert f">{number}</td>" in text
    assert text.count("<table") == 3 and "<div>577</div>" in text


def test_a_figure_has_three_parts() -> None:
    figure = explain_pixel(PATCH, FILTER, 1, 1).plot()
    assert [axes.get_title() for axes in figure.axes] == ["patch", "filter", "products"]
    assert "864" in {text.get_text() for text in figure.axes[2].texts}


def test_files_and_a_short_form(tmp_path: Path) -> None:
    found = explain_pixel(PATCH, FILTER, 1, 1)
    for name in ("pixel.png", "pixel.svg"):
        found.save(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 1000
    assert repr(found) == ("<PixelExplanation: Pixel (row 1, column 1) is 192. Its new value:>")


def test_errors() -> None:
    image, colour = np.zeros((5, 6)), np.zeros((5, 6, 3))
    with pytest.raises(ArgumentError, match="picture of 5 x 6, received row 5"):
        explain_pixel(image, "sobel", 5, 0)
    with pytest.raises(ArgumentError, match=r"reaches outside.*border='same'"):
        explain_pixel(image, "sobel", 0, 3)
    with pytest.raises(ArgumentError, match="channel from 0 to 2"):
        explain_pixel(colour, "sobel", 2, 2)
    with pytest.raises(ArgumentError, match="channel=3"):
        explain_pixel(colour, "sobel", 2, 2, channel=3)
    with pytest.raises(DataError, match="mirror image of a picture of 5 x 6 is too small"):
        explain_pixel(image, "box(11)", 2, 2, border="reflect")
