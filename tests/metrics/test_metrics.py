"""Metrics by name, as objects, and their NumPy form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from galago import losses, metrics
from galago.errors import ArgumentError, UnknownNameError

SPARSE = losses.SparseCategoricalCrossentropy()
DENSE = losses.CategoricalCrossentropy()
BINARY = losses.BinaryCrossentropy()
MSE = losses.MeanSquaredError()


@pytest.mark.parametrize("name", ["accuracy", "acc"])
@pytest.mark.parametrize(
    ("loss", "units", "expected"),
    [
        (SPARSE, 10, metrics.SparseCategoricalAccuracy),
        (DENSE, 10, metrics.CategoricalAccuracy),
        (BINARY, 1, metrics.BinaryAccuracy),
        (BINARY, 4, metrics.CategoricalAccuracy),
        (MSE, 1, metrics.BinaryAccuracy),
    ],
)
def test_accuracy_suits_the_loss(
    name: str, loss: losses.Loss, units: int, expected: type[metrics.Metric]
) -> None:
    metric = metrics.resolve(name, loss, units)
    assert type(metric) is expected
    assert metric.name == name


def test_names_and_objects() -> None:
    assert metrics.resolve("mae", DENSE, 3).name == "mae"
    metric = metrics.MeanSquaredError(name="error")
    assert metrics.resolve(metric, DENSE, 3) is metric
    assert metrics.MeanSquaredError().name == "mean_squared_error"


@pytest.mark.parametrize(
    ("metric", "labels", "outputs", "expected"),
    [
        (metrics.SparseCategoricalAccuracy(), [0, 1, 1], [[2, 1], [0, 3], [4, 1]], 2 / 3),
        (metrics.CategoricalAccuracy(), [[1, 0], [0, 1]], [[2, 1], [3, 0]], 0.5),
        (metrics.BinaryAccuracy(), [[1], [0], [0], [1]], [[0.6], [0.5], [0.7], [0.1]], 0.5),
        (metrics.MeanSquaredError(), [[1, 2]], [[3, 2]], 2.0),
        (metrics.MeanAbsoluteError(), [[1, 2]], [[3, 2]], 1.0),
    ],
)
def test_means(metric: metrics.Metric, labels: Any, outputs: Any, expected: float) -> None:
    value = metric(np.array(labels), np.array(outputs, dtype=np.float32))
    assert value == pytest.approx(expected)
    assert type(value) is float


@pytest.mark.parametrize(
    ("name", "loss", "message"),
    [
        (
            "sparse_categorical_accuracy",
            DENSE,
            "compile(): expected a metric for the labels of loss 'categorical_crossentropy', "
            "which are one value for each output, received 'sparse_categorical_accuracy'. "
            "Use metrics=['accuracy'].",
        ),
        (
            "mse",
            SPARSE,
            "compile(): expected a metric for the labels of loss "
            "'sparse_categorical_crossentropy', which are class numbers, received 'mse'. "
            "Use metrics=['accuracy'].",
        ),
    ],
)
def test_a_metric_that_cannot_read_the_labels(name: str, loss: losses.Loss, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        metrics.resolve(name, loss, 10)
    assert str(caught.value) == message


def test_check() -> None:
    metrics.check("acc")
    metrics.check(metrics.BinaryAccuracy())
    with pytest.raises(UnknownNameError) as caught:
        metrics.check("acuracy")
    assert str(caught.value) == (
        "compile(): expected a known metric, received 'acuracy'. Did you mean 'accuracy'? "
        "Known: accuracy, acc, sparse_categorical_accuracy, categorical_accuracy, "
        "binary_accuracy, top_k_categorical_accuracy, sparse_top_k_categorical_accuracy, "
        "precision, recall, f1_score, f_beta_score, auc, true_positives, false_positives, "
        "true_negatives, false_negatives, mean_squared_error, root_mean_squared_error, "
        "mean_absolute_error, mean_absolute_percentage_error, mean_squared_logarithmic_error, "
        "log_cosh_error, cosine_similarity, r2_score, hinge, squared_hinge, "
        "categorical_hinge, kl_divergence, poisson, binary_crossentropy, "
        "categorical_crossentropy, sparse_categorical_crossentropy, binary_io_u, bce, mae, "
        "mape, mse, msle."
    )
    with pytest.raises(ArgumentError) as caught_class:
        metrics.check(metrics.BinaryAccuracy)
    assert str(caught_class.value) == (
        "compile(): expected a metric, received the class BinaryAccuracy. "
        "Add parentheses: metrics=[BinaryAccuracy()]."
    )
