"""Gradients of outputs against central differences, at the input and at layers inside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import galago
from galago.engine import Session
from galago.explain.gradients import Slope
from galago.explain.probe import Probe, probe
from galago.graph import Node


def branching() -> Any:
    galago.config.set_floatx("float64")
    inputs = galago.Input((6, 5, 2), name="image")
    x = galago.layers.Conv2D(3, 3, activation="tanh", padding="same", name="first")(inputs)
    y = galago.layers.Conv2D(3, 1, name="side")(inputs)
    z = galago.layers.BatchNormalization()(galago.layers.Add()([x, y]))
    z = galago.layers.Dropout(0.5)(galago.layers.RandomFlip()(z))
    z = galago.layers.MaxPooling2D(2, name="pool")(galago.layers.RandomCrop(5, 4)(z))
    outputs = galago.layers.Dense(4, activation="softmax")(galago.layers.Flatten()(z))
    model = galago.Model(inputs, outputs)
    norm = next(one for one in model.layers if isinstance(one, galago.layers.BatchNormalization))
    norm.set_weights([[1.5, 0.5, -1], [0, 1, 2], [0.3, -0.2, 0.1], [0.5, 2, 1]])
    return model


def score(found: Probe, node: int, values: Any, output: int, unit: int) -> float:
    """The number of an output if a node had other values: the rest run as a graph of its own."""
    nodes = list(found.graph.nodes)
    nodes[node] = Node("input", "other", (), nodes[node].shape)
    needed = {output}
    for place in range(output, -1, -1):
        needed |= set(nodes[place].inputs) if place in needed else set()
    kept = sorted(needed)
    used = sorted({p for place in kept for p in nodes[place].parameters})
    graph = replace(
        found.graph,
        nodes=tuple(
            replace(
                nodes[place],
                inputs=tuple(kept.index(source) for source in nodes[place].inputs),
                parameters=tuple(used.index(p) for p in nodes[place].parameters),
            )
            for place in kept
        ),
        parameters=tuple(found.graph.parameters[p] for p in used),
        outputs=(kept.index(output),),
    )
    session = Session(graph, dtype="float64")
    for place, p in enumerate(used):
        session.set_parameter(place, found.variables[p].numpy())
    x = [
        (values if place == node else found.values[place])[None]
        for place in kept
        if nodes[place].op == "input"
    ]
    return float(session.predict(x, 0, 1)[0][unit])


@pytest.mark.parametrize("name", ["image", "first", "side", "pool"])
def test_central_differences(name: str) -> None:
    model = branching()
    found = probe(model, np.random.default_rng(0).normal(size=(6, 5, 2)))
    names = [node.name for node in found.graph.nodes]
    node = len(names) - 1 - names[::-1].index(name)
    output, unit, step = len(names) - 2, 2, 1e-6
    values = found.values[node]
    truth = np.zeros(values.shape)
    for place in np.ndindex(values.shape):
        for sign in (1, -1):
            moved = values.copy()
            moved[place] += sign * step
            truth[place] += sign * score(found, node, moved, output, unit) / (2 * step)
    slope = Slope(found, node, output, unit)
    np.testing.assert_allclose(slope.at(), truth, atol=1e-8)
    if name != "pool":  # behind which all is linear
        assert np.abs(slope.at(-values) - slope.at(values)).max() > 1e-3
