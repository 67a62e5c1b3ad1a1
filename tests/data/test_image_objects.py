"""load_img, img_to_array, array_to_img and save_img, as Keras has them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from galago import config
from galago.errors import ArgumentError, DatasetError, GalagoWarning, UnknownNameError
from galago.utils import array_to_img, img_to_array, load_img, save_img


def noise(channels: int = 3) -> Any:
    return np.random.default_rng(2).integers(0, 256, (6, 9, channels)).astype(np.float32)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_an_array_and_back(channels: int, mode: str) -> None:
    image = array_to_img(noise(channels), scale=False)
    assert (image.mode, image.size) == (mode, (9, 6))
    assert (img_to_array(image) == noise(channels)).all()
    turned = img_to_array(image, "channels_first", "uint8")
    assert turned.shape == (channels, 6, 9) and turned.dtype == np.uint8
    assert (img_to_array(array_to_img(turned, "channels_first", False)) == noise(channels)).all()


def test_scaling_uses_all_of_0_to_255() -> None:
    values = img_to_array(array_to_img(np.array([[[-1.0], [0.0], [3.0]]])))
    assert values.ravel().tolist() == [0, 63, 255]
    assert not img_to_array(array_to_img(np.full((2, 2, 3), 7))).any()
    clipped = img_to_array(array_to_img(np.array([[[-5, 300, 7]]]), scale=False))
    assert clipped.ravel().tolist() == [0, 255, 7]
    deep = array_to_img(np.array([[[300.0], [2.0]]]), scale=False)
    assert deep.mode == "I" and np.asarray(deep).tolist() == [[300, 2]]


def test_numbers_have_the_default_type() -> None:
    image = array_to_img(noise())
    assert img_to_array(image).dtype == np.float32
    config.set_floatx("float64")
    assert img_to_array(image).dtype == np.float64


def test_files(tmp_path: Path) -> None:
    save_img(tmp_path / "noise.png", noise(), scale=False)
    assert [path.name for path in tmp_path.iterdir()] == ["noise.png"]
    assert (img_to_array(load_img(tmp_path / "noise.png")) == noise()).all()
    save_img(str(tmp_path / "noise.JPG"), noise(), scale=False, quality=30)
    with Image.open(tmp_path / "noise.JPG") as found:
        assert found.format == "JPEG"
    content = io.BytesIO()
    save_img(content, noise(), scale=False, file_format="png")
    assert (img_to_array(load_img(io.BytesIO(content.getvalue()))) == noise()).all()


def test_color_modes_and_sizes(tmp_path: Path) -> None:
    save_img(tmp_path / "noise.png", noise(), scale=False)
    assert load_img(tmp_path / "noise.png", "grayscale").mode == "L"
    assert load_img(tmp_path / "noise.png", "rgba").mode == "RGBA"
    whole = Image.fromarray(noise().astype(np.uint8))
    for method in ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos"):
        found = load_img(tmp_path / "noise.png", target_size=(3, 4), interpolation=method)
        assert found.size == (4, 3)
        assert found == whole.resize((4, 3), Image.Resampling[method.upper()])
    square = load_img(tmp_path / "noise.png", target_size=6, keep_aspect_ratio=True)
    assert square == whole.crop((1, 0, 7, 6))


def test_a_jpeg_has_no_transparency(tmp_path: Path) -> None:
    with pytest.warns(GalagoWarning, match="a JPEG holds no transparency"):
        save_img(tmp_path / "noise.jpeg", noise(4))
    assert load_img(tmp_path / "noise.jpeg").mode == "RGB"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: array_to_img(np.zeros((2, 2))), r"expected one picture .* shape \(2, 2\)"),
        (lambda: array_to_img(np.zeros((2, 2, 2))), r"1, 3 or 4 channels, .* \(2, 2, 2\)"),
        (lambda: array_to_img(np.zeros((0, 2, 3))), r"received shape \(0, 2, 3\)"),
        (lambda: img_to_array(np.zeros(3)), r"expected an image, received shape \(3,\)"),
        (lambda: save_img("picture", noise()), "a format that Pillow writes, received ''"),
        (lambda: save_img(io.BytesIO(), noise()), "a format that Pillow writes, received ''"),
        (lambda: save_img("picture.docx", noise()), "Pillow writes, received 'docx'"),
        (lambda: load_img("x.png", target_size=(2,)), "target_size must be one positive int"),
    ],
)
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: load_img("x.png", "grey"),
        lambda: load_img("x.png", interpolation="cubic"),
        lambda: img_to_array(array_to_img(noise()), "last"),
        lambda: img_to_array(array_to_img(noise()), dtype="float31"),
    ],
)
def test_unknown_names(call: Any) -> None:
    with pytest.raises(UnknownNameError, match="expected a known"):
        call()


def test_files_that_are_no_pictures(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"load_img\(\): .*absent\.png: the file does not exist"):
        load_img(tmp_path / "absent.png")
    with pytest.raises(DatasetError, match="the given bytes: expected a JPEG, PNG"):
        load_img(io.BytesIO(b"none"))
