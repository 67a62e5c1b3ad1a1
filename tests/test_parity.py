"""Galago against an installed PyTorch, live: `pytest -m parity`.

The stored numbers of tests/golden need no PyTorch; this covers far more graphs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cases import CASES, errors
from families import BENCHED
from problems import graph, real_data, targets
from sessions import open_session

from galago.bench.peers.base import trained
from galago.graph import Graph

pytestmark = pytest.mark.parity
TOLERANCES = {"float32": 1e-4, "float64": 1e-10}


def relative(found: np.ndarray, truth: np.ndarray) -> float:
    """The largest error, relative to the largest value."""
    return float(np.abs(found - truth).max() / max(np.abs(truth).max(), 1e-6))


def without_draws(graph: Graph) -> Graph:
    """The graph without dropout, which draws other numbers in PyTorch."""
    linear = (("alpha", 0.0), ("kind", "linear"))
    nodes = (
        replace(node, op="activation", attributes=linear) if node.op == "dropout" else node
        for node in graph.nodes
    )
    return replace(graph, nodes=tuple(nodes))


def frozen_parameters(graph: Graph) -> set[int]:
    """Parameters of batch norms that only apply what they know, for which the engine has none."""
    frozen = (node for node in graph.nodes if dict(node.attributes).get("inference") == 1)
    return {place for node in frozen for place in node.parameters}


def compare(made: Graph, seed: int, dtype: str) -> float:
    """The worst error of outputs and gradients in float64, of outputs in float32.

    In float32 a ReLU or max pool next to a tie may decide otherwise, so gradients may differ.
    """
    from torch_peer import TorchModel

    parameters, x = real_data(made, seed, 5)
    y = targets(made, seed, 5)
    parameters = [p.astype(np.float32).astype(np.float64) for p in parameters]
    x = x.astype(np.float32).astype(np.float64)
    peer = TorchModel(made, parameters)
    session = open_session(made, parameters, dtype=dtype)
    x = x.astype(dtype)
    worst = relative(session.predict(x, 0, 5), peer.predict(x).detach().numpy())
    if dtype == "float64":
        _, truth = peer.gradients(x, y, "mean_squared_error", False)
        own = [place for place, on in enumerate(trained(made)) if on]
        gradients, frozen = session.gradients(x, y), frozen_parameters(made)
        for place, expected in zip(own, truth, strict=True):
            if place not in frozen:
                worst = max(worst, relative(gradients[place], expected))
    return worst


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("family", BENCHED)
def test_generated_graphs(family: str, dtype: str) -> None:
    for number in range(3000, 3060):
        made = without_draws(graph(family, number))
        assert compare(made, number, dtype) < TOLERANCES[dtype], f"{family} {number}\n{made}"


@pytest.mark.parametrize("name", CASES)
def test_stored_numbers_are_those_of_this_pytorch(name: str) -> None:
    from torch_peer import run

    assert max(errors(CASES[name].path, run(CASES[name], "float64")).values()) < 1e-11
