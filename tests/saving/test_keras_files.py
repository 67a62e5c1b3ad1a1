"""Files that real Keras wrote: `python tools/keras_files.py write tests/saving/keras_files`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from keras_file_cases import CASES

from galago.models import load_model

FOLDER = Path(__file__).parent / "keras_files"
FILES = sorted(FOLDER.glob("*.keras"))


def test_there_are_files_of_old_and_new_versions() -> None:
    names = [path.stem for path in FILES]
    written = {name.partition("_")[0] for name in names if name.endswith("_3.15.1")}
    assert written == set(CASES)
    old = {name.partition("_")[0] for name in names if name.endswith("_3.0.5")}
    assert old >= {"row", "branches", "siamese", "nested"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_outputs_and_the_next_step_are_those_of_keras(path: Path) -> None:
    model = load_model(path)
    with np.load(path.with_suffix(".npz")) as file:
        x, y, outputs, trained = (file[name] for name in ("x", "y", "outputs", "trained"))
    if len(model.inputs) > 1:
        x = list(x)
    assert np.abs(model.predict(x, verbose=0) - outputs).max() < 1e-5
    model.fit(x, y, batch_size=len(y), shuffle=False, verbose=0)
    assert np.abs(model.predict(x, verbose=0) - trained).max() < 1e-4
