"""Layers that rearrange: shapes, lowering, errors. What they compute: test_contract.py."""

from __future__ import annotations

from typing import Any

import pytest

from galago import layers
from galago.errors import ArgumentError, ShapeError, UnknownNameError
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


def lowered(layer: layers.Layer, shape: tuple[int, ...]) -> list[str]:
    builder = GraphBuilder()
    source = builder.add("input", "input", (), shape)
    return str(builder.finish(layer.lower(builder, source, shape))).splitlines()[1:]


@pytest.mark.parametrize(
    ("layer", "shape", "lines"),
    [
        (layers.Reshape((6, 2), name="r"), (12,), ["%1 = reshape r (%0) -> 6x2"]),
        (layers.Reshape((-1,), name="r"), (3, 4), ["%1 = flatten r (%0) -> 12"]),
        (layers.Reshape((2, -1, 3), name="r"), (4, 3), ["%1 = reshape r (%0) -> 2x2x3"]),
        (layers.Reshape((3, 4)), (3, 4), []),
        (
            layers.Permute((3, 1, 2), name="r"),
            (4, 5, 6),
            ["%1 = permute r (%0) order=(2, 0, 1) -> 6x4x5"],
        ),
        (layers.Permute((2, 1), name="r"), (4, 5), ["%1 = permute r (%0) order=(0, 2, 1) -> 5x4"]),
        (layers.Permute((1, 2, 3)), (4, 5, 6), []),
        (
            layers.Cropping2D((1, 2), name="r"),
            (4, 5, 6),
            ["%1 = crop r (%0) padding=(1, 1, 2, 2) -> 2x1x6"],
        ),
        (layers.Cropping2D(), (4, 5, 6), []),
        (
            layers.UpSampling2D((1, 2), name="r"),
            (4, 5, 6),
            ["%1 = upsample r (%0) size=(1, 2) -> 4x10x6"],
        ),
        (layers.UpSampling2D(1), (4, 5, 6), []),
    ],
)
def test_lowering(layer: layers.Layer, shape: tuple[int, ...], lines: list[str]) -> None:
    assert lowered(layer, shape) == lines


@pytest.mark.parametrize(
    "target", [(0, 2), (-1, -1), (-2,), (1.5,), "12", (True,), (), (1,) * 4, 7]
)
def test_wrong_shapes(target: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        layers.Reshape(target)
    assert str(caught.value) == (
        "Reshape 'reshape': target_shape must be one to three whole numbers from 1, one of which "
        f"may be -1, received {target!r}. Leave the batch axis out and write for example "
        "target_shape=(7, 7, -1)."
    )


@pytest.mark.parametrize("target", [(5, 2), (5, -1)])
def test_shapes_of_other_sizes(target: Any) -> None:
    with pytest.raises(ShapeError) as caught:
        layers.Reshape(target).compute_output_shape((None, 12))
    assert str(caught.value) == (
        f"Reshape 'reshape': expected an input of as many values as target_shape {target} has, "
        "received (12,) with 12. Change target_shape; one of its sizes may be -1."
    )


@pytest.mark.parametrize("dims", [(0, 1), (1, 3), (1, 1), (1, 2, 3, 4), (), 1, ("1",), (True, 2)])
def test_wrong_orders(dims: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        layers.Permute(dims)
    assert str(caught.value) == (
        "Permute 'permute': dims must name each axis from 1 on once, at most three of them, "
        f"received {dims!r}. Write for example dims=(2, 1, 3)."
    )


def test_errors_at_the_input() -> None:
    with pytest.raises(ShapeError) as caught:
        layers.Permute((2, 1)).compute_output_shape((None, 4, 5, 6))
    assert str(caught.value) == (
        "Permute 'permute': expected an input of 2 axes without the batch, as dims (2, 1) has, "
        "received (4, 5, 6). Change dims."
    )
    with pytest.raises(ShapeError) as caught:
        layers.Cropping2D(((1, 2), (0, 5))).compute_output_shape((None, 4, 5, 6))
    assert str(caught.value) == (
        "Cropping2D 'cropping2d': expected images of more than 3 rows and 5 columns, which "
        "cropping ((1, 2), (0, 5)) takes away, received (4, 5, 6). Crop less."
    )
    with pytest.raises(ArgumentError, match="cropping must be a whole number from 0, a pair"):
        layers.Cropping2D(-1)
    with pytest.raises(UnknownNameError) as unknown:
        layers.UpSampling2D(interpolation="linear")
    assert str(unknown.value) == (
        "UpSampling2D 'up_sampling2d': expected a known interpolation, received 'linear'. "
        "Did you mean 'bilinear'? Known: nearest, bilinear, bicubic, lanczos3, lanczos5."
    )
