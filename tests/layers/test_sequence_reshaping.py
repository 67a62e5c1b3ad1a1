"""Sequences made longer or shorter: lowering, errors. What they compute: test_contract.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.errors import ArgumentError, ShapeError
from galago.explain import explain_unit
from galago.graph import GraphBuilder


def lowered(layer: layers.Layer, shape: tuple[int, ...]) -> list[str]:
    builder = GraphBuilder()
    source = builder.add("input", "input", (), shape)
    return str(builder.finish(layer.lower(builder, source, shape))).splitlines()[1:]


@pytest.mark.parametrize(
    ("layer", "operation"),
    [
        (layers.ZeroPadding1D((2, 0), name="r"), "pad r (%1) padding=(0, 0, 2, 0) -> 1x11x4"),
        (layers.ZeroPadding1D(name="r"), "pad r (%1) padding=(0, 0, 1, 1) -> 1x11x4"),
        (layers.Cropping1D([0, 3], name="r"), "crop r (%1) padding=(0, 0, 0, 3) -> 1x6x4"),
        (layers.Cropping1D(name="r"), "crop r (%1) padding=(0, 0, 1, 1) -> 1x7x4"),
        (layers.UpSampling1D(name="r"), "upsample r (%1) size=(1, 2) -> 1x18x4"),
    ],
)
def test_each_is_an_operation_on_an_image_of_one_row(layer: Any, operation: str) -> None:
    steps = layer.compute_output_shape((None, 9, 4))[1]
    assert lowered(layer, (9, 4)) == [
        "%1 = reshape r (%0) -> 1x9x4",
        f"%2 = {operation}",
        f"%3 = reshape r (%2) -> {steps}x4",
    ]


@pytest.mark.parametrize(
    "layer", [layers.ZeroPadding1D(0), layers.Cropping1D((0, 0)), layers.UpSampling1D(1)]
)
def test_what_changes_nothing_is_no_operation(layer: layers.Layer) -> None:
    assert lowered(layer, (9, 4)) == []


def test_numbers_are_followed_back() -> None:
    """Through all three: step 3 of the end is step 1 of what was enlarged, so 0 of the input."""
    model = galago.Sequential(
        [
            layers.ZeroPadding1D(1, input_shape=(5, 2), name="padded"),
            layers.UpSampling1D(2, name="longer"),
            layers.Cropping1D((0, 4), name="shorter"),
        ]
    )
    x = np.arange(10.0).reshape(5, 2)
    found = explain_unit(model, x, "shorter", 3, 1)
    assert found.value == 1 and found.receptive_field == {"input_layer": ((0, 1), (1, 2))}
    assert "1, moved from longer (step 3, channel 1)" in str(found)
    assert "1, moved from padded (step 1, channel 1)" in str(found)
    assert "0, a border of zeros" in str(explain_unit(model, x, "padded", 0, 1))
    np.testing.assert_array_equal(
        model.predict(x[None], verbose=0)[0],
        np.pad(x, ((1, 1), (0, 0))).repeat(2, axis=0)[:-4],
    )


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: layers.ZeroPadding1D((1, 2, 3)),  # type: ignore[arg-type]
            ArgumentError,
            "ZeroPadding1D 'zero_padding1d': padding must be a whole number from 0 or a pair of "
            "them, (first, last), received (1, 2, 3). Pass for example padding=1.",
        ),
        (
            lambda: layers.ZeroPadding1D((1, -1)),
            ArgumentError,
            "ZeroPadding1D 'zero_padding1d': padding must be a whole number of at least 0, "
            "received -1. Pass an int, such as padding=1.",
        ),
        (
            lambda: layers.Cropping1D(1.5),  # type: ignore[arg-type]
            ArgumentError,
            "Cropping1D 'cropping1d': cropping must be a whole number of at least 0, received "
            "1.5. Pass an int, such as cropping=1.",
        ),
        (
            lambda: layers.Cropping1D((1, 4)).compute_output_shape((None, 5, 3)),
            ShapeError,
            "Cropping1D 'cropping1d': expected sequences of more than 5 steps, which cropping "
            "(1, 4) takes away, received (5, 3). Crop less.",
        ),
        (
            lambda: layers.UpSampling1D((2,)),  # type: ignore[arg-type]
            ArgumentError,
            "UpSampling1D 'up_sampling1d': size must be a whole number of at least 1, received "
            "(2,). Pass an int, such as size=1.",
        ),
        (
            lambda: layers.UpSampling1D().compute_output_shape((None, 4, 4, 1)),
            ShapeError,
            "UpSampling1D 'up_sampling1d': expected sequences of shape (steps, channels), "
            "received (4, 4, 1). Put for example Reshape((steps, channels)) before it.",
        ),
        (
            lambda: layers.SpatialDropout1D(0.5).compute_output_shape((None, 4)),
            ShapeError,
            "SpatialDropout1D 'spatial_dropout1d': expected sequences of shape (steps, channels), "
            "received (4,). Put for example Reshape((steps, channels)) before it.",
        ),
    ],
)
def test_errors(make: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message
