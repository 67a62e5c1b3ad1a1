"""`galago filter` on real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from galago.cli import main
from galago.image import convolve, pool, sample

PATCH = np.array([[0, 64, 128], [48, 192, 144], [142, 226, 168]], np.uint8)


@pytest.fixture
def patch(tmp_path: Path) -> Path:
    Image.fromarray(PATCH).save(tmp_path / "patch.png")
    return tmp_path / "patch.png"


def run(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> str:
    assert main(["filter", *map(str, arguments)]) == code
    found = capsys.readouterr()
    return found.err if code else found.out


def test_a_result_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "edges.png"
    text = run(capsys, "sample", "sobel", "-o", output, "--pool", 2)
    expected = pool(convolve(sample(), "sobel", clamp=(0, 255)))
    np.testing.assert_array_equal(np.asarray(Image.open(output)), expected)
    first, second = text.splitlines()
    assert first.startswith("512 x 512: a filter of 3 x 3 and the largest of 2 x 2 took ")
    assert second.startswith(f"Saved to {output} (") and second.endswith("): 255 x 255.")


def test_a_pixel_is_explained(patch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, patch, "-1 0 -2; .5 4.5 -1.5; 1.5 2 -3", "--explain", "1,1")
    assert text.splitlines()[-2:] == ["= 577", "  then 255 (limited to 0 to 255)"]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_colours_are_filtered_one_by_one(
    mode: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    picture = Image.fromarray(pixels).convert(mode)
    picture.save(tmp_path / "photo.png")
    output = tmp_path / "out.PNG"
    text = run(capsys, tmp_path / "photo.png", "sharpen", "-o", output, "--border", "keep")
    assert "20 x 30 in colour" in text
    expected = convolve(
        np.asarray(picture.convert("RGB")), "sharpen", border="keep", clamp=(0, 255)
    )
    np.testing.assert_array_equal(np.asarray(Image.open(output)), expected)
    explained = run(capsys, tmp_path / "photo.png", "sharpen", "--explain", "3,4")
    assert explained.count("Pixel (row 3, column 4, channel") == 3


@pytest.mark.parametrize("mode", ["L", "LA", "1", "I;16"])
def test_grey_stays_grey(mode: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(sample()[:40, :30]).convert(mode).save(tmp_path / "photo.png")
    output = tmp_path / "out.webp"
    text = run(capsys, tmp_path / "photo.png", "box(5)", "-o", output)
    assert "in colour" not in text and "36 x 26" in text


def test_the_bank_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "--list").splitlines()
    *lines, note = lines
    assert len(lines) == 17 and note.startswith("sobel, prewitt and scharr are short")
    assert any(line.startswith("gabor(theta, wavelength") for line in lines)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["sample"], 2, "Expected a picture and a filter"),
        (["sample", "sobel"], 2, "-o FILE to write the result, or --explain"),
        (["sample", "sobel", "--explain", "1"], 2, "a row and a column such as 120,80"),
        (["sample", "sobel", "--pool", "0", "-o", "x.png"], 2, "a whole number from 1"),
        (["sample", "sobl", "-o", "x.png"], 1, "Did you mean 'sobel'"),
        (["sample", "sobel", "-o", "x.gif"], 1, "a file name that ends in .png or"),
        (["sample", "sobel", "-o", "/nowhere/x.png"], 1, "a folder that exists"),
        (["nothing.jpg", "sobel", "-o", "x.png"], 1, "nothing.jpg (the file does not exist)"),
        (["sample", "sobel", "--explain", "0,0"], 1, "reaches outside of the picture"),
        (["sample", "box(600)", "-o", "x.png"], 1, "512x512. Use a smaller filter, a"),
        (
            ["sample", "sobel", "--pool", "600", "-o", "x.png"],
            1,
            "510x510. Use a smaller window",
        ),
    ],
)
def test_errors(
    arguments: list[str],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in " ".join(run(capsys, *arguments, code=code).split())
    assert not list(tmp_path.iterdir())
