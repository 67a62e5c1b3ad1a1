"""The arithmetic of shapes in words, products, and what counts for no output."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.models.arithmetic import lost, products, why
from galago.windows import demand


def reasons(model: galago.Model, layer: str) -> list[str]:
    graph = model.to_graph()
    return [why(graph, place) for place, one in enumerate(graph.nodes) if one.layer == layer]


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (layers.Conv2D(2, 3, padding="same"), ["12 + 2 - 3 + 1 = 12 x 9 + 2 - 3 + 1 = 9"]),
        (layers.Conv2D(2, 3, 2), ["(12 - 3) / 2 + 1 = 5, rest 1 x (9 - 3) / 2 + 1 = 4"]),
        (layers.Conv2D(2, 3, dilation_rate=2), ["12 - 5 + 1 = 8 x 9 - 5 + 1 = 5"]),
        (layers.Conv2D(2, 1), ["12 - 1 + 1 = 12 x 9 - 1 + 1 = 9"]),
        (layers.AveragePooling2D((3, 2)), ["12 / 3 = 4 x 9 / 2 = 4, rest 1"]),
        (layers.MaxPooling2D(3, 1), ["12 - 3 + 1 = 10 x 9 - 3 + 1 = 7"]),
        (layers.ZeroPadding2D(((1, 2), (0, 3))), ["12 + 1 + 2 = 15 x 9 + 3 = 12"]),
        (layers.Cropping2D(((4, 0), (0, 1))), ["12 - 4 = 8 x 9 - 1 = 8"]),
        (layers.UpSampling2D(2), ["12 * 2 = 24 x 9 * 2 = 18"]),
        (layers.Flatten(), ["12 * 9 * 1 = 108"]),
        (layers.ReLU(), [""]),
        (
            layers.Conv2DTranspose(2, 3, strides=2),
            [
                "(12 - 1) * 2 + 1 = 23 x (9 - 1) * 2 + 1 = 17",
                "23 + 4 - 3 + 1 = 25 x 17 + 4 - 3 + 1 = 19",
            ],
        ),
    ],
)
def test_why(layer: Any, expected: list[str]) -> None:
    model = galago.Sequential([layers.Input((12, 9, 1)), layer])
    assert reasons(model, layer.name) == expected
    # Each is true: both sides of every "=" have the same value.
    for text in expected:
        for equation in filter(None, text.replace("; ", " x ").split(" x ")):
            left, _, right = equation.partition(", rest")[0].partition(" = ")
            assert eval(left.replace("/", "//")) == int(right)


def test_layers_over_steps_and_merges() -> None:
    steps = galago.Sequential([layers.Input((10, 2)), layers.Conv1D(3, 3, name="steps")])
    assert list(filter(None, reasons(steps, "steps"))) == ["10 - 3 + 1 = 8"]
    for layer, text in (
        (layers.ZeroPadding1D((2, 1), name="moved"), "10 + 2 + 1 = 13"),
        (layers.Cropping1D((0, 3), name="moved"), "10 - 3 = 7"),
        (layers.UpSampling1D(3, name="moved"), "10 * 3 = 30"),
    ):
        steps = galago.Sequential([layers.Input((10, 2)), layer])
        assert list(filter(None, reasons(steps, "moved"))) == [text]
    inputs = layers.Input((4, 4, 2))
    joined = layers.Concatenate(name="join")([inputs, layers.Conv2D(3, 1)(inputs)])
    assert reasons(galago.Model(inputs, joined), "join") == ["2 + 3 = 5"]


def test_single_positions_have_no_arithmetic() -> None:
    model = galago.Sequential([layers.PReLU(input_shape=(4, 4, 2), name="bent")])
    assert not any(reasons(model, "bent"))


def test_products_are_those_of_loops() -> None:
    model = galago.Sequential(
        [
            layers.Input((9, 8, 4)),
            layers.Conv2D(6, (3, 2), groups=2, name="groups"),
            layers.DepthwiseConv2D(3, depth_multiplier=2, name="depthwise"),
            layers.Flatten(name="flat"),
            layers.Dense(5, name="dense"),
        ]
    )
    graph = model.to_graph()
    found = {one.layer: products(graph, place) for place, one in enumerate(graph.nodes)}
    assert found["groups"] == 7 * 7 * 6 * 3 * 2 * 2
    assert found["depthwise"] == 5 * 5 * 12 * 3 * 3
    assert found["dense"] == 5 * 5 * 12 * 5 and found["flat"] == 0


def test_what_is_lost_changes_no_output() -> None:
    """Numbers of the input that are lost are those whose change is never seen."""
    inputs = layers.Input((11, 8, 1), name="image")
    x = layers.Cropping2D(((3, 0), (0, 0)), name="cut")(inputs)
    x = layers.MaxPooling2D((3, 3), name="pool")(x)
    model = galago.Model(inputs, layers.Flatten(name="row")(x))
    graph = model.to_graph()
    words = {
        one.layer: lost(graph, place, demand(graph).get(place))
        for place, one in enumerate(graph.nodes)
    }
    assert words == {
        "image": "first 3 rows and last 2 rows and last 2 columns: no output depends on them",
        "cut": "last 2 rows and last 2 columns never reach pool",
        "pool": "",
        "row": "",
    }
    image = np.random.default_rng(0).random((11, 8)).astype(np.float32)
    outputs = model.predict(image[None], verbose=0)
    for row, column in itertools.product(range(11), range(8)):
        other = image.copy()
        other[row, column] += 1
        changed = (model.predict(other[None], verbose=0) != outputs).any()
        assert changed == (3 <= row < 9 and column < 6)


def test_steps_are_lost_too() -> None:
    model = galago.Sequential([layers.Input((7, 2)), layers.MaxPooling1D(2, name="pool")])
    graph = model.to_graph()
    assert lost(graph, 0, demand(graph)[0]) == "last step: no output depends on them"
