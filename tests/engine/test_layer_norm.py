"""Layer normalization: sums as the documentation has them, on every ISA. Slopes: test_gradients."""

from __future__ import annotations

import naive_graph
import numpy as np
import pytest
from graphs import Chain, layer_normed_graphs
from problems import real_data
from sessions import ALL, ISAS, bits, open_session

UNIT = 2.0**-24


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("isa", ALL)
def test_gradients_are_those_of_the_truth(isa: str, number: int) -> None:
    made = layer_normed_graphs()[number]
    parameters, x = real_data(made, number, 4)
    y = np.random.default_rng(number).random((4, 3))
    session = open_session(made, parameters, dtype="float64", isa=isa)
    _, truth = naive_graph.gradients(made, parameters, x, y, "mean_squared_error")
    for found, exact in zip(session.gradients(x, y), truth, strict=True):
        np.testing.assert_allclose(found, exact, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("isa", ISAS)
def test_the_reference_has_the_same_chains(isa: str) -> None:
    for number, made in enumerate(layer_normed_graphs()):
        parameters, x = real_data(made, number, 5)
        x = x.astype(np.float32)
        found = [open_session(made, parameters, isa=i).predict(x, 0, 5) for i in (isa, "reference")]
        if "winograd" not in open_session(made, parameters, isa=isa).plan("predict"):
            assert bits(found[0]) == bits(found[1]), str(made)


@pytest.mark.parametrize("channels", [1, 2, 15, 16, 17, 300])
def test_float32_rounds_and_no_more(channels: int) -> None:
    made = Chain(3, 5, channels).layer_norm(False, False).graph()
    x = np.random.default_rng(channels).normal(3, 2, (4, 3, 5, channels)).astype(np.float32)
    found = open_session(made, [], loss=None).predict(x, 0, 4)
    exact = naive_graph.predict(made, [], x.astype(np.float64))
    size = np.abs(x).max() / np.sqrt(x.astype(np.float64).var(axis=-1, keepdims=True) + 1e-3)
    assert (np.abs(found - exact) <= 4 * np.sqrt(channels) * UNIT * (size + np.abs(exact))).all()
