"""Computes the golden numbers of tests/golden with PyTorch in float64.

    PYTHONPATH=src:tests/engine:tests/golden python tools/make_golden.py

Needs PyTorch (made with 2.13, any recent one gives the same to 1e-12). For each case it stores the
outputs and gradients of the first batch, and the losses and weights of three steps. It prints how
far PyTorch's own float32 is from that, and the margin: how near the nearest ReLU or max pool is to
deciding otherwise, relative to the map's largest value. A margin that rounding to float32 can cross
would compare two different functions: then it refuses, and the case needs another seed.
"""

from __future__ import annotations

import sys

import cases
import naive_graph
import numpy as np
import torch_peer
from cases import CASES, Case
from naive import Array
from naive_graph import window_of

from galago.graph import Graph

SMALLEST_MARGIN = 2e-6  # ten times the rounding error of float32 sums in these models


def margin(graph: Graph, values: list[Array]) -> float:
    """Distance of the nearest ReLU or max pool from another decision, relative to its map."""
    nearest = 1.0
    follower = {node.inputs[0]: node for node in graph.nodes if node.inputs}
    for place, node in enumerate(graph.nodes):
        if ("kind", "relu") not in node.attributes:
            continue
        x = values[node.inputs[0]]
        distances = np.abs(x)
        if follower[place].op == "max_pool":
            window = window_of(follower[place])
            taps = np.stack(list(window.taps(window.pad(x, -np.inf))))
            second, first = np.sort(taps, axis=0)[-2:]
            distances = np.append(np.abs(first), (first - second)[first > 0])
        nearest = min(nearest, float(distances.min() / np.abs(x).max()))
    return nearest


def smallest_margin(case: Case) -> float:
    """The margin over the batches of all steps."""
    found = []
    for parameters, (x, _) in zip(torch_peer.weights_before(case), case.batches(), strict=True):
        found.append(margin(case.graph, naive_graph.values(case.graph, parameters, x)))
    return min(found)


def main() -> None:
    """Make every case's file."""
    for case in CASES.values():
        nearest = smallest_margin(case)
        cases.store(case.path, torch_peer.run(case, "float64"))
        single = max(cases.errors(case.path, torch_peer.run(case, "float32")).values())
        size = case.path.stat().st_size
        print(f"{case.name:16} {size:7} bytes  float32 {single:.1e}  margin {nearest:.1e}")
        if nearest < SMALLEST_MARGIN:
            sys.exit(f"Expected a margin of {SMALLEST_MARGIN}; give {case.name} another seed.")


if __name__ == "__main__":
    main()
