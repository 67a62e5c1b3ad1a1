"""float32 against float64: within 4 sqrt(K) 2^-24 sum |x w|, where K products make a sum."""

from __future__ import annotations

import naive_graph
import numpy as np
import pytest
from graphs import Chain
from naive import Array
from problems import real_data
from sessions import ISAS, open_session

from galago.graph import Graph

UNIT = 2.0**-24
BASIS = [
    Chain(9, 9, 1).conv(64, (3, 3)),
    Chain(7, 8, 16).conv(33, (3, 3), padding="same"),
    Chain(6, 6, 64).conv(64, (3, 3)),
    Chain(16, 12, 32).conv(17, (3, 3)),
    Chain(9, 8, 32).conv(16, (5, 5)),
    Chain(13, 11, 3).conv(17, (5, 4), (2, 1), (1, 2), "same"),
    Chain(8, 8, 64).conv(65, (1, 1)),
    Chain(9, 9, 32).conv(32, (3, 3), groups=32),
    Chain(10, 10, 12).conv(24, (3, 3), groups=3),
    Chain(784).dense(128),
    Chain(1600).dense(130),
    Chain(17).dense(10),
]
POOLED = [
    chain.activation("relu").max_pool((2, 2))
    for chain in (
        Chain(28, 28, 1).conv(64, (3, 3)),
        Chain(13, 13, 64).conv(64, (3, 3)),
        Chain(12, 9, 16).conv(48, (3, 3), padding="same"),
        Chain(9, 12, 17).conv(15, (3, 3)),
        Chain(11, 11, 3).conv(33, (5, 5)),
    )
]
GRAPHS = [chain.graph() for chain in [*BASIS, *POOLED]]


def bound(made: Graph, parameters: list[Array], x: Array) -> Array:
    """The error allowed for each output."""
    sizes = naive_graph.predict(made, [np.abs(p) for p in parameters], np.abs(x))
    products = np.prod(parameters[0].shape[:-1]) + 1
    return np.asarray(4 * np.sqrt(products) * UNIT * sizes)


@pytest.mark.parametrize("number", range(len(GRAPHS)))
def test_error_is_that_of_rounding(number: int) -> None:
    made = GRAPHS[number]
    for seed in range(5):
        parameters, x = real_data(made, seed, 4)
        parameters = [p.astype(np.float32).astype(np.float64) for p in parameters]
        x = x.astype(np.float32).astype(np.float64)
        session = open_session(made, parameters, isa=ISAS[0], loss=None)
        found = session.predict(x.astype(np.float32), 0, 4)
        error = np.abs(found - naive_graph.predict(made, parameters, x))
        assert (error <= bound(made, parameters, x)).all(), str(made)


@pytest.mark.parametrize("number", range(len(BASIS)))
def test_error_of_weight_gradients_is_that_of_rounding(number: int) -> None:
    made = BASIS[number].graph()
    for seed in range(5):
        parameters, x = real_data(made, seed, 4)
        parameters = [p.astype(np.float32).astype(np.float64) for p in parameters]
        x = x.astype(np.float32).astype(np.float64)
        session = open_session(made, parameters, isa=ISAS[0])
        outputs = naive_graph.predict(made, parameters, x)
        y = np.random.default_rng(seed).normal(size=outputs.shape).astype(np.float32)
        gradient = (outputs - y) * 2 / y.size
        found = session.gradients(x.astype(np.float32), y)[0]
        exact = naive_graph.backward(
            made, parameters, naive_graph.values(made, parameters, x, training=True), gradient
        )[0]
        # What rounding makes of the sums, and of the gradients that are added.
        inexact = bound(made, parameters, x) * 2 / y.size + UNIT * np.abs(gradient)
        weigh = 4 * np.sqrt(gradient[..., 0].size) * UNIT * np.abs(gradient) + inexact
        sizes = naive_graph.values(made, parameters, np.abs(x), training=True)
        allowed = naive_graph.backward(made, parameters, sizes, weigh)[0]
        assert (np.abs(found - exact) <= allowed).all(), str(made)
