"""Names of models, with arguments, and saved models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from galago import Input, Model, applications
from galago.bench.models import build, is_file, names
from galago.errors import ArgumentError
from galago.layers import Dense


def test_the_names_are_those_of_the_applications() -> None:
    assert {"reference", "dense_baseline"} <= set(names())
    assert all(build(name).count_params() > 0 for name in names())


def test_arguments() -> None:
    assert build("reference:filters=16").count_params() == 55_098


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("refernce", r"Expected a .keras file or a model of .*reference.*, received 'refernce'"),
        ("", r"Expected a .keras file or a model of .*, received ''. Choose one"),
        ("model.h5", r"Expected a .keras file or a model of .*, received 'model.h5'"),
        ("reference:units=3", r"reference expected arguments of filters.*, received 'units=3'"),
        (
            "dense_baseline:units=3",
            r"expected arguments of input_shape, classes, received 'units=3'",
        ),
        ("reference:filters=many", r"filters must be a whole number .* received 'many'"),
    ],
)
def test_refusals(spec: str, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        build(spec)


def test_a_saved_model_has_its_weights_and_is_trained_whole(tmp_path: Path) -> None:
    model = applications.lenet5()
    model.layers[0].trainable = False
    path = tmp_path / "mine.keras"
    model.save(path)
    found = build(str(path))
    for wanted, weight in zip(model.get_weights(), found.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, wanted)
    assert all(layer.trainable for layer in found.layers)
    assert path.rename(tmp_path / "mine").name == "mine"
    assert is_file(str(tmp_path / "mine")), "a file may have any name"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"There is no file 'none\.keras' in"):
        build(str(tmp_path / "none.keras"))


def test_a_saved_model_of_several_outputs(tmp_path: Path) -> None:
    x = Input((4,))
    Model(x, [Dense(1)(x), Dense(2)(x)]).save(tmp_path / "two.keras")
    with pytest.raises(ArgumentError, match="one input and one output, received one with 1 and 2"):
        build(str(tmp_path / "two.keras"))
