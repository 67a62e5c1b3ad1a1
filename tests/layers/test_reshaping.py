"""Flatten and ZeroPadding2D."""

from __future__ import annotations

from typing import Any

import pytest

from galago import layers
from galago.errors import ArgumentError, ShapeError
from galago.graph import GraphBuilder
from galago.layers import Flatten


@pytest.mark.parametrize(("shape", "features"), [((5, 5, 64), 1600), ((28, 28), 784), ((10,), 10)])
def test_output_shape(shape: tuple[int, ...], features: int) -> None:
    assert Flatten().compute_output_shape((None, *shape)) == (None, features)


@pytest.mark.parametrize(("shape", "nodes"), [((5, 5, 64), 2), ((28, 28), 2), ((10,), 1)])
def test_a_row_needs_no_operation(shape: tuple[int, ...], nodes: int) -> None:
    builder = GraphBuilder()
    source = builder.add("input", "input", (), shape)
    assert len(builder.finish(Flatten().lower(builder, source, shape)).nodes) == nodes


@pytest.mark.parametrize(
    ("padding", "sides"),
    [
        (2, ((2, 2), (2, 2))),
        ((1, 2), ((1, 1), (2, 2))),
        (((1, 2), (3, 0)), ((1, 2), (3, 0))),
        ([[1, 2], 3], ((1, 2), (3, 3))),
    ],
)
def test_zero_padding(padding: Any, sides: Any) -> None:
    layer = layers.ZeroPadding2D(padding, name="p")
    assert layer.padding == sides
    (top, bottom), (left, right) = sides
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (4, 5, 3))
    line = str(builder.finish(layer.lower(builder, source, (4, 5, 3)))).splitlines()[1]
    assert line == (
        f"%1 = pad p (%0) padding=({top}, {bottom}, {left}, {right}) -> "
        f"{4 + top + bottom}x{5 + left + right}x3"
    )


def test_no_border_is_no_operation() -> None:
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (4, 5, 3))
    assert layers.ZeroPadding2D(0).lower(builder, source, (4, 5, 3)) == source


@pytest.mark.parametrize("padding", [-1, 1.5, "1", (1, 2, 3), ((1, 2, 3), 1), (), True, None])
def test_wrong_borders(padding: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        layers.ZeroPadding2D(padding)
    assert str(caught.value) == (
        "ZeroPadding2D 'zero_padding2d': padding must be a whole number from 0, a pair (height, "
        f"width) or ((top, bottom), (left, right)), received {padding!r}. Pass for example "
        "padding=1."
    )


def test_a_border_needs_an_image() -> None:
    with pytest.raises(ShapeError, match="expected images of shape"):
        layers.ZeroPadding2D().compute_output_shape((None, 4))
