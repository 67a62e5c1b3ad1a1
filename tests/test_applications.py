"""The networks of the course."""

from __future__ import annotations

import pytest

from galago import applications
from galago.errors import ArgumentError


@pytest.mark.parametrize(
    ("filters", "flat", "parameters"),
    [(16, 400, 55_098), (32, 800, 113_386), (64, 1600, 243_786), (128, 3200, 559_882)],
)
def test_the_reference_network(filters: int, flat: int, parameters: int) -> None:
    model = applications.reference(filters)
    assert [layer.name for layer in model.layers] == [
        "conv2d",
        "max_pooling2d",
        "conv2d_1",
        "max_pooling2d_1",
        "flatten",
        "dense",
        "dense_1",
    ]
    assert model.output_shapes == [
        (26, 26, filters),
        (13, 13, filters),
        (11, 11, filters),
        (5, 5, filters),
        (flat,),
        (128,),
        (10,),
    ]
    assert model.count_params() == parameters


def test_the_baseline() -> None:
    model = applications.dense_baseline()
    assert (model.input_shape, model.output_shape) == ((None, 28, 28), (None, 10))
    assert model.count_params() == 101_770


def test_filters_are_checked() -> None:
    with pytest.raises(ArgumentError, match="filters"):
        applications.reference(0)
