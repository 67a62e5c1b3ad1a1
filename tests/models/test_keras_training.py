"""Models with normalization and branches train as Keras trains them, in float64."""

from __future__ import annotations

from pathlib import Path

import keras_models
import naive_graph
import naive_layers
import numpy as np
import pytest
from keras_models import BATCH, CASES, EPOCHS, ROWS, Array

import galago
from galago.graph import Graph

FILES = Path(__file__).parent / "keras_training"


def load(name: str) -> dict[str, Array]:
    with np.load(FILES / f"{name}.npz") as stored:
        return dict(stored)


def test_every_file_is_compared() -> None:
    assert {path.stem for path in FILES.glob("*.npz")} == set(CASES)


def moving(graph: Graph, values: list[Array], results: list[Array]) -> dict[int, Array]:
    """The moving statistics after a step that gave these results, by their places."""
    found: dict[int, Array] = {}
    for node in graph.nodes:
        if node.op == "batch_norm":
            kept = float(dict(node.attributes)["momentum"])  # type: ignore[arg-type]
            batch = naive_layers.statistics(results[node.inputs[0]])
            for place, new in zip(node.parameters[-2:], batch, strict=True):
                found[place] = kept * values[place] + (1 - kept) * new
    return found


@pytest.mark.parametrize(("name", "rate"), [("residual", 0.125), ("inception", 0.0625)])
def test_the_truth_of_the_engine_tests_is_keras(name: str, rate: float) -> None:
    case, stored = CASES[name], load(name)
    model = case.make(galago)
    graph, shapes = model.to_graph(), [w.shape for w in model.weights]
    values = keras_models.weights([p.name for p in graph.parameters], shapes)
    x, y = keras_models.data(case, model.input_shape[1:], model.output_shape[-1])
    loss = galago.losses.get(case.loss).kind
    for start in [*range(0, ROWS, BATCH)] * EPOCHS:
        rows = slice(start, min(start + BATCH, ROWS))
        results = naive_graph.values(graph, values, x[rows], training=True)
        gradients = naive_graph.gradients(graph, values, x[rows], y[rows], loss)[1]
        moved = moving(graph, values, results)
        values = [
            moved.get(place, value - rate * gradients[place]) for place, value in enumerate(values)
        ]
    for place, value in enumerate(values):
        np.testing.assert_allclose(value, stored[f"weight{place}"], rtol=1e-9, atol=1e-11)
    after = naive_graph.predict(graph, values, x)
    np.testing.assert_allclose(after, stored["after"], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", CASES)
def test_fit_is_keras(name: str) -> None:
    galago.config.set_floatx("float64")
    found, stored = keras_models.train(galago, name), load(name)
    assert found.keys() == stored.keys()
    for key, value in found.items():
        np.testing.assert_allclose(value, stored[key], rtol=1e-9, atol=1e-11, err_msg=key)
