"""Metrics by themselves: state, weights, shapes, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from galago import config, metrics
from galago.errors import ArgumentError, DataError

WITHOUT_ARGUMENTS = [cls for cls in metrics.METRICS.values() if not cls.required_names()]


@pytest.mark.parametrize("cls", WITHOUT_ARGUMENTS)
def test_nothing_has_a_result_and_a_configuration_comes_back(cls: type[metrics.Metric]) -> None:
    metric = cls()
    assert np.all(np.asarray(metric.result()) == 0)
    assert repr(cls.from_config(metric.get_config())) == repr(metric)
    assert metric.dtype == "float32"
    assert cls(name="other", dtype="float64").name == "other"


def test_the_type_is_that_of_the_configuration() -> None:
    config.set_floatx("float64")
    assert metrics.Precision().dtype == "float64"


def test_thresholds_are_compared_in_the_metrics_type() -> None:
    exactly = np.array([0.6], np.float32)  # a little more than 0.6
    assert metrics.Precision(0.6)([1], exactly) == 0.0
    assert metrics.Precision(0.6, dtype="float64")([1], exactly) == 1.0
    assert metrics.BinaryAccuracy(threshold=0.6)([1.0], exactly) == 0.0


def test_mean_and_sum_take_values_of_any_shape() -> None:
    mean = metrics.Mean()
    mean.update_state([[1, 3], [5, 7]], sample_weight=[1, 3])
    assert mean.result() == 5.0
    mean.update_state(9.0)
    assert mean.result() == 29 / 5
    mean.reset_state()
    assert mean.result() == 0.0
    assert metrics.Sum()([[1, 2], [3, 4]], sample_weight=[1, 3]) == 24.0


def test_weights_may_have_fewer_axes() -> None:
    y, p = np.zeros((2, 3, 4)), np.ones((2, 3, 4))
    p[1] = 3
    for weights in ([1.0, 3.0], [[1.0], [3.0]], [[1.0] * 3, [3.0] * 3]):
        assert metrics.MeanAbsoluteError()(y, p, sample_weight=weights) == 2.5


def test_a_wrapped_function_keeps_its_settings() -> None:
    def power(y_true: Any, y_pred: Any, exponent: float) -> Any:
        return np.abs(y_true - y_pred) ** exponent

    metric = metrics.MeanMetricWrapper(power, exponent=3)
    assert metric.name == "power"
    assert metric([[0.0]], [[2.0]]) == 8.0


def test_the_largest_outputs_may_be_equal() -> None:
    p = [[0.3, 0.3, 0.3], [0.5, 0.3, 0.3]]
    assert metrics.SparseTopKCategoricalAccuracy(k=1)([2, 1], p) == 0.5
    assert metrics.SparseTopKCategoricalAccuracy(k=9)([2, 1], [[np.nan] * 3, p[1]]) == 0.5
    ids = metrics.SparseTopKCategoricalAccuracy(k=2, from_sorted_ids=True)
    assert ids([2, 1], [[0, 2, 1], [0, 2, 1]]) == 0.5


def test_nan_is_above_no_threshold() -> None:
    metric = metrics.FalseNegatives(thresholds=[0.0, 0.5])
    metric.update_state([1, 1], [np.nan, 0.25])
    assert metric.result().tolist() == [1.0, 2.0]


def test_ignored_labels_have_no_weight() -> None:
    p = [[0.25, 0.75], [0.5, 0.5]]
    metric = metrics.SparseCategoricalCrossentropy(ignore_class=1)
    assert metric([0, 1], p) == pytest.approx(-np.log(0.25) / 2)
    metric.reset_state()
    assert metric([0, 1], p, sample_weight=[2, 2]) == pytest.approx(-np.log(0.25))


def test_confusion_matrix() -> None:
    found = metrics.confusion_matrix([0, 2, 2], [[0.9, 0.1, 0], [0, 0.2, 0.8], [0.6, 0, 0.4]])
    assert found.tolist() == [[1, 0, 0], [0, 0, 0], [1, 0, 1]]
    weighted = metrics.confusion_matrix([0, 1], [1, 1], 3, sample_weight=[0.5, 2])
    assert weighted.tolist() == [[0, 0.5, 0], [0, 2, 0], [0, 0, 0]]
    metric = metrics.ConfusionMatrix(2)
    metric.update_state(np.eye(2), [[0.1, 0.9], [0.2, 0.8]], sample_weight=[1, 2])
    metric.update_state([[0], [0]], [0, 1])
    assert metric.result().tolist() == [[1, 2], [0, 2]]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: metrics.AUC(num_thresholds=10**6), ArgumentError, "num_thresholds must be at"),
        (lambda: metrics.AUC(curve="roc"), ArgumentError, "Did you mean 'ROC'?"),
        (lambda: metrics.AUC(label_weights=[]), ArgumentError, "at least one value"),
        (
            lambda: metrics.AUC(num_labels=2, label_weights=[1.0]),
            ArgumentError,
            r"expected a weight for each of 2 labels as label_weights, received \[1.0\]",
        ),
        (
            lambda: metrics.AUC(multi_label=True, num_labels=3)([[0, 1]], [[0.5, 0.5]]),
            DataError,
            r"expected outputs of shape \(n, 3\), a column for each label, received \(1, 2\)",
        ),
        (lambda: metrics.Precision([]), ArgumentError, "thresholds must be a list with at least"),
        (lambda: metrics.Precision(1.5), ArgumentError, "finite number from 0 to 1"),
        (
            lambda: metrics.Recall(class_id=2)([[0, 1]], [[0.5, 0.5]]),
            DataError,
            "Recall: expected class_id below 2, the number of outputs, received 2. Pass one",
        ),
        (
            lambda: metrics.F1Score()([1], [0.5]),
            DataError,
            r"F1Score: expected labels and outputs of shape \(n, classes\), received \(1,\)",
        ),
        (
            lambda: metrics.R2Score()(np.zeros((1, 2, 3)), np.zeros((1, 2, 3))),
            DataError,
            r"R2Score: expected labels of shape \(n, outputs\), received \(1, 2, 3\)",
        ),
        (lambda: metrics.MeanIoU(20_000), ArgumentError, "num_classes must be at most 10,000"),
        (
            lambda: metrics.IoU(2, [2]),
            ArgumentError,
            r"IoU: expected target_class_ids below 2, the number of classes, received \[2\]",
        ),
        (
            lambda: metrics.MeanIoU(2)([0, 1], [[0.5, 0.5], [0.1, 0.9]]),
            DataError,
            "expected an answer for each label, received 2 labels and 4 answers. For rows of",
        ),
        (
            lambda: metrics.confusion_matrix([0, 3], [0, 1], 3),
            DataError,
            "expected class numbers from 0 to 2, received 3. Pass a larger num_classes",
        ),
        (
            lambda: metrics.confusion_matrix([0, -1], [0, 1]),
            DataError,
            "expected class numbers from 0 to 1, received -1",
        ),
        (
            lambda: metrics.confusion_matrix([0, 1], [0.5, 1.0]),
            DataError,
            "expected class numbers in y_pred, received numbers that are not whole",
        ),
        (
            lambda: metrics.confusion_matrix([0, 1], [0]),
            DataError,
            r"expected an answer for each label, received shapes \(2,\) and \(1,\)",
        ),
        (
            lambda: metrics.MeanMetricWrapper(3),  # type: ignore[arg-type]
            ArgumentError,
            "expected a function of labels and outputs as fn, received 3. Pass one",
        ),
        (lambda: metrics.MeanSquaredError(dtype="int8"), ArgumentError, "expected a known dtype"),
        (lambda: metrics.MeanSquaredError(name=3), ArgumentError, "name must be a string"),  # type: ignore[arg-type]
    ],
)
def test_what_is_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()
