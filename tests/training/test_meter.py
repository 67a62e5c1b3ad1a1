"""Running means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from galago import metrics
from galago.errors import ArgumentError
from galago.training.meter import Measured, Meter


def never() -> Any:
    raise AssertionError("outputs were fetched without need")


def test_the_loss_alone() -> None:
    meter = Meter([Measured({})])
    meter.add(3, (1.0, float("nan")), [np.zeros(3)], never)
    meter.add(1, (5.0, float("nan")), [np.zeros(1)], never)
    assert meter.logs() == {"loss": 2.0}
    assert meter.names == ["loss"]


def test_the_first_accuracy_is_the_engines() -> None:
    one, two = metrics.CategoricalAccuracy("acc"), metrics.CategoricalAccuracy("zzz")
    meter = Meter([Measured({"mae": metrics.MeanAbsoluteError(), "acc": one, "zzz": two})])
    assert meter.outputs[0].from_engine is one
    labels, outputs = np.eye(2), np.array([[1.0, 0.0], [1.0, 0.0]])
    meter.add(2, (3.0, 0.25), [labels], lambda: outputs)
    assert meter.logs() == {"acc": 0.25, "loss": 3.0, "mae": 0.5, "zzz": 0.5}
    assert list(meter.logs()) == ["acc", "loss", "mae", "zzz"]
    assert meter.names == ["loss", "mae", "acc", "zzz"]


def test_a_new_epoch_starts_from_nothing() -> None:
    meter = Meter([Measured({"binary_accuracy": metrics.BinaryAccuracy()})])
    meter.add(2, (9.0, 1.0), [np.zeros(2)], never)
    meter.start()
    meter.add(4, (1.0, 0.5), [np.zeros(4)], never)
    assert meter.logs() == {"binary_accuracy": 0.5, "loss": pytest.approx(1.0)}


def test_weighted_metrics_see_weights_and_outputs_are_fetched_once() -> None:
    fetched = []

    def outputs() -> Any:
        fetched.append(1)
        return np.array([[1.0], [3.0]])

    plain, weighted = metrics.MeanAbsoluteError("mae"), metrics.MeanAbsoluteError("mae")
    meter = Meter([Measured({"mae": plain}, {"weighted_mae": weighted})])
    assert meter.reads_outputs
    labels = np.zeros((2, 1))
    meter.add(2, (7.0, 0.0), [labels], outputs, [np.array([1.0, 3.0])])
    assert meter.logs() == {"loss": 7.0, "mae": 2.0, "weighted_mae": 2.5}
    meter.add(2, (7.0, 0.0), [labels], outputs)
    assert meter.logs() == {"loss": 7.0, "mae": 2.0, "weighted_mae": pytest.approx(14 / 6)}
    assert len(fetched) == 2
    assert meter.names == ["loss", "mae", "weighted_mae"]
    assert plain.result() == 2.0


def test_an_accuracy_of_labels_that_the_loss_rewrites_is_not_the_engines() -> None:
    meter = Meter([Measured({"acc": metrics.BinaryAccuracy()}, engine=False)])
    assert meter.outputs[0].from_engine is None
    meter.add(1, (0.0, float("nan")), [np.ones((1, 1))], lambda: np.ones((1, 1), np.float32))
    assert meter.logs()["acc"] == 1.0


def test_a_metric_that_gives_several_numbers_is_refused() -> None:
    class Both(metrics.Metric):
        def reset_state(self) -> None:
            pass

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            pass

        def result(self) -> Any:
            return np.zeros(2)

    meter = Meter([Measured({"both": Both()})])
    meter.add(1, (0.0, 0.0), [np.zeros((1, 1))], lambda: np.zeros((1, 1)))
    with pytest.raises(ArgumentError) as caught:
        meter.logs()
    assert str(caught.value) == (
        "compile(): expected metrics that give one number, received 'both', whose result has "
        "shape (2,). Return a single number from result()."
    )


def test_several_outputs_have_losses_of_their_own() -> None:
    """Keras's order: the losses as the outputs come, the metrics by the outputs' names."""
    first = Measured({"z_acc": metrics.SparseCategoricalAccuracy()}, loss="z_loss")
    second = Measured({"b_mae": metrics.MeanAbsoluteError()}, loss="b_loss")
    meter = Meter([first, second])
    assert meter.names == ["loss", "z_loss", "b_loss", "b_mae", "z_acc"]
    labels, outputs = [np.array([1, 0]), np.zeros((2, 1))], [np.eye(2), np.ones((2, 1))]
    meter.add(2, (3.0, 1.0, 0.5, 4.0, float("nan")), labels, lambda: outputs)
    assert meter.logs() == {"b_loss": 4.0, "b_mae": 1.0, "loss": 3.0, "z_acc": 0.5, "z_loss": 1.0}


def test_its_state_goes_on() -> None:
    def made() -> Meter:
        return Meter([Measured({"acc": metrics.BinaryAccuracy(), "auc": metrics.AUC()})])

    def add(meter: Meter, seed: int) -> None:
        random = np.random.default_rng(seed)
        labels, outputs = random.integers(0, 2, (4, 1)), random.random((4, 1))
        meter.add(4, (random.random(), 0.5), [labels], lambda: outputs)

    meter, again = made(), made()
    add(meter, 0)
    again.set_state(meter.get_state())
    for one in (meter, again):
        add(one, 1)
    assert again.logs() == meter.logs()
    other = Meter([Measured({}, loss="a_loss"), Measured({}, loss="b_loss")])
    with pytest.raises(ValueError, match="expected losses"):
        other.set_state(meter.get_state())
    with pytest.raises(ValueError, match="state of another metric"):
        metrics.MeanSquaredError().set_state({"total": 1.0, "rest": 1})
    with pytest.raises(ValueError, match="expected counts at 7 thresholds"):
        metrics.AUC(num_thresholds=7).set_state(metrics.AUC().get_state())


@pytest.mark.parametrize("name", sorted(metrics.METRICS))
def test_every_metric_goes_on_from_its_state(name: str) -> None:
    """In the middle of its data, from a copy of its state, to the same result."""
    needed = {"num_classes": 2, "target_class_ids": [0], "recall": 0.5, "precision": 0.5}
    needed |= {"sensitivity": 0.5, "specificity": 0.5}
    kind = metrics.METRICS[name]
    given = {key: needed[key] for key in kind.required_names()}
    one, other = kind(**given), kind(**given)
    random = np.random.default_rng(0)
    single = one.labels == "classes" or name in ("BinaryIoU", "IoU", "MeanIoU", "ConfusionMatrix")
    for half in range(2):
        if half:
            other.set_state(one.get_state())
        outputs = random.random((6, 2)).astype(np.float32)
        if name in ("Mean", "Sum"):
            batch: tuple[Any, ...] = (outputs,)
        elif single:
            classes = random.integers(0, 2, 6)
            read = one.labels == "classes" and "top" not in one.name
            batch = (classes, outputs if read or "top" in one.name else random.integers(0, 2, 6))
        else:
            batch = (np.eye(2)[random.integers(0, 2, 6)], outputs)
        for metric in (one, other) if half else (one,):
            metric.update_state(*batch)
    np.testing.assert_array_equal(one.result(), other.result())
