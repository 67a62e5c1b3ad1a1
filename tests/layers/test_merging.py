"""Layers of several inputs: shapes, lowering, errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from galago import layers
from galago.errors import ArgumentError, ShapeError
from galago.graph import GraphBuilder
from galago.layers import Input


@pytest.mark.parametrize(
    "merge",
    [
        layers.Add,
        layers.Average,
        layers.Concatenate,
        layers.Maximum,
        layers.Minimum,
        layers.Multiply,
    ],
)
def test_one_input_alone_stays_as_it_is(merge: Any) -> None:
    layer, builder = merge(), GraphBuilder()
    assert layer([Input((4, 4, 3))]).shape == (None, 4, 4, 3)
    source = builder.add("input", "input", (), (4, 4, 3))
    assert layer.lower_all(builder, [source], [(4, 4, 3)]) == source


@pytest.mark.parametrize(
    ("layer", "shapes", "line"),
    [
        (layers.Add, [(4, 4, 3), (4, 4, 3)], "%2 = add m (%0, %1) -> 4x4x3"),
        (layers.Add, [(7,), (7,)], "%2 = add m (%0, %1) -> 7"),
        (layers.Add, [(1, 1, 3), (4, 4, 3)], "%2 = add m (%0, %1) -> 4x4x3"),
        (layers.Subtract, [(7,), (7,)], "%2 = subtract m (%0, %1) -> 7"),
        (layers.Multiply, [(4, 4, 3), (1, 1, 3)], "%2 = multiply m (%0, %1) -> 4x4x3"),
        (layers.Multiply, [(3,), (3,), (3,)], "%4 = multiply m (%3, %2) -> 3"),
        (layers.Minimum, [(1, 3), (1, 3), (4, 3)], "%4 = minimum m (%3, %2) -> 4x3"),
        (layers.Maximum, [(7,), (7,)], "%2 = maximum m (%0, %1) -> 7"),
        (
            layers.Average,
            [(7,), (7,)],
            "%3 = activation m (%2) alpha=0.5 beta=0.0 kind=rescale -> 7",
        ),
        (layers.Concatenate, [(4, 4, 3), (4, 4, 5)], "%2 = concatenate m (%0, %1) -> 4x4x8"),
        (layers.Concatenate, [(7,), (2,)], "%2 = concatenate m (%0, %1) -> 9"),
    ],
)
def test_lowering(layer: Any, shapes: Any, line: str) -> None:
    builder = GraphBuilder()
    sources = [builder.add("input", "input", (), shape) for shape in shapes]
    end = layer(name="m").lower_all(builder, sources, shapes)
    assert str(builder.finish(end)).splitlines()[-1] == line


def test_a_tensor_may_be_added_to_itself() -> None:
    tensor = Input((4,))
    assert layers.Add()((tensor, tensor, tensor)).inputs == (tensor, tensor, tensor)


@pytest.mark.parametrize("axis", [-1, 3])
def test_the_axis_of_the_channels(axis: int) -> None:
    joined = layers.concatenate([Input((4, 4, 3)), Input((4, 4, 5))], axis=axis, name="joined")
    assert joined.shape == (None, 4, 4, 8)
    assert joined.layer.name == "joined"


def test_functions() -> None:
    for function in (
        layers.add,
        layers.average,
        layers.maximum,
        layers.minimum,
        layers.multiply,
        layers.subtract,
    ):
        tensor = function([Input((4,)), Input((4,))], name="both")
        assert tensor.layer.name == "both"
        assert type(tensor.layer).__name__.lower() == function.__name__


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: layers.Add()([Input((4, 4, 3)), Input((4, 4, 3)), Input((2, 2, 3))]),
            ShapeError,
            "Add 'add': expected inputs of one shape, received (4, 4, 3) and (2, 2, 3). Bring "
            "them to one shape first, for example with Conv2D(filters, 1, strides).",
        ),
        (
            lambda: layers.Multiply()([Input((4, 4, 3)), Input((1, 1, 1))]),
            ShapeError,
            "Multiply 'multiply': expected inputs of one shape, received (4, 4, 3) and (1, 1, 1). "
            "Bring them to one shape first, for example with Conv2D(filters, 1, strides).",
        ),
        (
            lambda: layers.Subtract()([Input((4,)), Input((4,)), Input((4,))]),
            ArgumentError,
            "Subtract 'subtract': expected two inputs, received 3. Write Subtract()([a, b]).",
        ),
        (
            lambda: layers.Concatenate()([Input((4, 4, 3)), Input((2, 4, 3))]),
            ShapeError,
            "Concatenate 'concatenate': expected inputs that differ in their channels only, "
            "received (4, 4, 3) and (2, 4, 3). Bring them to one height and width first.",
        ),
        (
            lambda: layers.Concatenate()([Input((4, 4, 3)), Input((3,))]),
            ShapeError,
            "Concatenate 'concatenate': expected inputs that differ in their channels only, "
            "received (4, 4, 3) and (3,). Bring them to one height and width first.",
        ),
        (
            lambda: layers.Concatenate(axis=1)([Input((4, 4, 3)), Input((4, 4, 3))]),
            ArgumentError,
            "Concatenate 'concatenate': expected axis -1 or 3, the axis of the channels, "
            "received 1. Leave axis out.",
        ),
        (
            lambda: layers.Add()(Input((4,), name="x")),
            ArgumentError,
            "Add 'add': expected to be called with a list of symbolic tensors, received "
            "<KerasTensor shape=(None, 4), dtype=float32, name=keras_tensor>. Write Add()([a, b]) "
            "in a functional model.",
        ),
        (
            lambda: layers.Add()([]),
            ArgumentError,
            "Add 'add': expected to be called with a list of symbolic tensors, received []. "
            "Write Add()([a, b]) in a functional model.",
        ),
        (
            lambda: layers.Add()([Input((4,)), np.zeros(1)]),
            ArgumentError,
            "Add 'add': expected to be called with a list of symbolic tensors, received "
            "[<KerasTensor shape=(None, 4), dtype=float32, name=keras_tensor>, array([0.])]. "
            "Write Add()([a, b]) in a functional model.",
        ),
        (
            lambda: layers.Add().compute_output_shape((None, 4)),
            ArgumentError,
            "Add 'add': expected a list of input shapes, received (None, 4). Write for example "
            "[(None, 8, 8, 16), (None, 8, 8, 16)].",
        ),
        (
            lambda: layers.Add().build(4),
            ArgumentError,
            "Add 'add': expected a list of input shapes, received 4. Write for example "
            "[(None, 8, 8, 16), (None, 8, 8, 16)].",
        ),
    ],
)
def test_errors(make: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message
