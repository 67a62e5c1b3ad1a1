"""Convolutions channel by channel: weights, shapes, lowering, errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from galago import initializers, layers
from galago.errors import ArgumentError, ShapeError
from galago.graph import Graph, GraphBuilder


def lowered(layer: layers.Layer, shape: tuple[int, ...]) -> Graph:
    layer.build((None, *shape))
    builder = GraphBuilder()
    source = builder.add("input", "input", (), shape)
    return builder.finish(layer.lower(builder, source, shape))


def test_depthwise_is_a_convolution_with_a_group_a_channel() -> None:
    layer = layers.DepthwiseConv2D(
        3, 2, "same", depth_multiplier=2, activation="relu", name="d", use_bias=True
    )
    graph = lowered(layer, (7, 8, 3))
    assert str(graph).splitlines()[1:] == [
        "%1 = conv d (%0) dilation=(1, 1) groups=3 kernel=(3, 3) padding=(1, 1, 0, 1) "
        "strides=(2, 2) -> 4x4x6",
        "%2 = activation d (%1) alpha=0.0 kind=relu -> 4x4x6",
    ]
    assert [(p.name, p.shape) for p in graph.parameters] == [
        ("d/kernel", (3, 3, 3, 2)),
        ("d/bias", (6,)),
    ]
    assert layer.kernel is layer.weights[0]
    assert layer.bias is layer.weights[1]


def test_separable_is_two_convolutions() -> None:
    layer = layers.SeparableConv2D(
        5, (2, 3), dilation_rate=2, depth_multiplier=2, activation="relu", name="s"
    )
    graph = lowered(layer, (7, 8, 3))
    assert str(graph).splitlines()[1:] == [
        "%1 = conv s (%0) dilation=(2, 2) groups=3 kernel=(2, 3) padding=(0, 0, 0, 0) "
        "strides=(1, 1) -> 5x4x6",
        "%2 = conv s (%1) dilation=(1, 1) groups=1 kernel=(1, 1) padding=(0, 0, 0, 0) "
        "strides=(1, 1) -> 5x4x5",
        "%3 = activation s (%2) alpha=0.0 kind=relu -> 5x4x5",
    ]
    assert [node.parameters for node in graph.nodes] == [(), (0,), (1, 2), ()]
    assert [(p.name, p.shape) for p in graph.parameters] == [
        ("s/depthwise_kernel", (2, 3, 3, 2)),
        ("s/pointwise_kernel", (1, 1, 6, 5)),
        ("s/bias", (5,)),
    ]
    assert layer.bias is layer.weights[2]


@pytest.mark.parametrize(
    "make", [layers.DepthwiseConv2D, lambda k, **o: layers.SeparableConv2D(3, k, **o)]
)
def test_without_a_bias(make: Any) -> None:
    layer = make(1, use_bias=False)
    graph = lowered(layer, (4, 4, 3))
    assert layer.bias is None
    assert all(parameter.name.endswith("kernel") for parameter in graph.parameters)


def test_starting_values() -> None:
    depthwise = layers.DepthwiseConv2D(3, depth_multiplier=2)
    depthwise.build((None, 9, 9, 16))
    limit = np.sqrt(6 / (9 * 16 + 9 * 2))  # the fans of Keras, which reads (in, out) at the end
    largest = np.abs(depthwise.kernel.numpy()).max()
    assert 0.9 * limit < largest <= limit
    separable = layers.SeparableConv2D(
        4, 3, depthwise_initializer="ones", pointwise_initializer=initializers.Constant(2.0)
    )
    separable.build((None, 9, 9, 2))
    assert [value.flat[0] for value in separable.get_weights()] == [1.0, 2.0, 0.0]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: layers.DepthwiseConv2D(3, depth_multiplier=0),
            ArgumentError,
            "DepthwiseConv2D 'depthwise_conv2d': depth_multiplier must be a whole number of at "
            "least 1, received 0. Pass an int, such as depth_multiplier=1.",
        ),
        (
            lambda: layers.SeparableConv2D(0, 3),
            ArgumentError,
            "SeparableConv2D 'separable_conv2d': filters must be a whole number of at least 1, "
            "received 0. Pass an int, such as filters=1.",
        ),
        (
            lambda: layers.DepthwiseConv2D(3, 2, dilation_rate=2),
            ArgumentError,
            "DepthwiseConv2D 'depthwise_conv2d': expected strides or dilation_rate of 1, received "
            "strides=(2, 2) and dilation_rate=(2, 2). Set one of them to 1.",
        ),
        (
            lambda: layers.SeparableConv2D(4, 3).build((None, 2, 2, 3)),
            ShapeError,
            "SeparableConv2D 'separable_conv2d': kernel_size (3, 3) is larger than its input 2x2. "
            "Use a smaller window, a larger input or padding='same'.",
        ),
        (
            lambda: layers.DepthwiseConv2D(3).build((None, 28, 28)),
            ShapeError,
            "DepthwiseConv2D 'depthwise_conv2d': expected images of shape (height, width, "
            "channels), received (28, 28). The channel axis is missing: use input_shape=(28, 28, "
            "1) and pass x[..., None].",
        ),
    ],
)
def test_errors(make: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message
