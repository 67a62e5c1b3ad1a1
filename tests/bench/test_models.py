"""Names of models, with arguments."""

from __future__ import annotations

from pathlib import Path

import pytest

from galago.bench.models import build, names
from galago.errors import ArgumentError


def test_the_names_are_those_of_the_applications() -> None:
    assert {"reference", "dense_baseline"} <= set(names())
    assert all(build(name).count_params() > 0 for name in names())


def test_arguments() -> None:
    assert build("reference:filters=16").count_params() == 55_098


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("refernce", r"Expected a model of .*reference.*, received 'refernce'. Choose one"),
        ("", r"Expected a model of .*, received ''"),
        ("model.galago", r"received the file 'model.galago': Galago cannot load saved models yet"),
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


def test_a_file_without_a_suffix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "saved").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentError, match="received the file 'saved'"):
        build("saved")
