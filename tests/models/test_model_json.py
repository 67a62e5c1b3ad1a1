"""A model as Keras's JSON."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from galago import applications, layers
from galago.errors import NotBuiltError
from galago.models import Sequential


def test_it_is_what_a_file_holds(tmp_path: Path) -> None:
    for model in (applications.lenet5(), applications.resnet20()):
        model.save(tmp_path / "model.keras")
        with zipfile.ZipFile(tmp_path / "model.keras") as archive:
            assert json.loads(model.to_json()) == json.loads(archive.read("config.json"))


def test_a_model_that_is_not_built(tmp_path: Path) -> None:
    model = Sequential([layers.Dense(2, name="d")])
    assert [layer["config"]["name"] for layer in model.get_config()["layers"]] == ["d"]
    with pytest.raises(NotBuiltError, match="expected a built model, but its input shape is not"):
        model.save(tmp_path / "model.keras")


@pytest.mark.parity
def test_keras_makes_the_model() -> None:
    import keras

    for model in (applications.lenet5(), applications.resnet20()):
        assert keras.models.model_from_json(model.to_json()).count_params() == model.count_params()
