"""`galago profile`: what it prints, writes and refuses; its figures are nobody's test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from galago import engine
from galago.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def keep_threads() -> Iterator[None]:
    """Restore the number of threads after each test."""
    before = engine.get_threads()
    yield
    engine.set_threads(before)


def test_a_prediction_kernel_by_kernel(capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "profile.json"
    options = ["--predict", "--kernels", "--batch-size", "2", "--threads", "1"]
    assert main(["profile", "reference:filters=4", *options, "--json", str(file)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Prediction of 2 images: ")
    assert "1 thread," in out
    assert "conv_relu_maxpool_forward" in out
    found = json.loads(file.read_text())
    assert found["batch_size"] == 2
    assert len(found["layers"]) == 6


def test_a_train_step_layer_by_layer(capsys: Capture) -> None:
    assert main(["profile", "dense_baseline"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Train step of 32 images: ")
    assert "between kernels" in out
    assert "adam_update" not in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("resnet200", "received 'resnet200'"),
        ("--json /nowhere/file", "--json: expected a file in a folder that exists"),
        ("--batch-size 0", "from 1 to 65536"),
    ],
)
def test_refusals_come_before_any_work(options: str, message: str, capsys: Capture) -> None:
    assert main(["profile", *options.split()]) != 0
    out, err = capsys.readouterr()
    assert out == ""
    assert message in " ".join(err.split())
