"""Rescaling and Normalization: what adapt() finds, lowering, errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.errors import ArgumentError, DataError, ShapeError
from galago.graph import GraphBuilder

DATA = np.random.default_rng(0).normal(3, 2, (50, 4, 5, 3))


def lowered(layer: layers.Layer, shape: tuple[int, ...]) -> list[str]:
    builder = GraphBuilder()
    source = builder.add("input", "input", (), shape)
    return str(builder.finish(layer.lower(builder, source, shape))).splitlines()[1:]


def test_rescaling_is_one_operation() -> None:
    assert lowered(layers.Rescaling(0.5, offset=1, name="r"), (4,)) == [
        "%1 = activation r (%0) alpha=0.5 beta=1.0 kind=rescale -> 4"
    ]


def test_adapt_takes_the_statistics_of_each_channel() -> None:
    layer = layers.Normalization()
    layer.adapt(DATA)
    mean, variance, count = layer.get_weights()
    np.testing.assert_allclose(mean, DATA.mean(axis=(0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(variance, DATA.var(axis=(0, 1, 2)), rtol=1e-6)
    assert count == 0
    assert [w.name for w in layer.non_trainable_weights] == ["mean", "variance", "count"]


def test_adapt_takes_those_of_all_values() -> None:
    layer = layers.Normalization(axis=None)
    layer.adapt((DATA * 10).astype(np.uint8))
    assert [value.shape for value in layer.get_weights()] == [(), (), ()]
    np.testing.assert_allclose(layer.get_weights()[0], (DATA * 10).astype(np.uint8).mean())


@pytest.mark.parametrize("axis", [-1, None])
def test_a_model_normalizes(axis: int | None) -> None:
    model = galago.Sequential([layers.Input((4, 5, 3)), layers.Normalization(axis)])
    model.layers[0].adapt(DATA)  # type: ignore[attr-defined]
    axes = (0, 1, 2) if axis else None
    expected = (DATA - DATA.mean(axis=axes)) / DATA.std(axis=axes)
    np.testing.assert_allclose(model.predict(DATA, verbose=0), expected, rtol=1e-4, atol=1e-5)


def test_a_model_that_trains_leaves_the_statistics() -> None:
    layer = layers.Normalization()
    layer.adapt(DATA[:, 0, 0])
    before = layer.get_weights()
    model = galago.Sequential([layers.Input((3,)), layer, layers.Dense(2)])
    model.compile("adam", "mean_squared_error")
    model.fit(DATA[:, 0, 0], DATA[:, 0, 0, :2], verbose=0)
    assert all(map(np.array_equal, layer.get_weights(), before))
    assert model.count_params() == 7 + 8


def test_values_that_are_all_the_same_become_zero() -> None:
    model = galago.Sequential([layers.Input((2,)), layers.Normalization()])
    model.layers[0].adapt(np.full((5, 2), 3.0))  # type: ignore[attr-defined]
    found = model.predict(np.array([[3.0, 3.0 + 1e-6]]), verbose=0)
    assert found[0, 0] == 0
    assert 5 < found[0, 1] < 15  # 1e-6 / 1e-7, as float32 has it next to 3


def test_one_mean_of_all_needs_reshapes() -> None:
    layer = layers.Normalization(None, name="n")
    layer.build((None, 4, 2))
    assert lowered(layer, (4, 2)) == [
        "%1 = reshape n (%0) -> 1x8x1",
        "%2 = batch_norm n (%1) center=0 epsilon=1e-14 inference=1 momentum=1.0 scale=0 -> 1x8x1",
        "%3 = reshape n (%2) -> 4x2",
    ]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: layers.Rescaling("1"),  # type: ignore[arg-type]
            ArgumentError,
            "Rescaling 'rescaling': scale must be a finite number, received '1'. Pass a float for "
            "scale.",
        ),
        (
            lambda: layers.Normalization().adapt([1.0]),
            DataError,
            "Normalization 'normalization': adapt() expected an array of finite numbers, the "
            "examples in a row, received [1.0]. Pass for example x_train.",
        ),
        (
            lambda: layers.Normalization().adapt(np.full((2, 3), np.nan)),
            DataError,
            "Normalization 'normalization': adapt() expected an array of finite numbers, the "
            "examples in a row, received float64 of shape (2, 3). Pass for example x_train.",
        ),
        (
            lambda: layers.Normalization().adapt([["a"]]),
            DataError,
            "Normalization 'normalization': adapt() expected an array of finite numbers, the "
            "examples in a row, received [['a']]. Pass for example x_train.",
        ),
        (
            lambda: layers.Normalization(axis=1).adapt(DATA),
            ArgumentError,
            "Normalization 'normalization': expected axis -1 or 3, the axis of the channels, "
            "received 1. Leave axis out.",
        ),
    ],
)
def test_errors(make: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message


def test_data_of_another_shape() -> None:
    layer = layers.Normalization()
    layer.adapt(DATA)
    with pytest.raises(ShapeError, match="needs a mean of shape"):
        layer.adapt(DATA[..., :2])
