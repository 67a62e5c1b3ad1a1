from __future__ import annotations

import json
import re

import numpy as np
import pytest

import galago as gl
from galago.errors import DataError, NotCompiledError
from galago.training.profile import Cost, Profile


def made() -> gl.Sequential:
    model = gl.applications.reference(filters=16)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_a_train_step_layer_by_layer() -> None:
    model = made()
    x, y = np.zeros((4, 28, 28, 1), np.uint8), np.arange(4)
    before = model.get_weights()
    profile = model.profile(x, y)
    names = [re.sub(r"_\d+(?=\+|$)", "", layer.name) for layer in profile.layers]
    assert names == ["input_layer", *["conv2d+max_pooling2d"] * 2, "dense", "dense"]
    assert profile.mode == "train"
    assert profile.batch_size == 4
    assert 0 <= profile.waiting < 1
    assert sum(layer.share for layer in profile.layers) + profile.waiting == pytest.approx(1)
    assert "adam_update" in {cost.kernel for cost in profile.kernels}
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(old, new)
    json.dumps(profile.to_dict())


def test_a_prediction_needs_no_compile() -> None:
    model = gl.applications.reference(filters=4)
    profile = model.profile(np.zeros((1, 28, 28, 1), np.float32))
    assert profile.mode == "predict"
    assert "pack_panels" in {cost.kernel for cost in profile.kernels}
    assert str(profile).startswith("Prediction of 1 image: ")


def test_labels_need_compile() -> None:
    model = gl.applications.reference(filters=4)
    with pytest.raises(NotCompiledError, match=r"profile\(\) needs a compiled model"):
        model.profile(np.zeros((2, 28, 28, 1)), np.zeros(2, np.int64))


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(DataError, match=r"profile\(\)"):
        made().profile(np.zeros((2, 27, 28, 1)), np.zeros(2, np.int64))


def cost(name: str, kernel: str, time: float, share: float, adds: float, of_peak: float) -> Cost:
    return Cost(name, kernel, 1.0, time, share, adds, 4e3, of_peak)


def test_the_table() -> None:
    profile = Profile(
        mode="train",
        batch_size=32,
        threads=2,
        isa="avx2",
        microseconds=150.0,
        peak=1e11,
        kernels=(
            cost("conv2d", "conv_forward", 60.0, 0.2, 3e6, 0.5),
            cost("dense", "dense_forward", 30.0, 0.1, 1e6, 0.25),
            cost("conv2d", "conv_backward_weights", 120.0, 0.4, 6e6, 0.8),
            cost("conv2d", "adam_update", 15.0, 0.05, 0.0, 0.0),
        ),
    )
    assert str(profile).splitlines() == [
        "Train step of 32 images: 150 us, 2 threads, avx2, peak 200 GFLOP/s",
        "",
        "Layer                 Time   Share   Products  Of peak",
        "------------------------------------------------------",
        "conv2d              195 us   65.0%     9.00 M      70%",
        "dense                30 us   10.0%     1.00 M      25%",
        "between kernels              25.0%",
    ]
    first = str(profile).splitlines()[0]
    assert repr(profile) == f"<Profile: {first}>" and first in profile._repr_html_()
    assert profile.layers[0].gigabytes_a_second == pytest.approx(12e3 / 195 / 1e3)
    assert "dense  dense_forward " in profile.table(kernels=True)
