"""Layers that resize: shapes, lowering, errors. What they compute: test_contract.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.errors import ArgumentError, ShapeError, UnknownNameError
from galago.graph import GraphBuilder


def box_of(layer: layers.Layer, *size: int) -> Any:
    """The part of an image that a layer stretches; None where there is no such operation."""
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (*size, 3))
    graph = builder.finish(layer.lower(builder, source, (*size, 3)))
    return dict(graph.nodes[-1].attributes).get("box")


@pytest.mark.parametrize(
    ("size", "target", "whole", "cropped", "padded"),
    [
        ((4, 6), (4, 6), None, None, None),
        ((4, 6), (8, 12), (0, 0, 4, 6), (0, 0, 4, 6), (0, 0, 4, 6)),
        ((4, 6), (5, 5), (0, 0, 4, 6), (0, 1, 4, 4), (-1, 0, 6, 6)),
        ((9, 4), (5, 5), (0, 0, 9, 4), (2, 0, 4, 4), (0, -2, 9, 8)),
        ((3, 100), (7, 1), (0, 0, 3, 100), (0, 49, 3, 1), (-348, 0, 699, 100)),
        ((100, 1), (1, 7), (0, 0, 100, 1), (49, 0, 1, 1), (0, -349, 100, 699)),
    ],
)
def test_what_is_stretched(size: Any, target: Any, whole: Any, cropped: Any, padded: Any) -> None:
    assert box_of(layers.Resizing(*target), *size) == whole
    assert box_of(layers.Resizing(*target, crop_to_aspect_ratio=True), *size) == cropped
    assert box_of(layers.Resizing(*target, pad_to_aspect_ratio=True), *size) == padded


@pytest.mark.parametrize(
    ("size", "line"),
    [
        ((5, 6), "%1 = crop c (%0) padding=(0, 1, 1, 1) -> 4x4x3"),
        ((4, 5), "%1 = crop c (%0) padding=(0, 0, 0, 1) -> 4x4x3"),
        ((4, 4), "%0 = input input () -> 4x4x3"),
        (
            (3, 9),
            "%1 = resize c (%0) antialias=0 box=(0, 3, 3, 3) fill=0.0 interpolation=bilinear "
            "-> 4x4x3",
        ),
    ],
)
def test_the_middle(size: tuple[int, int], line: str) -> None:
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (*size, 3))
    graph = builder.finish(layers.CenterCrop(4, 4, name="c").lower(builder, source, (*size, 3)))
    assert str(graph).splitlines()[-1] == line


def test_bytes_at_the_front() -> None:
    rows = [layers.Resizing(3, 3), layers.Rescaling(1 / 255)]
    model = galago.Sequential([galago.Input((6, 6, 3)), *rows])
    images = np.random.default_rng(2).integers(0, 256, (2, 6, 6, 3), np.uint8)
    means = images.reshape(2, 3, 2, 3, 2, 3).mean(axis=(2, 4)) / 255
    np.testing.assert_allclose(model.predict(images, verbose=0), means, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: layers.Resizing(0, 3),
            ArgumentError,
            "Resizing 'resizing': height must be a whole number of at least 1, received 0. Pass "
            "an int, such as height=1.",
        ),
        (
            lambda: layers.Resizing(3, 3, "bilnear"),
            UnknownNameError,
            "Resizing 'resizing': expected a known interpolation, received 'bilnear'. Did you "
            "mean 'bilinear'? Known: nearest, bilinear, bicubic, lanczos3, lanczos5.",
        ),
        (
            lambda: layers.Resizing(3, 3, fill_mode="reflect"),
            UnknownNameError,
            "Resizing 'resizing': expected a known fill_mode, received 'reflect'. Known: constant.",
        ),
        (
            lambda: layers.Resizing(3, 3, pad_to_aspect_ratio=True, crop_to_aspect_ratio=True),
            ArgumentError,
            "Resizing 'resizing': expected crop_to_aspect_ratio or pad_to_aspect_ratio, received "
            "True for both. Leave one of them out.",
        ),
        (
            lambda: layers.Resizing(3, 3, fill_value=float("inf")),
            ArgumentError,
            "Resizing 'resizing': fill_value must be a finite number, received inf. Pass a float "
            "for fill_value.",
        ),
        (
            lambda: layers.Resizing(3, 3, antialias=1),  # type: ignore[arg-type]
            ArgumentError,
            "Resizing 'resizing': antialias must be True or False, received 1. Pass one of them.",
        ),
        (
            lambda: layers.CenterCrop(3, 2.5),  # type: ignore[arg-type]
            ArgumentError,
            "CenterCrop 'center_crop': width must be a whole number of at least 1, received 2.5. "
            "Pass an int, such as width=1.",
        ),
        (
            lambda: layers.Resizing(3, 3).compute_output_shape((None, 28, 28)),
            ShapeError,
            "Resizing 'resizing': expected images of shape (height, width, channels), received "
            "(28, 28). The channel axis is missing: use input_shape=(28, 28, 1) and pass "
            "x[..., None].",
        ),
    ],
)
def test_errors(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message
