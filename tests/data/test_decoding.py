"""Every kind of picture comes out as it looks; every bad file says why."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from galago.data import images
from galago.data.images import ImageForm, find_bad_files, image_sizes, read_image, read_images
from galago.data.pillow import MOST_PIXELS, require_pillow
from galago.errors import DatasetError, MissingPackageError

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def quarters() -> Any:
    """Red, green / blue, black: 16 high, 24 wide."""
    pixels = np.zeros((16, 24, 3), np.uint8)
    pixels[:8, :12], pixels[:8, 12:], pixels[8:, :12] = RED, GREEN, BLUE
    return pixels


def read(path: Path, color_mode: str = "rgb", size: tuple[int, int] = (16, 24)) -> Any:
    return read_image(str(path), ImageForm(size, color_mode))


def corners(pixels: Any) -> Any:
    """The colours of the four corners."""
    return pixels[[0, 0, -1, -1], [0, -1, 0, -1]].astype(int)


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "webp", "jpeg"])
def test_formats(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{suffix}"
    options = {"lossless": True} if suffix == "webp" else {}
    Image.fromarray(quarters()).save(path, **options)
    assert np.abs(corners(read(path)) - corners(quarters())).max() < 30
    assert suffix == "jpeg" or (read(path) == quarters()).all()


def test_a_name_does_not_decide_the_format(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    Image.fromarray(quarters()).save(path, format="PNG")
    assert (read(path) == quarters()).all()


#: EXIF orientation -> what a viewer does with the stored picture.
ORIENTATIONS = {
    1: lambda x: x,
    2: np.fliplr,
    3: lambda x: np.rot90(x, 2),
    4: np.flipud,
    5: lambda x: x.swapaxes(0, 1),
    6: lambda x: np.rot90(x, -1),
    7: lambda x: np.rot90(x, 2).swapaxes(0, 1),
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_orientation(orientation: int, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"turned.{suffix}"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(quarters()).save(path, exif=exif)
    upright = ORIENTATIONS[orientation](quarters())
    assert image_sizes([str(path)]) == [upright.shape[:2]]
    for size in (upright.shape[:2], (6, 6)):
        assert np.abs(corners(read(path, size=size)) - corners(upright)).max() < 30


def test_16_bits_count_their_upper_8(tmp_path: Path) -> None:
    deep = np.array([[0, 255, 256, 511], [512, 40000, 65280, 65535]], np.uint16)
    Image.fromarray(deep).save(tmp_path / "grey.png")
    grey = read(tmp_path / "grey.png", "grayscale", (2, 4))
    assert grey[..., 0].tolist() == (deep >> 8).tolist()
    assert (read(tmp_path / "grey.png", "rgb", (2, 4)) == grey).all()
    (tmp_path / "colour.png").write_bytes(png_of_16_bits(np.stack([deep, deep // 2, 0 * deep], -1)))
    colour = read(tmp_path / "colour.png", "rgb", (2, 4))
    assert colour[..., 0].tolist() == (deep >> 8).tolist()
    assert colour[..., 1].tolist() == (deep // 2 >> 8).tolist()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_16_bits(pixels: Any) -> bytes:
    """An RGB picture, which Pillow cannot write."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_deep_picture_is_turned_too(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    deep = np.arange(6, dtype=np.uint16).reshape(2, 3) << 8
    Image.fromarray(deep).save(tmp_path / "deep.png", exif=exif)
    assert read(tmp_path / "deep.png", "grayscale", (3, 2))[..., 0].tolist() == [
        [3, 0],
        [4, 1],
        [5, 2],
    ]


def test_cmyk(tmp_path: Path) -> None:
    Image.fromarray(quarters()).convert("CMYK").save(tmp_path / "print.jpg", quality=100)
    assert np.abs(corners(read(tmp_path / "print.jpg")) - corners(quarters())).max() < 30


def test_palettes_and_transparency(tmp_path: Path) -> None:
    palette = Image.fromarray(quarters()).convert("P", palette=Image.Palette.ADAPTIVE)
    palette.save(tmp_path / "palette.png", transparency=bytes([0, 128, 255, 255]))
    assert (read(tmp_path / "palette.png") == quarters()).all()  # the alpha channel is dropped
    found = read(tmp_path / "palette.png", "rgba")
    assert (found[..., :3] == quarters())[found[..., 3] > 0].all()
    assert set(found[..., 3].flat) == {0, 128, 255}
    Image.fromarray(quarters()).convert("1").save(tmp_path / "bits.png")
    assert set(read(tmp_path / "bits.png", "grayscale").flat) == {0, 255}
    Image.fromarray(quarters()).convert("LA").save(tmp_path / "la.png")
    assert read(tmp_path / "la.png", "rgb").shape == (16, 24, 3)


def test_grey_is_the_luminance_of_television(tmp_path: Path) -> None:
    Image.fromarray(quarters()).save(tmp_path / "colours.png")
    grey = read(tmp_path / "colours.png", "grayscale")[..., 0]
    assert [grey[0, 0], grey[0, -1], grey[-1, 0], grey[-1, -1]] == [76, 150, 29, 0]


def test_of_a_moving_picture_it_is_the_first(tmp_path: Path) -> None:
    first, second = Image.fromarray(quarters()), Image.new("RGB", (24, 16), "white")
    first.save(tmp_path / "moving.gif", save_all=True, append_images=[second])
    assert (read(tmp_path / "moving.gif") == quarters()).all()


def naive_resize(x: Any, height: int, width: int) -> Any:
    """Means weighted with triangles as wide as a pixel of the result: along rows, then columns."""
    for axis, size in ((0, height), (1, width)):
        scale = x.shape[axis] / size
        reach = max(scale, 1.0)
        centres = (np.arange(size) + 0.5) * scale
        at = np.arange(x.shape[axis]) + 0.5
        weights = np.maximum(0, 1 - np.abs(at - centres[:, None]) / reach)
        weights /= weights.sum(axis=1, keepdims=True)
        x = np.moveaxis(np.tensordot(weights, x, (1, axis)), 0, axis)
    return x


def test_making_smaller_takes_the_mean_of_all_pixels(tmp_path: Path) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (37, 53, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "noise.png")
    for size in ((9, 13), (36, 20), (50, 10)):
        expected = naive_resize(pixels.astype(float), *size)
        assert np.abs(read(tmp_path / "noise.png", size=size) - expected).max() < 1.1
    area = read_image(str(tmp_path / "noise.png"), ImageForm((1, 1), interpolation="area"))
    assert np.abs(area[0, 0] - pixels.mean(axis=(0, 1))).max() < 1


def test_a_large_jpeg_decoded_at_a_fraction_looks_the_same(tmp_path: Path) -> None:
    y, x = np.mgrid[:640, :960]
    smooth = np.stack([x / 4, y / 3, 255 - x / 8], -1).astype(np.uint8)
    Image.fromarray(smooth).save(tmp_path / "large.jpg", quality=95)
    found = read(tmp_path / "large.jpg", size=(32, 48))
    assert np.abs(found - naive_resize(smooth.astype(float), 32, 48)).max() < 3


def jpeg() -> bytes:
    content = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(
        content, format="JPEG"
    )
    return content.getvalue()


def hollow_png(width: int, height: int) -> bytes:
    """A picture that says its size and has no pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


BAD = {
    "empty.png": (b"", "expected a JPEG, PNG, BMP, GIF or WEBP picture, found none"),
    "text.jpg": (
        b"no picture at all",
        "expected a JPEG, PNG, BMP, GIF or WEBP picture, found none",
    ),
    "tiff.png": (b"II*\0\x08\0\0\0" + bytes(99), "expected a JPEG, PNG, BMP, GIF or WEBP picture"),
    "script.png": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "found none"),
    "cut.jpg": (jpeg()[:900], "it cannot be read: "),
    "huge.png": (hollow_png(9460, 9460), f"expected {MOST_PIXELS:,} pixels at most, found "),
    "bomb.png": (hollow_png(60_000, 60_000), f"expected {MOST_PIXELS:,} pixels at most, found "),
    "hollow.png": (hollow_png(64, 64), "it cannot be read: "),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_say_why(name: str, tmp_path: Path) -> None:
    content, reason = BAD[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DatasetError) as caught:
        read(tmp_path / name)
    assert reason in str(caught.value)


def test_just_below_the_limit_only_the_header_counts(tmp_path: Path) -> None:
    (tmp_path / "wide.png").write_bytes(hollow_png(9459, 9459))
    assert image_sizes([str(tmp_path / "wide.png")]) == [(9459, 9459)]


def test_all_bad_files_are_named_at_once(tmp_path: Path) -> None:
    names = ["absent.png", *sorted(BAD)]
    for name in BAD:
        (tmp_path / name).write_bytes(BAD[name][0])
    (tmp_path / "good.jpg").write_bytes(jpeg())
    paths = [str(tmp_path / name) for name in [*names, "good.jpg"]]
    with pytest.raises(DatasetError) as caught:
        read_images(paths, ImageForm((4, 4)))
    message = str(caught.value)
    assert message.startswith(
        f"Expected pictures, found 9 files that are none: {paths[0]} (the file"
    )
    assert message.endswith(
        "remove them, or leave them out (skip_bad=True, galago ... --skip-bad)."
    )
    assert [path for path in paths if path in message] == paths[:-1]
    assert [path for path, _ in find_bad_files(paths, ImageForm((4, 4)))] == paths[:-1]


def test_a_message_of_many_files_counts_the_rest() -> None:
    text = images.listed([(f"{number}.png", "empty") for number in range(1023)])
    assert text.endswith("19.png (empty); and 1,003 more")


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_nothing(
    threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        pixels = np.full((5 + number, 7, 3), 20 * number, np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number:02}.png")
    monkeypatch.setattr(images, "_usable_cores", lambda: threads)
    found = read_images(sorted(map(str, tmp_path.iterdir())), ImageForm((6, 7)))
    assert (found == 20 * np.arange(12)[:, None, None, None]).all()


def test_without_pillow_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'galago\[images\]'"):
        require_pillow()
