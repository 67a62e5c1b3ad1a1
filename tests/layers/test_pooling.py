"""Pooling: shapes, lowering, errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from galago import layers
from galago.errors import ArgumentError, ShapeError, UnknownNameError
from galago.graph import GraphBuilder

GLOBAL = [
    (layers.GlobalMaxPooling2D, "max_pool"),
    (layers.GlobalAveragePooling2D, "average_pool"),
]
BOTH = [(layers.MaxPooling2D, "max_pool"), (layers.AveragePooling2D, "average_pool")]


@pytest.mark.parametrize(("pooling", "op"), BOTH)
@pytest.mark.parametrize(
    ("arguments", "shape", "output"),
    [
        ({}, (26, 26, 64), (13, 13, 64)),
        ({}, (11, 11, 64), (5, 5, 64)),
        ({"padding": "same"}, (11, 11, 64), (6, 6, 64)),
        ({"pool_size": 3, "strides": 1}, (5, 4, 2), (3, 2, 2)),
        ({"pool_size": (1, 2)}, (5, 4, 2), (5, 2, 2)),
        ({"pool_size": 2, "strides": (2, 3), "padding": "same"}, (5, 4, 2), (3, 2, 2)),
    ],
)
def test_output_shapes(
    pooling: Any, op: str, arguments: Any, shape: tuple[int, ...], output: tuple[int, ...]
) -> None:
    assert pooling(**arguments).compute_output_shape((None, *shape)) == (None, *output)


@pytest.mark.parametrize(("pooling", "op"), BOTH)
def test_lowering(pooling: Any, op: str) -> None:
    layer = pooling(3, 2, "same", name="p")
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (6, 5, 2))
    lines = str(builder.finish(layer.lower(builder, source, (6, 5, 2)))).splitlines()
    assert lines[1:] == [
        f"%1 = {op} p (%0) padding=(0, 1, 1, 1) pool=(3, 3) strides=(2, 2) -> 3x3x2"
    ]


@pytest.mark.parametrize(("pooling", "op"), GLOBAL)
def test_a_global_pool_is_one_with_a_window_as_large_as_the_map(pooling: Any, op: str) -> None:
    for keepdims in (False, True):
        builder = GraphBuilder()
        source = builder.add("input", "input", (), (6, 5, 2))
        end = pooling(keepdims=keepdims, name="p").lower(builder, source, (6, 5, 2))
        lines = str(builder.finish(end)).splitlines()[1:]
        pool = f"%1 = {op} p (%0) padding=(0, 0, 0, 0) pool=(6, 5) strides=(6, 5) -> 1x1x2"
        assert lines == [pool] if keepdims else [pool, "%2 = flatten p (%1) -> 2"]


def test_other_names() -> None:
    assert layers.MaxPool2D is layers.MaxPooling2D
    assert layers.AvgPool2D is layers.AveragePooling2D
    assert layers.GlobalMaxPool2D is layers.GlobalMaxPooling2D
    assert layers.GlobalAvgPool2D is layers.GlobalAveragePooling2D
    assert layers.MaxPool2D(2, 2).name == "max_pooling2d"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: layers.MaxPooling2D(0),
            ArgumentError,
            "MaxPooling2D 'max_pooling2d': pool_size must be one positive int or a pair of them, "
            "(height, width), received 0. Pass for example pool_size=2 or pool_size=(2, 2).",
        ),
        (
            lambda: layers.AveragePooling2D(2, strides=-1),
            ArgumentError,
            "AveragePooling2D 'average_pooling2d': strides must be one positive int or a pair of "
            "them, (height, width), received -1. Pass for example strides=2 or strides=(2, 2).",
        ),
        (
            lambda: layers.MaxPooling2D(padding="full"),
            UnknownNameError,
            "MaxPooling2D 'max_pooling2d': expected a known padding, received 'full'. "
            "Known: valid, same.",
        ),
        (
            lambda: layers.MaxPooling2D(3).compute_output_shape((None, 2, 2, 1)),
            ShapeError,
            "MaxPooling2D 'max_pooling2d': pool_size (3, 3) is larger than its input 2x2. "
            "Use a smaller window, a larger input or padding='same'.",
        ),
        (
            lambda: layers.MaxPooling2D().compute_output_shape((None, 28, 28)),
            ShapeError,
            "MaxPooling2D 'max_pooling2d': expected images of shape (height, width, channels), "
            "received (28, 28). The channel axis is missing: use input_shape=(28, 28, 1) and pass "
            "x[..., None].",
        ),
        (
            lambda: layers.GlobalMaxPooling2D(keepdims=1),  # type: ignore[arg-type]
            ArgumentError,
            "GlobalMaxPooling2D 'global_max_pooling2d': keepdims must be True or False, received "
            "1. Pass one of them.",
        ),
        (
            lambda: layers.GlobalAveragePooling2D().compute_output_shape((None, 28)),
            ShapeError,
            "GlobalAveragePooling2D 'global_average_pooling2d': expected images of shape (height, "
            "width, channels), received (28,). Put it before Flatten and Dense.",
        ),
    ],
)
def test_errors(make: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message
