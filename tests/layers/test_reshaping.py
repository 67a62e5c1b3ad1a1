"""Flatten."""

from __future__ import annotations

import pytest

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
