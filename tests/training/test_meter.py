"""Running means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from galago import metrics
from galago.errors import ArgumentError
from galago.training.meter import Meter


def never() -> Any:
    raise AssertionError("outputs were fetched without need")


def test_the_loss_alone() -> None:
    meter = Meter([])
    meter.add(3, (1.0, float("nan")), np.zeros(3), never)
    meter.add(1, (5.0, float("nan")), np.zeros(1), never)
    assert meter.logs() == {"loss": 2.0}
    assert meter.names == ["loss"]


def test_the_first_accuracy_is_the_engines() -> None:
    one, two = metrics.CategoricalAccuracy("acc"), metrics.CategoricalAccuracy("zzz")
    meter = Meter([metrics.MeanAbsoluteError("mae"), one, two])
    assert meter.from_engine is one
    labels, outputs = np.eye(2), np.array([[1.0, 0.0], [1.0, 0.0]])
    meter.add(2, (3.0, 0.25), labels, lambda: outputs)
    assert meter.logs() == {"acc": 0.25, "loss": 3.0, "mae": 0.5, "zzz": 0.5}
    assert list(meter.logs()) == ["acc", "loss", "mae", "zzz"]
    assert meter.names == ["loss", "mae", "acc", "zzz"]


def test_a_new_epoch_starts_from_nothing() -> None:
    meter = Meter([metrics.BinaryAccuracy()])
    meter.add(2, (9.0, 1.0), np.zeros(2), never)
    meter.start()
    meter.add(4, (1.0, 0.5), np.zeros(4), never)
    assert meter.logs() == {"binary_accuracy": 0.5, "loss": pytest.approx(1.0)}


def test_weighted_metrics_see_weights_and_outputs_are_fetched_once() -> None:
    fetched = []

    def outputs() -> Any:
        fetched.append(1)
        return np.array([[1.0], [3.0]])

    plain, weighted = metrics.MeanAbsoluteError("mae"), metrics.MeanAbsoluteError("mae")
    meter = Meter([plain], {"weighted_mae": weighted})
    assert meter.reads_outputs
    labels = np.zeros((2, 1))
    meter.add(2, (7.0, 0.0), labels, outputs, np.array([1.0, 3.0]))
    assert meter.logs() == {"loss": 7.0, "mae": 2.0, "weighted_mae": 2.5}
    meter.add(2, (7.0, 0.0), labels, outputs)
    assert meter.logs() == {"loss": 7.0, "mae": 2.0, "weighted_mae": pytest.approx(14 / 6)}
    assert len(fetched) == 2
    assert meter.names == ["loss", "mae", "weighted_mae"]
    assert plain.result() == 2.0


def test_an_accuracy_of_labels_that_the_loss_rewrites_is_not_the_engines() -> None:
    meter = Meter([metrics.BinaryAccuracy("acc")], engine=False)
    assert meter.from_engine is None
    meter.add(1, (0.0, float("nan")), np.ones((1, 1)), lambda: np.ones((1, 1), np.float32))
    assert meter.logs()["acc"] == 1.0


def test_a_metric_that_gives_several_numbers_is_refused() -> None:
    class Both(metrics.Metric):
        def reset_state(self) -> None:
            pass

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            pass

        def result(self) -> Any:
            return np.zeros(2)

    meter = Meter([Both()])
    meter.add(1, (0.0, 0.0), np.zeros((1, 1)), lambda: np.zeros((1, 1)))
    with pytest.raises(ArgumentError) as caught:
        meter.logs()
    assert str(caught.value) == (
        "compile(): expected metrics that give one number, received 'both', whose result has "
        "shape (2,). Return a single number from result()."
    )
