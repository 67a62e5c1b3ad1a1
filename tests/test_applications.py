"""The networks of the course."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from galago import applications
from galago.errors import ArgumentError
from galago.variables import count


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


@pytest.mark.parametrize(
    ("kernel_size", "strides", "sides"),
    [(5, 1, [24, 12, 8, 4]), (3, 2, [13, 6, 2, 1]), ((1, 3), (1, 1), [28, 14, 14, 7])],
)
def test_the_reference_network_with_other_windows(
    kernel_size: Any, strides: Any, sides: list[int]
) -> None:
    model = applications.reference(8, kernel_size, strides)
    assert [shape[0] for shape in model.output_shapes[:4]] == sides


#: Parameters that are trained and that are not, counted by hand; operations of the graph.
ZOO: dict[str, tuple[int, int, dict[str, int]]] = {
    "small_cnn": (
        9 * (16 + 16 * 32) + 16 + 32 + (7 * 7 * 32 * 128 + 128) + (128 * 10 + 10),
        0,
        {"conv": 2, "max_pool": 2, "dropout": 1, "dense": 2},
    ),
    "lenet5": (61_706, 0, {"conv": 2, "average_pool": 2, "dense": 3, "activation": 5}),
    "vgg_like": (
        3 * 3 * (3 * 32 + 32 * 32 + 32 * 64 + 64 * 64 + 64 * 128 + 128 * 128)
        + 2 * 2 * (32 + 64 + 128)
        + (2048 * 128 + 128)
        + (128 * 10 + 10),
        2 * 2 * (32 + 64 + 128),
        {"conv": 6, "batch_norm": 6, "max_pool": 3, "dropout": 1, "dense": 2},
    ),
    "resnet20": (
        9 * (3 * 16 + 6 * 16 * 16 + 16 * 32 + 5 * 32 * 32 + 32 * 64 + 5 * 64 * 64)
        + (16 * 32 + 32 * 64)
        + 2 * (7 * 16 + 7 * 32 + 7 * 64)
        + (64 * 10 + 10),
        2 * (7 * 16 + 7 * 32 + 7 * 64),
        {"conv": 21, "batch_norm": 21, "add": 9, "average_pool": 1, "flatten": 1, "dense": 1},
    ),
    "mobilenet_like": (
        9 * 3 * 32
        + 9 * (32 + 64 + 128 + 128 + 256)
        + (32 * 64 + 64 * 128 + 128 * 128 + 128 * 256 + 256 * 256)
        + 2 * (2 * (32 + 64 + 128 + 128 + 256) + 256)
        + (256 * 10 + 10),
        2 * (2 * (32 + 64 + 128 + 128 + 256) + 256),
        {"conv": 11, "batch_norm": 11, "average_pool": 1, "flatten": 1, "dense": 1},
    ),
}


@pytest.mark.parametrize("name", ZOO)
def test_the_zoo(name: str) -> None:
    trained, moving, operations = ZOO[name]
    model = getattr(applications, name)()
    assert model.name == name
    assert model.output_shape == (None, 10)
    assert count(model.trainable_weights) == trained
    assert count(model.non_trainable_weights) == moving
    found = Counter(node.op for node in model.to_graph().nodes)
    assert {op: found[op] for op in operations} == operations


def test_the_shapes_of_resnet20() -> None:
    nodes = applications.resnet20().to_graph().nodes
    assert [node.shape for node in nodes if node.op == "add"] == (
        [(32, 32, 16)] * 3 + [(16, 16, 32)] * 3 + [(8, 8, 64)] * 3
    )


def test_other_widths() -> None:
    assert applications.vgg_like(4).layers[-5].name == "max_pooling2d_2"
    assert applications.mobilenet_like(4).output_shapes[-2] == (32,)


@pytest.mark.parametrize("name", ["dense_baseline", "mobilenet_like", "reference", "vgg_like"])
def test_other_images_and_classes(name: str) -> None:
    model = getattr(applications, name)(input_shape=(20, 36, 4), classes=7)
    assert (model.input_shape, model.output_shape) == ((None, 20, 36, 4), (None, 7))


@pytest.mark.parametrize(
    ("size", "filters"),
    [
        ((28, 28, 1), [16, 32]),
        ((96, 64, 3), [16, 32, 64, 64]),
        ((7, 9, 3), [16]),
        ((2, 300, 1), [16]),
        ((1000, 1000, 3), [16, 32, 64, 64, 64, 64]),
    ],
)
def test_the_small_network_grows_with_the_images(size: Any, filters: list[int]) -> None:
    model = applications.small_cnn(input_shape=size, classes=3)
    shapes = [shape for shape in model.output_shapes if len(shape) == 3]
    assert [shape[-1] for shape in shapes[::2]] == filters
    assert model.output_shape == (None, 3)


def test_filters_are_checked() -> None:
    with pytest.raises(ArgumentError, match="filters"):
        applications.reference(0)
