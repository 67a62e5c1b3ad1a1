"""Resized maps against dense matrices, and the same bits on every ISA."""

from __future__ import annotations

import itertools

import naive_graph
import numpy as np
import pytest
from graphs import Chain
from sessions import ALL, bits, open_session

from galago.layers.resizing import INTERPOLATIONS

SIZES = ((5, 4), (12, 9), (3, 2), (1, 7), (5, 1))
BOXES = (None, (1, 0, 3, 4), (-2, -3, 9, 10), (4, 1, 6, 2))


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_resized_maps_are_products_with_matrices(interpolation: str, antialias: bool) -> None:
    rng = np.random.default_rng(4)
    for size, box, channels in itertools.product(SIZES, BOXES, (1, 3, 17)):
        made = Chain(5, 4, channels).resize(*size, interpolation, box, -0.75, antialias).graph()
        x = rng.normal(size=(2, 5, 4, channels))
        truth = naive_graph.predict(made, [], x)
        for isa in ALL:
            session = open_session(made, [], isa=isa, dtype="float64")
            np.testing.assert_allclose(session.predict(x, 0, 2), truth, atol=1e-14)


def test_the_same_bits_on_every_isa() -> None:
    rng = np.random.default_rng(5)
    for interpolation, box in itertools.product(INTERPOLATIONS, BOXES):
        made = Chain(5, 4, 18).resize(7, 9, interpolation, box, 0.3, True).graph()
        x = rng.normal(size=(2, 5, 4, 18)).astype(np.float32)
        found = {bits(open_session(made, [], isa=isa).predict(x, 0, 2)) for isa in ALL}
        assert len(found) == 1


def test_a_map_in_its_own_size_is_itself() -> None:
    x = np.random.default_rng(6).normal(size=(1, 5, 4, 3)).astype(np.float32)
    for interpolation in INTERPOLATIONS:
        made = Chain(5, 4, 3).resize(5, 4, interpolation).graph()
        assert bits(open_session(made, []).predict(x, 0, 1)) == bits(x)


def test_what_is_not_a_number_spreads_no_further_than_it_counts() -> None:
    x = np.zeros((1, 4, 4, 1), np.float32)
    x[0, 0, 0, 0] = np.nan
    for interpolation, reached in (("nearest", 2), ("bilinear", 3), ("bicubic", 5)):
        made = Chain(4, 4, 1).resize(8, 8, interpolation).graph()
        rows, cols = np.nonzero(np.isnan(open_session(made, []).predict(x, 0, 1)[0, :, :, 0]))
        assert (rows.max() + 1, cols.max() + 1) == (reached, reached)
