"""Models with normalization and branches train as Keras trains them, in float64."""

from __future__ import annotations

from pathlib import Path

import keras_models
import naive_graph
import numpy as np
import pytest
from keras_models import BATCH, CASES, EPOCHS, ROWS, Array

import galago

FILES = Path(__file__).parent / "keras_training"


def load(name: str) -> dict[str, Array]:
    with np.load(FILES / f"{name}.npz") as stored:
        return dict(stored)


def test_every_file_is_compared() -> None:
    assert {path.stem for path in FILES.glob("*.npz")} == set(CASES)


@pytest.mark.parametrize(("name", "rate"), [("residual", 0.125), ("inception", 0.0625)])
def test_the_truth_of_the_engine_tests_is_keras(name: str, rate: float) -> None:
    case, stored = CASES[name], load(name)
    model = case.make(galago)
    graph, shapes = model.lower(), [w.shape for w in model.weights]
    paths = [parameter.name for parameter in graph.parameters]
    values = keras_models.weights(paths, shapes)
    x, y = keras_models.data(case, model.input_shape[1:], model.output_shape[-1])
    loss = galago.losses.get(case.loss).kind
    for start in [*range(0, ROWS, BATCH)] * EPOCHS:
        batch, labels = x[start : min(start + BATCH, ROWS)], y[start : min(start + BATCH, ROWS)]
        results = naive_graph.values(graph, values, batch, training=True)
        gradients = naive_graph.gradients(graph, values, batch, labels, loss)[1]
        moved = naive_graph.moved(graph, values, results)
        values = [
            moved.get(place, value - rate * gradients[place]) for place, value in enumerate(values)
        ]
    for place, value in enumerate(values):
        np.testing.assert_allclose(value, stored[f"weight{place}"], rtol=1e-9, atol=1e-11)
    after = naive_graph.predict(graph, values, x)
    np.testing.assert_allclose(after, stored["after"], rtol=1e-9, atol=1e-11)
