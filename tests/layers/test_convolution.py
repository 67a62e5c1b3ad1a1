"""Convolution: shapes, weights, lowering, errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from galago import layers
from galago.errors import ArgumentError, ShapeError, UnknownNameError
from galago.graph import GraphBuilder
from galago.layers import Conv2D


@pytest.mark.parametrize(
    ("arguments", "shape", "output"),
    [
        ({"kernel_size": 3}, (28, 28, 1), (26, 26, 8)),
        ({"kernel_size": 5}, (28, 28, 1), (24, 24, 8)),
        ({"kernel_size": (3, 1)}, (28, 28, 1), (26, 28, 8)),
        ({"kernel_size": 3, "padding": "same"}, (28, 27, 1), (28, 27, 8)),
        ({"kernel_size": 3, "strides": 2}, (28, 28, 1), (13, 13, 8)),
        ({"kernel_size": 3, "strides": (2, 3), "padding": "same"}, (28, 28, 1), (14, 10, 8)),
        ({"kernel_size": 3, "dilation_rate": 2}, (28, 28, 1), (24, 24, 8)),
        ({"kernel_size": 1}, (1, 1, 4), (1, 1, 8)),
    ],
)
def test_output_shapes(
    arguments: dict[str, Any], shape: tuple[int, ...], output: tuple[int, ...]
) -> None:
    assert Conv2D(8, **arguments).compute_output_shape((None, *shape)) == (None, *output)


def test_kernels_are_hwio() -> None:
    layer = Conv2D(8, (3, 5), groups=2)
    layer.build((None, 9, 9, 6))
    assert layer.kernel.shape == (3, 5, 3, 8)
    assert layer.bias is not None
    assert layer.bias.shape == (8,)
    assert layer.count_params() == 3 * 5 * 3 * 8 + 8


def test_keras_order_of_arguments() -> None:
    layer = Conv2D(4, 3, 2, "same")
    assert (layer.strides, layer.padding) == ((2, 2), "same")


def lowered(layer: Conv2D, shape: tuple[int, ...]) -> list[str]:
    layer.build((None, *shape))
    builder = GraphBuilder()
    source = builder.add("input", "input", (), shape)
    return str(builder.finish(layer.lower(builder, source, shape))).splitlines()[1:]


def test_padding_is_lowered_to_numbers() -> None:
    assert lowered(Conv2D(4, (3, 2), strides=2, padding="same", use_bias=False), (7, 8, 2)) == [
        "%1 = conv conv2d (%0) dilation=(1, 1) groups=1 kernel=(3, 2) padding=(1, 1, 0, 0) "
        "strides=(2, 2) -> 4x4x4"
    ]


def test_the_activation_is_a_node_of_the_same_name() -> None:
    lines = lowered(Conv2D(4, 3, dilation_rate=2, groups=2, activation="elu"), (7, 8, 2))
    assert lines == [
        "%1 = conv conv2d (%0) dilation=(2, 2) groups=2 kernel=(3, 3) padding=(0, 0, 0, 0) "
        "strides=(1, 1) -> 3x4x4",
        "%2 = activation conv2d (%1) alpha=1.0 kind=elu -> 3x4x4",
    ]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: Conv2D(0, 3),
            ArgumentError,
            "Conv2D 'conv2d': filters must be a whole number of at least 1, received 0. "
            "Pass an int, such as filters=1.",
        ),
        (
            lambda: Conv2D(4, (3, 3, 3)),  # type: ignore[arg-type]
            ArgumentError,
            "Conv2D 'conv2d': kernel_size must be one positive int or a pair of them, (height, "
            "width), received (3, 3, 3). Pass for example kernel_size=2 or kernel_size=(2, 2).",
        ),
        (
            lambda: Conv2D(4, 3, strides=0),
            ArgumentError,
            "Conv2D 'conv2d': strides must be one positive int or a pair of them, (height, "
            "width), received 0. Pass for example strides=2 or strides=(2, 2).",
        ),
        (
            lambda: Conv2D(4, 3, padding="sam"),
            UnknownNameError,
            "Conv2D 'conv2d': expected a known padding, received 'sam'. Did you mean 'same'? "
            "Known: valid, same.",
        ),
        (
            lambda: Conv2D(4, 3, strides=2, dilation_rate=3),
            ArgumentError,
            "Conv2D 'conv2d': expected strides or dilation_rate of 1, received strides=(2, 2) and "
            "dilation_rate=(3, 3). Set one of them to 1.",
        ),
        (
            lambda: Conv2D(4, 3, groups=3),
            ArgumentError,
            "Conv2D 'conv2d': expected filters to be a multiple of groups, received filters=4 and "
            "groups=3. Change one of them.",
        ),
        (
            lambda: Conv2D(4, 3, groups=2).compute_output_shape((None, 8, 8, 3)),
            ShapeError,
            "Conv2D 'conv2d': expected input channels to be a multiple of groups, received 3 "
            "channels and groups=2. Change groups.",
        ),
        (
            lambda: Conv2D(4, 3).compute_output_shape((None, 28, 28)),
            ShapeError,
            "Conv2D 'conv2d': expected images of shape (height, width, channels), received "
            "(28, 28). The channel axis is missing: use input_shape=(28, 28, 1) and pass "
            "x[..., None].",
        ),
        (
            lambda: Conv2D(4, 3).compute_output_shape((None, 784)),
            ShapeError,
            "Conv2D 'conv2d': expected images of shape (height, width, channels), received "
            "(784,). Put it before Flatten and Dense.",
        ),
        (
            lambda: Conv2D(4, 3).compute_output_shape((None, 60000, 28, 28, 1)),
            ShapeError,
            "Conv2D 'conv2d': expected images of shape (height, width, channels), received "
            "(60000, 28, 28, 1). Leave the batch axis out of input_shape.",
        ),
        (
            lambda: Conv2D(4, 3).compute_output_shape((None, 28, 2, 1)),
            ShapeError,
            "Conv2D 'conv2d': kernel_size (3, 3) is larger than its input 28x2. "
            "Use a smaller window, a larger input or padding='same'.",
        ),
        (
            lambda: Conv2D(4, 3, dilation_rate=4).compute_output_shape((None, 8, 8, 1)),
            ShapeError,
            "Conv2D 'conv2d': kernel_size (3, 3) with dilation_rate (4, 4) is larger than its "
            "input 8x8. Use a smaller window, a larger input or padding='same'.",
        ),
        (
            lambda: Conv2D(4, 3).compute_output_shape((None, None, None, 1)),
            ArgumentError,
            "Conv2D 'conv2d': every size of input_shape must be known, received (None, None, 1). "
            "Leave the batch axis out and write the sizes as numbers, such as (28, 28, 1).",
        ),
        (
            lambda: Conv2D(4, 3, kernel_initializer="zero"),
            UnknownNameError,
            "Conv2D 'conv2d': expected a known initializer, received 'zero'. Did you mean "
            "'zeros'? Known: glorot_uniform, glorot_normal, he_uniform, he_normal, "
            "lecun_uniform, lecun_normal, random_uniform, random_normal, truncated_normal, "
            "variance_scaling, orthogonal, identity, known_good, zeros, ones, constant.",
        ),
    ],
)
def test_errors(make: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message


def test_input_shape_is_taken_without_a_warning() -> None:
    layer = layers.Conv2D(64, (3, 3), activation="relu", input_shape=(28, 28, 1))
    assert layer.input_shape_argument == (28, 28, 1)
