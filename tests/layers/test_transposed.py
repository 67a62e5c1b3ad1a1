"""Conv2DTranspose: sizes, lowering, errors. What it computes: test_contract.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from galago import layers
from galago.errors import ArgumentError
from galago.graph import GraphBuilder


@pytest.mark.parametrize(
    ("arguments", "rows", "cols"),
    [
        ({"kernel_size": 3}, 6, 7),
        ({"kernel_size": 3, "strides": 2}, 9, 11),
        ({"kernel_size": 2, "strides": 3}, 12, 15),
        ({"kernel_size": 3, "strides": 2, "padding": "same"}, 8, 10),
        ({"kernel_size": (3, 2), "dilation_rate": (2, 3)}, 8, 8),
        ({"kernel_size": 3, "strides": 2, "output_padding": 1}, 10, 12),
        ({"kernel_size": 4, "strides": 2, "output_padding": 0, "padding": "same"}, 6, 8),
    ],
)
def test_sizes(arguments: dict[str, Any], rows: int, cols: int) -> None:
    layer = layers.Conv2DTranspose(7, **arguments)
    assert layer.compute_output_shape((None, 4, 5, 3)) == (None, rows, cols, 7)


def test_lowering() -> None:
    layer = layers.Conv2DTranspose(7, 3, 2, "same", activation="relu", name="up")
    layer.build((None, 4, 5, 2))
    assert [weight.shape for weight in layer.weights] == [(3, 3, 7, 2), (7,)]
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (4, 5, 2))
    graph = builder.finish(layer.lower(builder, source, (4, 5, 2)))
    assert str(graph).splitlines()[1:] == [
        "%1 = dilate up (%0) strides=(2, 2) -> 7x9x2",
        "%2 = conv up (%1) dilation=(1, 1) groups=1 kernel=(3, 3) padding=(2, 1, 2, 1) "
        "strides=(1, 1) transposed=1 -> 8x10x7",
        "%3 = activation up (%2) alpha=0.0 kind=relu -> 8x10x7",
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: layers.Conv2DTranspose(7, 3, 2, output_padding=2),
            "Conv2DTranspose 'conv2d_transpose': output_padding must be less than the strides "
            "(2, 2), received 2. Pass None for the usual size.",
        ),
        (
            lambda: layers.Conv2DTranspose(7, 3, 2, output_padding=(1, 1, 1)),  # type: ignore[arg-type]
            "Conv2DTranspose 'conv2d_transpose': output_padding must be less than the strides "
            "(2, 2), received (1, 1, 1). Pass None for the usual size.",
        ),
        (
            lambda: layers.Conv2DTranspose(7, 3, 2, output_padding=-1),
            "Conv2DTranspose 'conv2d_transpose': output_padding must be a whole number of at "
            "least 0, received -1. Pass an int, such as output_padding=1.",
        ),
        (
            lambda: layers.Conv2DTranspose(7, 3, 2, "same", output_padding=1),
            "Conv2DTranspose 'conv2d_transpose': expected output_padding None or 0 with "
            "padding='same', on which Keras's backends agree, received 1. Use padding='valid' and "
            "Cropping2D().",
        ),
        (
            lambda: layers.Conv2DTranspose(7, 3, 2, dilation_rate=2),
            "Conv2DTranspose 'conv2d_transpose': expected strides or dilation_rate of 1, received "
            "strides=(2, 2) and dilation_rate=(2, 2). Set one of them to 1.",
        ),
    ],
)
def test_errors(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == message
