"""Layers over steps: lowering to images of one row, errors. What they compute: test_contract.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from galago import layers
from galago.errors import ArgumentError, ShapeError, UnknownNameError
from galago.graph import GraphBuilder
from galago.shapes import WindowError


def lowered(layer: layers.Layer, shape: tuple[int, ...]) -> list[str]:
    layer.build((None, *shape))
    builder = GraphBuilder()
    source = builder.add("input", "input", (), shape)
    return str(builder.finish(layer.lower(builder, source, shape))).splitlines()[1:]


def test_a_convolution_is_one_of_an_image_of_one_row() -> None:
    layer = layers.Conv1D(8, 3, padding="causal", dilation_rate=2, activation="relu", name="c")
    assert lowered(layer, (9, 4)) == [
        "%1 = reshape c (%0) -> 1x9x4",
        "%2 = conv c (%1) dilation=(1, 2) groups=1 kernel=(1, 3) padding=(0, 0, 4, 0) "
        "strides=(1, 1) -> 1x9x8",
        "%3 = activation c (%2) alpha=0.0 kind=relu -> 1x9x8",
        "%4 = reshape c (%3) -> 9x8",
    ]
    assert [weight.shape for weight in layer.weights] == [(3, 4, 8), (8,)]


def test_pools() -> None:
    assert lowered(layers.MaxPooling1D(3, 2, "same", name="p"), (9, 4)) == [
        "%1 = reshape p (%0) -> 1x9x4",
        "%2 = max_pool p (%1) padding=(0, 0, 1, 1) pool=(1, 3) strides=(1, 2) -> 1x5x4",
        "%3 = reshape p (%2) -> 5x4",
    ]
    assert lowered(layers.GlobalAveragePooling1D(name="g"), (9, 4)) == [
        "%1 = reshape g (%0) -> 1x9x4",
        "%2 = average_pool g (%1) padding=(0, 0, 0, 0) pool=(1, 9) strides=(1, 9) -> 1x1x4",
        "%3 = flatten g (%2) -> 4",
    ]


@pytest.mark.parametrize(
    ("padding", "strides", "dilation", "steps"),
    [("valid", 1, 1, 7), ("same", 2, 1, 5), ("causal", 1, 2, 9), ("causal", 2, 1, 5)],
)
def test_steps(padding: str, strides: int, dilation: int, steps: int) -> None:
    layer = layers.Conv1D(8, 3, strides, padding, dilation_rate=dilation)
    assert layer.compute_output_shape((None, 9, 4)) == (None, steps, 8)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: layers.Conv1D(8, (3, 3)),  # type: ignore[arg-type]
            ArgumentError,
            "Conv1D 'conv1d': kernel_size must be one positive int, received (3, 3). Pass for "
            "example kernel_size=2.",
        ),
        (
            lambda: layers.Conv1D(8, 0),
            ArgumentError,
            "Conv1D 'conv1d': kernel_size must be a whole number of at least 1, received 0. Pass "
            "an int, such as kernel_size=1.",
        ),
        (
            lambda: layers.Conv1D(8, 3, padding="full"),
            UnknownNameError,
            "Conv1D 'conv1d': expected a known padding, received 'full'. Known: valid, same, "
            "causal.",
        ),
        (
            lambda: layers.MaxPooling1D(padding="causal"),
            UnknownNameError,
            "MaxPooling1D 'max_pooling1d': expected a known padding, received 'causal'. Known: "
            "valid, same.",
        ),
        (
            lambda: layers.Conv1D(8, 3, 2, dilation_rate=2),
            ArgumentError,
            "Conv1D 'conv1d': expected strides or dilation_rate of 1, received strides=(2,) and "
            "dilation_rate=(2,). Set one of them to 1.",
        ),
        (
            lambda: layers.Conv1D(8, 3, groups=3),
            ArgumentError,
            "Conv1D 'conv1d': expected filters to be a multiple of groups, received filters=8 and "
            "groups=3. Change one of them.",
        ),
        (
            lambda: layers.Conv1D(9, 3, groups=3).compute_output_shape((None, 9, 4)),
            ShapeError,
            "Conv1D 'conv1d': expected input channels to be a multiple of groups, received 4 "
            "channels and groups=3. Change groups.",
        ),
        (
            lambda: layers.Conv1D(8, 3, dilation_rate=2).compute_output_shape((None, 4, 1)),
            WindowError,
            "Conv1D 'conv1d': kernel_size (3,) with dilation_rate (2,) is larger than its input "
            "1x4. Use a smaller window, a larger input or padding='same'.",
        ),
        (
            lambda: layers.GlobalMaxPooling1D().compute_output_shape((None, 4, 4, 1)),
            ShapeError,
            "GlobalMaxPooling1D 'global_max_pooling1d': expected sequences of shape (steps, "
            "channels), received (4, 4, 1). Put for example Reshape((steps, channels)) before it.",
        ),
    ],
)
def test_errors(make: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message
