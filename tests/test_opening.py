"""Files, and what is none."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from galago.errors import FileFormatError
from galago.opening import open_file, read_file


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    assert read_file(path) == read_file(str(path)) == b"abc"
    with open_file(path) as file:
        assert file.read(2) == b"ab"


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("file")
    assert read_file(tmp_path / "link") == b"abc"


def test_a_folder_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError) as caught:
        open_file(tmp_path)
    assert str(caught.value) == f"{tmp_path}: expected a file, found a folder. Name a file."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes in folders")
def test_a_pipe_and_a_device_are_none_and_nobody_waits(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileFormatError, match="expected a file, found a pipe"):
        open_file(tmp_path / "pipe")
    with pytest.raises(FileFormatError, match="expected a file, found a device"):
        open_file("/dev/zero")


def refusal(path: str | Path) -> str:
    """What is said of a file that is not there."""
    with pytest.raises(FileNotFoundError) as caught:
        open_file(path)
    return str(caught.value)


def test_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = str(tmp_path)
    nothing = f"There is no file 'shoes.keras' in the folder {folder!r}. Check the path."
    assert refusal("shoes.keras") == refusal(tmp_path / "shoes.keras") == nothing
    assert refusal("") == f"There is no file '' in the folder {folder!r}. Check the path."
    assert refusal("runs/shoes.keras") == (
        "There is no file 'runs/shoes.keras', since there is no folder "
        f"{str(tmp_path / 'runs')!r}. Check the path."
    )
    with pytest.raises(FileNotFoundError) as caught:
        open_file("shoes.keras")
    assert caught.value.errno == errno.ENOENT  # which programs ask for


def test_a_name_that_no_file_can_have() -> None:
    with pytest.raises(FileNotFoundError, match=r"There is no file 'a\\x00b'"):
        open_file("a\0b")
