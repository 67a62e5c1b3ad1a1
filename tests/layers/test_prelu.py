"""PReLU: weights, lowering, errors. What it computes: test_contract.py."""

from __future__ import annotations

from typing import Any

import pytest

from galago import layers
from galago.errors import ArgumentError, ShapeError
from galago.graph import GraphBuilder


def lowered(layer: layers.Layer, shape: tuple[int, ...]) -> list[str]:
    layer.build((None, *shape))
    builder = GraphBuilder()
    source = builder.add("input", "input", (), shape)
    return str(builder.finish(layer.lower(builder, source, shape))).splitlines()[1:]


@pytest.mark.parametrize(
    ("axes", "alpha", "positions"),
    [
        (None, (4, 5, 3), "1x1x60"),
        (1, (1, 5, 3), "1x4x15"),
        ([2, 1], (1, 1, 3), "1x20x3"),
        ((1, 2, 3), (1, 1, 1), "1x60x1"),
    ],
)
def test_an_alpha_for_what_is_not_shared(axes: Any, alpha: Any, positions: str) -> None:
    layer = layers.PReLU(shared_axes=axes, name="p")
    lines = lowered(layer, (4, 5, 3))
    assert layer.weights[0].shape == alpha
    assert lines[0] == "%1 = activation p (%0) alpha=0.0 kind=relu -> 4x5x3"
    kind = "alpha=1.0 beta=0.0 kind=clipped_relu limit=0.0"
    assert lines[1] == f"%2 = activation p (%0) {kind} -> 4x5x3"
    assert lines[2] == f"%3 = reshape p (%2) -> {positions}"
    assert lines[3].endswith(f"padding=(0, 0, 0, 0) strides=(1, 1) -> {positions}")
    assert lines[-1] == "%6 = add p (%1, %5) -> 4x5x3"


@pytest.mark.parametrize("axes", [2, (1, 3), (0,), (1, 1), "1", 1.5])
def test_axes_that_are_not_the_first(axes: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        layers.PReLU(shared_axes=axes)
    assert str(caught.value) == (
        "PReLU 'p_re_lu': shared_axes must be None or the first axes of an example, received "
        f"{axes!r}. Pass (1, 2) for one alpha a channel."
    )


def test_more_axes_than_the_input_has() -> None:
    with pytest.raises(ShapeError) as caught:
        layers.PReLU(shared_axes=(1, 2)).build((None, 4))
    assert str(caught.value) == (
        "PReLU 'p_re_lu': expected an input with the axes (1, 2) of shared_axes, received (4,). "
        "Share fewer axes."
    )
