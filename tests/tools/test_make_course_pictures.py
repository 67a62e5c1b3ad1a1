"""The pictures of the course's page are what the code makes."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import make_course_pictures
import numpy as np
import pytest
from PIL import Image

COMMITTED = make_course_pictures.FOLDER
_INSIDE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")


def pixels(file: bytes) -> bytes:
    """What a PNG shows: how well it is packed is up to zlib's version."""
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB")).tobytes()


def content(file: Path) -> object:
    if file.suffix == ".png":
        return pixels(file.read_bytes())
    text = file.read_text()
    return _INSIDE.sub("", text), [pixels(base64.b64decode(one)) for one in _INSIDE.findall(text)]


def test_they_are_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_course_pictures, "FOLDER", tmp_path)
    make_course_pictures.main()
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == sorted(file.name for file in COMMITTED.iterdir())
    for name in names:
        assert content(tmp_path / name) == content(COMMITTED / name), name


def test_the_page_shows_all_of_them() -> None:
    page = (COMMITTED.parent / "README.md").read_text()
    for file in COMMITTED.iterdir():
        assert f"](pictures/{file.name})" in page
