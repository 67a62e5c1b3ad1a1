"""Folders of pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from picture_cases import OTHERS, PICTURES, picture
from PIL import Image


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of picture_cases.py, the same that Keras was given."""
    folder = tmp_path_factory.mktemp("zoo")
    for name in [*PICTURES, *OTHERS]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name in PICTURES:
            Image.fromarray(picture(name)).save(path)
        else:
            Image.new("RGB", (1, 1)).save(path, format="PNG")
    return folder
