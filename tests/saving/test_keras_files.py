"""Files that every minor version of Keras 3 wrote, read without any Keras.

Made by `KERAS_BACKEND=torch python tools/keras_versions.py PYTHON ... --store FOLDER`.
"""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
import pytest
from keras_file_cases import CASES, data

from galago.errors import FileFormatError
from galago.models import load_model

FOLDER = Path(__file__).parent / "keras_files"
FILES = sorted(FOLDER.glob("*/*.keras.xz"))
LOST = FOLDER / "3.2.1" / "branches.keras.xz"
SOME = {"branches", "regulated", "sequence"}
#: See tools/keras_versions.py; layers of the pictures came later.
NOT_OF_3_0 = {"active", "backbone", "decoder", "pictures"}
VERSIONS = sorted(
    (path.name for path in FOLDER.iterdir()), key=lambda name: int(name.split(".")[1])
)


def test_there_are_files_of_every_version() -> None:
    assert [int(version.split(".")[1]) for version in VERSIONS] == list(range(16))
    for version in VERSIONS:
        names = {path.name.partition(".")[0] for path in FILES if path.parent.name == version}
        whole = {VERSIONS[0]: set(CASES) - NOT_OF_3_0, VERSIONS[-1]: set(CASES)}
        assert names == whole.get(version, SOME)


def unpacked(path: Path, folder: Path) -> Path:
    """The file as Keras wrote it."""
    file = folder / path.stem
    file.write_bytes(lzma.decompress(path.read_bytes()))
    return file


def test_what_keras_3_2_loses_is_not_made_up(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"ReLU 'twice': call 2 is read by nothing"):
        load_model(unpacked(LOST, tmp_path))


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path != LOST],
    ids=lambda path: f"{path.parent.name} {path.name[:-9]}",
)
def test_outputs_and_the_next_step_are_those_of_keras(path: Path, tmp_path: Path) -> None:
    model, case = load_model(unpacked(path, tmp_path)), path.name.partition(".")[0]
    with np.load(path.parent / "expected.npz") as stored:
        outputs, trained = (stored[f"{case} {what} 0"] for what in ("outputs", "trained"))
    x, y = data(model.input_shape)
    assert np.abs(model.predict(x, verbose=0) - outputs).max() < 1e-5
    model.train_on_batch(x, y)
    assert np.abs(model.predict(x, verbose=0) - trained).max() < 1e-5
