"""Random transforms: lowering, errors. What they compute: test_random_images.py."""

from __future__ import annotations

from typing import Any

import pytest

from galago import layers
from galago.errors import ArgumentError, ShapeError, UnknownNameError
from galago.graph import GraphBuilder


def lowered(layer: layers.Layer, *size: int) -> str:
    """The last line of a graph of one layer."""
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (*size, 3))
    graph = builder.finish(layer.lower(builder, source, (*size, 3)))
    return str(graph).splitlines()[-1]


WARP = "%1 = random_warp r (%0) "


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        (
            layers.RandomFlip("vertical", 7, name="r"),
            "fill=0.0 fill_mode=constant interpolation=nearest kind=flip ranges=(0.0, 1.0) seed=7",
        ),
        (
            layers.RandomRotation((0.2, -0.1), seed=7, name="r"),
            "fill=0.0 fill_mode=reflect interpolation=bilinear kind=rotation ranges=(-0.1, 0.2) "
            "seed=7",
        ),
        (
            layers.RandomTranslation(0.5, (0, 1), "wrap", "nearest", 7, 0.5, name="r"),
            "fill=0.5 fill_mode=wrap interpolation=nearest kind=translation "
            "ranges=(-0.5, 0.5, 0.0, 1.0) seed=7",
        ),
        (
            layers.RandomZoom(0.25, seed=7, name="r"),
            "fill=0.0 fill_mode=reflect interpolation=bilinear kind=zoom ranges=(-0.25, 0.25) "
            "seed=7",
        ),
        (
            layers.RandomZoom(0.25, -0.5, "nearest", seed=7, name="r"),
            "fill=0.0 fill_mode=nearest interpolation=bilinear kind=zoom "
            "ranges=(-0.25, 0.25, -0.5, 0.5) seed=7",
        ),
    ],
)
def test_warps(layer: layers.Layer, line: str) -> None:
    assert lowered(layer, 4, 5) == f"{WARP}{line} -> 4x5x3"


@pytest.mark.parametrize(
    "layer",
    [
        layers.RandomRotation(0),
        layers.RandomTranslation(0, (0, 0)),
        layers.RandomZoom((0, 0), 0.0),
        layers.RandomCrop(4, 5),
    ],
)
def test_what_changes_nothing_is_no_operation(layer: layers.Layer) -> None:
    assert lowered(layer, 4, 5) == "%0 = input input () -> 4x5x3"


@pytest.mark.parametrize(
    ("size", "line"),
    [
        (
            (4, 9),
            "%1 = random_crop r (%0) antialias=0 box=(0, 3, 4, 3) fill=0.0 interpolation=bilinear "
            "seed=7 -> 4x3x3",
        ),
        (
            (3, 9),
            "%1 = resize r (%0) antialias=0 box=(0, 3, 3, 2) fill=0.0 interpolation=bilinear "
            "-> 4x3x3",
        ),
    ],
)
def test_crops(size: tuple[int, int], line: str) -> None:
    assert lowered(layers.RandomCrop(4, 3, 7, name="r"), *size) == line


def test_a_layer_that_is_called_again_draws_again() -> None:
    layer = layers.RandomFlip(seed=7)
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (4, 5, 3))
    places = [layer.lower(builder, source, (4, 5, 3)) for _ in range(2)]
    nodes = builder.finish(*places).nodes
    first, second = (dict(nodes[place].attributes)["seed"] for place in places)
    assert first != second


@pytest.mark.parametrize("factor", [1.5, "0.1", True, None, (0.1,), (0.1, 0.2, 0.3), (0, -2)])
def test_wrong_factors(factor: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        layers.RandomRotation(factor)
    assert str(caught.value) == (
        "RandomRotation 'random_rotation': factor must be a number from -1 to 1, or two of them, "
        f"(least, most), received {factor!r}. Pass for example factor=0.2."
    )


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: layers.RandomZoom(1.0),
            ArgumentError,
            "RandomZoom 'random_zoom': height_factor must be more than -1, at which nothing would "
            "be shown, received 1.0. Pass for example height_factor=0.2.",
        ),
        (
            lambda: layers.RandomZoom(0.5, (-1, 0)),
            ArgumentError,
            "RandomZoom 'random_zoom': width_factor must be more than -1, at which nothing would "
            "be shown, received (-1, 0). Pass for example width_factor=0.2.",
        ),
        (
            lambda: layers.RandomFlip("horizontally"),
            UnknownNameError,
            "RandomFlip 'random_flip': expected a known mode, received 'horizontally'. Did you "
            "mean 'horizontal'? Known: horizontal, vertical, horizontal_and_vertical.",
        ),
        (
            lambda: layers.RandomRotation(0.1, fill_mode="mirror"),
            UnknownNameError,
            "RandomRotation 'random_rotation': expected a known fill_mode, received 'mirror'. "
            "Known: constant, nearest, reflect, wrap.",
        ),
        (
            lambda: layers.RandomRotation(0.1, interpolation="bicubic"),
            UnknownNameError,
            "RandomRotation 'random_rotation': expected a known interpolation, received "
            "'bicubic'. Known: nearest, bilinear.",
        ),
        (
            lambda: layers.RandomCrop(0, 3),
            ArgumentError,
            "RandomCrop 'random_crop': height must be a whole number of at least 1, received 0. "
            "Pass an int, such as height=1.",
        ),
        (
            lambda: layers.RandomFlip(seed=-1),
            ArgumentError,
            "RandomFlip 'random_flip': seed must be a whole number of at least 0, received -1. "
            "Pass an int, such as seed=1.",
        ),
        (
            lambda: layers.RandomFlip().compute_output_shape((None, 784)),
            ShapeError,
            "RandomFlip 'random_flip': expected images of shape (height, width, channels), "
            "received (784,). Put it before Flatten and Dense.",
        ),
    ],
)
def test_errors(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message
