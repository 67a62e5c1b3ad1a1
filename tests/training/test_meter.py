"""Running means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from galago import metrics
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


def test_a_state_brings_the_sums_back() -> None:
    one, other = (Meter([metrics.MeanAbsoluteError("mae")]) for _ in range(2))
    one.add(3, (0.1, float("nan")), np.ones((3, 1)), lambda: np.full((3, 1), 0.7))
    other.set_state(one.get_state())
    one.add(2, (0.7, float("nan")), np.ones((2, 1)), lambda: np.full((2, 1), 0.3))
    other.add(2, (0.7, float("nan")), np.ones((2, 1)), lambda: np.full((2, 1), 0.3))
    assert one.logs() == other.logs()
    assert one.get_state()["rows"] == 5
