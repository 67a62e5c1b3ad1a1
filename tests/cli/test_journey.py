"""`galago journey` on a saved network and real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from galago import Sequential, applications, layers, utils
from galago.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network and two pictures."""
    folder = tmp_path_factory.mktemp("journey")
    utils.clear_session()
    applications.reference(4).save(folder / "net.keras")
    random = np.random.default_rng(0)
    for name in ("a.png", "b.png"):
        pixels = random.integers(0, 256, (40, 30)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / name)
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> str:
    assert main(["journey", *map(str, arguments)]) == code
    found = capsys.readouterr()
    return found.err if code else found.out


def test_a_line_for_each_layer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, folder / "net.keras", folder / "a.png", "--scaled")
    head, *lines = text.splitlines()
    assert head.split() == ["Layer", "Kind", "Shape", "Smallest", "Mean", "Largest", "Zeros"]
    assert [line.split()[2] for line in lines[:2]] == ["26x26x4", "13x13x4"]
    assert len(lines) == 7


@pytest.mark.parametrize(("name", "options"), [("j.svg", ()), ("j.png", ("--filter", "1"))])
def test_drawings(
    name: str, options: tuple[str, ...], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = (folder / "a.png", folder / "b.png")
    text = run(capsys, folder / "net.keras", *pictures, "-o", folder / name, *options)
    assert f"Saved to {folder / name} (" in text and "7 layers." in text
    assert (folder / name).stat().st_size > 1000
    (folder / name).unlink()


def test_a_number_is_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = "max_pooling2d, 2, 3, 1"
    text = run(capsys, folder / "net.keras", folder / "a.png", "--explain", place)
    assert "max_pooling2d (row 2, column 3, channel 1) = " in text
    assert "sees rows 4 to 7, columns 6 to 9, channel 0 of " in text


def test_names_of_files_steer_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "evil.keras"
    layer = layers.Conv2D(1, 3, input_shape=(8, 8, 1), name="maps\x1b[31m")
    Sequential([layer, layers.Flatten(), layers.Dense(2)]).save(file)
    text = run(capsys, file, folder / "a.png", "--explain", "maps\x1b[31m,1,1,0")
    assert text.count("maps\ufffd[31m") >= 2 and "\x1b" not in text
    wrong = run(capsys, file, folder / "a.png", "--explain", "mops,1,1,0", code=1)
    assert "maps\ufffd[31m" in wrong and "\x1b" not in wrong


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "Expected pictures behind the model"),
        (("a.png", "-o", "j.txt"), 1, "a file name that ends in .svg or"),
        (("a.png", "--explain", "conv2d"), 1, "a layer and a place"),
        (("a.png", "--explain", "conv2,1,1,1"), 1, "Did you mean 'conv2d'"),
        (("missing.png",), 1, "does not exist"),
        (("a.png", "--filter", "9", "-o", "j.png"), 1, "a filter that conv2d has, 0 to 3"),
    ],
)
def test_errors(
    arguments: tuple[str, ...],
    code: int,
    message: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    text = run(capsys, "net.keras", *arguments, code=code)
    assert message in " ".join(text.split())
    assert not list(folder.glob("j.*"))


def test_too_many_pictures_to_draw(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(51):
        Image.new("L", (4, 4)).save(tmp_path / f"{number}.png")
    output = tmp_path / "j.svg"
    text = run(capsys, folder / "net.keras", tmp_path, "-o", output, code=1)
    assert "at most 50 pictures to draw, received 51" in text
