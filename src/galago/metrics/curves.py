"""Metrics over all thresholds: areas under curves, and the best point under a condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from galago.checks import flag, items, real, whole
from galago.errors import ArgumentError, DataError
from galago.losses.arrays import Array, checked_weights, floats
from galago.metrics.base import Metric
from galago.metrics.counts import (
    CountingMetric,
    Counts,
    between,
    checked_thresholds,
    counts_above,
    divided,
    precision_of,
    recall_of,
    specificity_of,
    stacked,
    unstacked,
)
from galago.registry import look_up

#: So the first threshold is below every probability and the last one above.
_BEYOND = 1e-7
_CURVES = {"ROC": "ROC", "PR": "PR"}
_METHODS = {name: name for name in ("interpolation", "minoring", "majoring")}


class AUC(Metric):
    """Area under the ROC curve, or under the precision-recall curve; labels are 0 and 1.

    Arguments:
        num_thresholds: how many there are, evenly from 0 to 1
        curve: "ROC" or "PR"
        summation_method: "interpolation" (trapezoids; for PR between the true positives),
            "minoring" or "majoring"
        name, dtype: those of a Metric
        thresholds: those between 0 and 1, instead of num_thresholds
        multi_label: whether to average over the columns of the labels
        num_labels: how many columns there are
        label_weights: how much each counts
        from_logits: whether outputs come from before a sigmoid
    Raises ArgumentError.

    >>> AUC(num_thresholds=3)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
    0.75
    """

    better = "max"

    default_name = "auc"
    labels = "values"

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: str | None = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        self.num_thresholds = whole(num_thresholds, "num_thresholds", "AUC", minimum=2)
        self.curve = look_up(_CURVES, curve, kind="curve", owner="AUC")
        self.summation_method = look_up(
            _METHODS, summation_method, kind="summation_method", owner="AUC"
        )
        self.thresholds = thresholds
        if thresholds is None:
            inner = between(self.num_thresholds, "AUC")
        else:
            inner = sorted(checked_thresholds(thresholds, "AUC"))
            self.num_thresholds = len(inner) + 2
        self._limits = (-_BEYOND, *inner, 1 + _BEYOND)
        self.multi_label = flag(multi_label, "multi_label", "AUC")
        self.num_labels = None if num_labels is None else whole(num_labels, "num_labels", "AUC")
        self.label_weights = _label_weights(label_weights, self.num_labels)
        self.from_logits = flag(from_logits, "from_logits", "AUC")
        super().__init__(dtype, name)

    def reset_state(self) -> None:
        """Forget all batches."""
        self._counts: list[Counts] = []

    def get_state(self) -> dict[str, Any]:
        """Return the counts."""
        return {"counts": stacked(self._counts, len(self._limits))}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take over what get_state() of an equal metric returned. Raises ValueError."""
        self._counts = unstacked(state["counts"], len(self._limits))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch: labels of 0 and 1, outputs, and how much each example counts."""
        labels, outputs = floats(y_true, self.floats(y_pred))
        if self.from_logits:
            outputs = np.asarray(1 / (1 + np.exp(-outputs)))
        given = sample_weight is not None
        weights = checked_weights(sample_weight, outputs) if given else np.ones_like(outputs)
        if self.multi_label or self.label_weights is not None:
            self._require_columns(outputs)
        if not self.multi_label and self.label_weights is not None:
            weights = weights * np.asarray(self.label_weights, weights.dtype)
        columns = range(outputs.shape[1]) if self.multi_label else [...]
        limits = np.asarray(self._limits, self.dtype)
        found = [
            counts_above(labels[:, c], outputs[:, c], weights[:, c], limits)
            if self.multi_label
            else counts_above(labels, outputs, weights, limits)
            for c in columns
        ]
        before = self._counts
        self._counts = [a.plus(b) for a, b in zip(before, found, strict=True)] if before else found

    def result(self) -> float:
        """Return the area, or the mean area of the labels; 0 of nothing."""
        if not self._counts:
            return 0.0
        areas = np.array([self._area(counts) for counts in self._counts])
        if self.label_weights is None or not self.multi_label:
            return float(areas.mean())
        weights = np.asarray(self.label_weights, np.float64)
        return float((areas * weights).sum() / weights.sum()) if weights.sum() else 0.0

    def _require_columns(self, outputs: Array) -> None:
        known = self._counts if self.multi_label else []
        wanted = self.num_labels or len(self.label_weights or known) or None
        if outputs.ndim != 2 or wanted not in (None, outputs.shape[-1]):
            raise DataError(
                f"AUC: expected outputs of shape (n, {wanted or 'labels'}), a column for each "
                f"label, received {outputs.shape}. Pass such outputs, or leave out multi_label "
                "and label_weights."
            )

    def _area(self, counts: Counts) -> float:
        if self.curve == "PR" and self.summation_method == "interpolation":
            return _interpolated_pr(counts)
        if self.curve == "ROC":
            x, y = divided(counts.fp, counts.fp + counts.tn), recall_of(counts)
        else:
            x, y = recall_of(counts), precision_of(counts)
        lower, upper = np.minimum(y[:-1], y[1:]), np.maximum(y[:-1], y[1:])
        by_method = {
            "interpolation": (lower + upper) / 2,
            "minoring": lower,
            "majoring": upper,
        }
        heights = by_method[self.summation_method]
        return float(((x[:-1] - x[1:]) * heights).sum())


def _interpolated_pr(counts: Counts) -> float:
    """Area under the precision-recall curve between true positives (Davis and Goadrich, 2006).

    Between two thresholds true positives are a line of the positives p: tp = a + b p. The area
    below tp / p is then b (dtp + a log(p1 / p2)) / all labels 1.
    """
    tp, positives = counts.tp, counts.tp + counts.fp
    gained, taken = tp[:-1] - tp[1:], positives[:-1] - positives[1:]
    slope = divided(gained, np.maximum(taken, 0))
    intercept = tp[1:] - slope * positives[1:]
    both = (positives[:-1] > 0) & (positives[1:] > 0)
    ratio = np.where(both, divided(positives[:-1], positives[1:]), 1.0)
    parts = slope * (gained + intercept * np.log(ratio))
    return float(divided(parts, tp[1:] + counts.fn[1:]).sum())


def _label_weights(values: Any, labels: int | None) -> tuple[float, ...] | None:
    if values is None:
        return None
    listed = items(values, "label_weights", "AUC")
    found = tuple(real(value, "label_weights", "AUC", low=0.0) for value in listed)
    if labels not in (None, len(found)):
        raise ArgumentError(
            f"AUC: expected a weight for each of {labels} labels as label_weights, "
            f"received {values!r}. Pass one number for each."
        )
    return found


class _BestPoint(CountingMetric):
    """The best of one number where another one is large enough, over all thresholds."""

    better = "max"

    def __init__(
        self,
        value: float,
        value_name: str,
        num_thresholds: int,
        class_id: int | None,
        name: str | None,
        dtype: str | None,
    ) -> None:
        owner = type(self).__name__
        self._value = real(value, value_name, owner, low=0.0, high=1.0)
        self.num_thresholds = whole(num_thresholds, "num_thresholds", owner)
        one = self.num_thresholds == 1
        limits = [0.5] if one else [0.0, *between(self.num_thresholds, owner), 1.0]
        super().__init__(limits, None, class_id, name, dtype)

    @property
    def is_number(self) -> bool:
        """One point."""
        return True

    def best(self, constraint: Array, wanted: Array) -> float:
        """Return the largest of `wanted` where the constraint holds, 0 if it holds nowhere."""
        feasible = constraint >= self._value
        return float(wanted[feasible].max()) if feasible.any() else 0.0


class SensitivityAtSpecificity(_BestPoint):
    """The best sensitivity (recall) of all thresholds whose specificity is large enough.

    Arguments:
        specificity: from 0 to 1
        num_thresholds: how many there are, evenly from 0 to 1
        class_id: look at one column alone
        name, dtype: those of a Metric
    Raises ArgumentError.

    >>> SensitivityAtSpecificity(0.5)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
    1.0
    """

    default_name = "sensitivity_at_specificity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(specificity, "specificity", num_thresholds, class_id, name, dtype)
        self.specificity = self._value

    def result(self) -> float:
        """Return the sensitivity."""
        return self.best(specificity_of(self.counts), recall_of(self.counts))


class SpecificityAtSensitivity(_BestPoint):
    """The best specificity of all thresholds whose sensitivity (recall) is large enough.

    Arguments:
        sensitivity: from 0 to 1
        num_thresholds: how many there are, evenly from 0 to 1
        class_id: look at one column alone
        name, dtype: those of a Metric
    Raises ArgumentError.

    >>> SpecificityAtSensitivity(0.5)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
    1.0
    """

    default_name = "specificity_at_sensitivity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(sensitivity, "sensitivity", num_thresholds, class_id, name, dtype)
        self.sensitivity = self._value

    def result(self) -> float:
        """Return the specificity."""
        return self.best(recall_of(self.counts), specificity_of(self.counts))


class PrecisionAtRecall(_BestPoint):
    """The best precision of all thresholds whose recall is large enough.

    Arguments:
        recall: from 0 to 1
        num_thresholds: how many there are, evenly from 0 to 1
        class_id: look at one column alone
        name, dtype: those of a Metric
    Raises ArgumentError.

    >>> PrecisionAtRecall(0.5)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
    1.0
    """

    default_name = "precision_at_recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(recall, "recall", num_thresholds, class_id, name, dtype)
        self.recall = self._value

    def result(self) -> float:
        """Return the precision."""
        return self.best(recall_of(self.counts), precision_of(self.counts))


class RecallAtPrecision(_BestPoint):
    """The best recall of all thresholds whose precision is large enough.

    Arguments:
        precision: from 0 to 1
        num_thresholds: how many there are, evenly from 0 to 1
        class_id: look at one column alone
        name, dtype: those of a Metric
    Raises ArgumentError.

    >>> RecallAtPrecision(1.0)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
    0.5
    """

    default_name = "recall_at_precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(precision, "precision", num_thresholds, class_id, name, dtype)
        self.precision = self._value

    def result(self) -> float:
        """Return the recall."""
        return self.best(precision_of(self.counts), recall_of(self.counts))
