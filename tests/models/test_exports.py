"""Models for other programs: ONNX, and weights as safetensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx_reader
import pytest

from galago import applications, naming
from galago.bench.models import names
from galago.errors import ArgumentError, FileFormatError, NotBuiltError, ShapeError
from galago.layers import BatchNormalization, Conv2D, Dense, Flatten, Input, SeparableConv2D
from galago.models import Model, Sequential
from galago.saving import safetensors


def small(units: int = 3) -> Sequential:
    return Sequential(
        [
            Input((6, 6, 2)),
            SeparableConv2D(4, 3, name="eyes"),
            BatchNormalization(),
            Conv2D(2, 1),
            Conv2D(2, 1, use_bias=False),
            Flatten(),
            Dense(units, activation="softmax"),
        ]
    )


def data(model: Model, count: int) -> Any:
    return np.random.default_rng(1).random((count, *model.input_sizes), np.float32)


@pytest.mark.parametrize("name", names())
def test_onnx_computes_the_same(name: str, tmp_path: Path) -> None:
    model = getattr(applications, name)()
    model.export(tmp_path / "net.onnx")
    read = onnx_reader.read((tmp_path / "net.onnx").read_bytes())
    assert read.opset == 17
    assert list(read.inputs.values()) == [["batch", *model.input_sizes]]
    assert list(read.outputs.values()) == [["batch", *model.output_sizes]]
    x = data(model, 1)
    found = onnx_reader.run(read, x)
    np.testing.assert_allclose(found, model.predict(x, verbose=0), atol=1e-5)


def test_export_says_what_it_did_if_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small().export(tmp_path / "net.onnx", opset_version=17)
    assert capsys.readouterr().out == ""
    small().export(str(tmp_path / "net.onnx"), "onnx", True)
    assert capsys.readouterr().out == f"Saved to {tmp_path / 'net.onnx'}.\n"


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="expected a known format, received 'tf_saved_model'"):
        small().export(tmp_path / "net.onnx", "tf_saved_model")
    with pytest.raises(ArgumentError, match="expected opset_version=17, received 18"):
        small().export(tmp_path / "net.onnx", opset_version=18)
    with pytest.raises(ArgumentError, match=r"ends in '\.onnx', received '.*net'"):
        small().export(tmp_path / "net")
    for write in (Sequential([Dense(3)]).export, Sequential([Dense(3)]).save_weights):
        path = tmp_path / ("net.onnx" if write.__name__ == "export" else "net.safetensors")
        with pytest.raises(NotBuiltError):
            write(path)
    assert list(tmp_path.iterdir()) == []


def test_weights_have_the_names_of_their_layers(tmp_path: Path) -> None:
    naming.reset()
    small()
    model = small()  # whose automatic names have other numbers; the file has none of them
    model.save_weights(tmp_path / "net.safetensors")
    stored = safetensors.read(tmp_path / "net.safetensors")
    assert sorted(stored) == [
        "batch_normalization/beta",
        "batch_normalization/gamma",
        "batch_normalization/moving_mean",
        "batch_normalization/moving_variance",
        "conv2d/bias",
        "conv2d/kernel",
        "conv2d_1/kernel",
        "dense/bias",
        "dense/kernel",
        "separable_conv2d/bias",
        "separable_conv2d/depthwise_kernel",
        "separable_conv2d/pointwise_kernel",
    ]
    assert (stored["dense/kernel"] == model.layers[-1].get_weights()[0]).all()


@pytest.mark.parametrize("name", names())
def test_weights_come_back(name: str, tmp_path: Path) -> None:
    model, other = getattr(applications, name)(), getattr(applications, name)()
    model.save_weights(tmp_path / "net.safetensors")
    other.load_weights(tmp_path / "net.safetensors")
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        assert one.dtype == two.dtype and (one == two).all()


def test_weights_of_another_model_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    small().save_weights(path)
    wide, short, long = small(4), small(), small()
    short.pop()
    long.add(Dense(2))
    for other, error, words in [
        (wide, ShapeError, r"expected dense/kernel of shape \(32, 4\), found \(32, 3\)"),
        (short, FileFormatError, "found others: dense/bias, dense/kernel"),
        (long, FileFormatError, "found no dense_1/bias, dense_1/kernel"),
    ]:
        before = other.get_weights()
        with pytest.raises(error, match=words):
            other.load_weights(path)
        for one, two in zip(before, other.get_weights(), strict=True):
            assert (one == two).all()


def test_an_old_file_may_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    small().save_weights(path)
    with pytest.raises(ArgumentError, match="is there already, and overwrite=False"):
        small().save_weights(path, overwrite=False)
    with pytest.raises(ArgumentError, match=r"ends in '\.weights\.h5' or '\.safetensors'"):
        small().save_weights(tmp_path / "net.h5")
