"""Contrast and brightness: lowering, errors. What they compute: test_random_images.py."""

from __future__ import annotations

from typing import Any

import pytest

from galago import layers
from galago.errors import ArgumentError
from galago.graph import GraphBuilder


def lowered(layer: layers.Layer) -> str:
    """The last line of a graph of one layer."""
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (4, 5, 3))
    return str(builder.finish(layer.lower(builder, source, (4, 5, 3)))).splitlines()[-1]


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        (
            layers.RandomContrast(0.25, seed=7, name="r"),
            "kind=contrast limits=(0.0, 255.0) range=(0.75, 1.25) seed=7",
        ),
        (
            layers.RandomContrast((0.0, 0.5), [1, 0], 7, name="r"),
            "kind=contrast limits=(0.0, 1.0) range=(1.0, 1.5) seed=7",
        ),
        (
            layers.RandomBrightness(0.5, seed=7, name="r"),
            "kind=brightness limits=(0.0, 255.0) range=(-127.5, 127.5) seed=7",
        ),
        (
            layers.RandomBrightness((-0.25, 0), (-1, 1), 7, name="r"),
            "kind=brightness limits=(-1.0, 1.0) range=(-0.5, 0.0) seed=7",
        ),
    ],
)
def test_tones(layer: layers.Layer, line: str) -> None:
    assert lowered(layer) == f"%1 = random_tone r (%0) {line} -> 4x5x3"


@pytest.mark.parametrize("given", [255, (0, 1, 2), "01", None])
def test_wrong_values(given: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        layers.RandomBrightness(0.5, given)
    assert str(caught.value) == (
        "RandomBrightness 'random_brightness': value_range must be two numbers, the least and the "
        f"most that a pixel can be, received {given!r}. Pass (0, 255), or (0, 1) behind a "
        "Rescaling."
    )


def test_a_factor_of_contrast_is_not_negative() -> None:
    with pytest.raises(ArgumentError, match="factor must be a number from 0 to 1, or two of them"):
        layers.RandomContrast(-0.1)
