"""Losses and accuracies of a batch against naive.py."""

from __future__ import annotations

import itertools
from typing import Any

import naive
import naive_graph
import numpy as np
import pytest
from graphs import Chain
from numpy.typing import NDArray
from problems import real_data
from sessions import ALL, open_session

SPARSE, CATEGORICAL = "sparse_categorical_crossentropy", "categorical_crossentropy"
BINARY, SQUARED = "binary_crossentropy", "mean_squared_error"
CASES = {
    "squared": (SQUARED, False, "linear", None),
    "binary": (BINARY, False, "sigmoid", "binary"),
    "binary_logits": (BINARY, True, "linear", None),
    "sparse_softmax": (SPARSE, False, "softmax", "sparse"),
    "sparse_shares": (SPARSE, False, "sigmoid", "sparse"),
    "sparse_logits": (SPARSE, True, "linear", "sparse"),
    "categorical_softmax": (CATEGORICAL, False, "softmax", "categorical"),
    "categorical_logits": (CATEGORICAL, True, "linear", "categorical"),
}
BATCHES_AND_CLASSES = list(itertools.product((1, 2, 15, 16, 17, 33), (1, 2, 10, 17)))


def labels(loss: str, rng: np.random.Generator, batch: int, classes: int) -> NDArray[Any]:
    """Labels as a loss wants them."""
    chosen = rng.integers(0, classes, batch)
    if loss == SPARSE:
        return chosen
    if loss == CATEGORICAL:
        return naive.one_hot(chosen, classes)
    return (rng.random((batch, classes)) > 0.5).astype(np.float64)


def accuracy(kind: str, outputs: NDArray[Any], y: NDArray[Any]) -> float:
    """Share of right answers, as Keras counts them."""
    if kind == "binary":
        return float(((outputs > 0.5) == (y > 0.5)).mean())
    truth = y if kind == "sparse" else y.argmax(axis=1)
    return float((outputs.argmax(axis=1) == truth).mean())


@pytest.mark.parametrize("isa", ALL)
@pytest.mark.parametrize("name", CASES)
def test_loss_and_accuracy_of_a_batch(name: str, isa: str) -> None:
    loss, from_logits, activation, metric = CASES[name]
    for seed, (batch, classes) in enumerate(BATCHES_AND_CLASSES):
        rng = np.random.default_rng(seed)
        made = Chain(5).dense(classes).activation(activation).graph()
        parameters, x = real_data(made, seed, batch + 3)
        y = labels(loss, rng, batch + 3, classes)
        session = open_session(
            made,
            parameters,
            isa=isa,
            dtype="float64",
            loss=loss,
            from_logits=from_logits,
            accuracy=metric,
        )
        found, share = session.test_step(x, y, 2, batch + 2)
        mine = slice(2, batch + 2)
        *_, logits, outputs = naive_graph.values(made, parameters, x[mine])
        if activation == "softmax":  # then the engine starts from the logits, and clips nothing
            rows, _ = naive.loss(loss, logits, y[mine], True)
        else:
            rows, _ = naive.loss(loss, outputs, y[mine], from_logits)
        assert found == pytest.approx(rows.mean(), rel=1e-10, abs=1e-12)
        if metric is None:
            assert np.isnan(share)
        else:
            assert share == pytest.approx(accuracy(metric, outputs, y[mine]), abs=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("isa", ALL)
def test_probabilities_are_clipped_like_keras(isa: str, dtype: str) -> None:
    made = Chain(2).activation("linear").graph()
    session = open_session(made, [], isa=isa, dtype=dtype, loss=BINARY)
    x = np.array([[0.0, 1.0]], dtype=dtype)
    found, _ = session.test_step(x, np.array([[1.0, 0.0]], dtype=dtype), 0, 1)
    low, high = x.dtype.type(1e-7), x.dtype.type(1 - 1e-7)
    expected = -(np.log(low) + np.log(1 - high)) / 2
    assert found == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize("isa", ALL)
def test_large_logits_do_not_overflow(isa: str) -> None:
    made = Chain(3).activation("linear").graph()
    x = np.array([[1000.0, -1000.0, 999.0], [-1000.0, -1000.0, -1000.0]], dtype=np.float32)
    y = np.array([1, 2])
    session = open_session(made, [], isa=isa, loss=SPARSE, from_logits=True)
    rows, _ = naive.loss(SPARSE, x.astype(np.float64), y, True)
    assert session.test_step(x, y, 0, 2)[0] == pytest.approx(rows.mean(), rel=1e-6)


@pytest.mark.parametrize("isa", ALL)
def test_the_first_of_equal_outputs_is_the_answer(isa: str) -> None:
    made = Chain(3).activation("linear").graph()
    session = open_session(made, [], isa=isa, loss=SPARSE, from_logits=True, accuracy="sparse")
    x = np.array([[0, 2, 2], [1, 1, 1], [0, 0, 1], [3, 0, 3]], dtype=np.float32)
    assert session.test_step(x, np.array([1, 0, 2, 0]), 0, 4)[1] == 1.0
    assert session.test_step(x, np.array([2, 1, 2, 2]), 0, 4)[1] == 0.25
