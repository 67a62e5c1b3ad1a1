"""Precision, recall and the counts behind them, at thresholds or for the largest outputs."""

from __future__ import annotations

from typing import Any

from galago.losses.arrays import Array
from galago.metrics.counts import (
    CountingMetric,
    Counts,
    checked_thresholds,
    precision_of,
    recall_of,
)


class _AtThresholds(CountingMetric):
    """A number for each threshold; labels are 0 and 1."""

    def __init__(
        self, thresholds: Any = None, name: str | None = None, dtype: str | None = None
    ) -> None:
        self.thresholds = thresholds
        super().__init__(
            checked_thresholds(thresholds, type(self).__name__), None, None, name, dtype
        )

    def of(self, counts: Counts) -> Array:
        """Return the metric at each threshold."""
        raise NotImplementedError

    def result(self) -> Any:
        """Return a float, or an array with several thresholds."""
        return self.one_or_all(self.of(self.counts))


class TruePositives(_AtThresholds):
    """How many outputs above the threshold have the label 1, weights added up.

    >>> TruePositives()([0, 1, 1], [0.7, 0.6, 0.2])
    1.0
    """

    default_name = "true_positives"

    def of(self, counts: Counts) -> Array:
        """Return the true positives."""
        return counts.tp


class FalsePositives(_AtThresholds):
    """How many outputs above the threshold have the label 0.

    >>> FalsePositives()([0, 1, 1], [0.7, 0.6, 0.2])
    1.0
    """

    default_name = "false_positives"

    def of(self, counts: Counts) -> Array:
        """Return the false positives."""
        return counts.fp


class TrueNegatives(_AtThresholds):
    """How many outputs not above the threshold have the label 0.

    >>> TrueNegatives()([0, 1, 0], [0.7, 0.6, 0.2])
    1.0
    """

    default_name = "true_negatives"

    def of(self, counts: Counts) -> Array:
        """Return the true negatives."""
        return counts.tn


class FalseNegatives(_AtThresholds):
    """How many outputs not above the threshold have the label 1.

    >>> FalseNegatives()([0, 1, 1], [0.7, 0.6, 0.2])
    1.0
    """

    default_name = "false_negatives"

    def of(self, counts: Counts) -> Array:
        """Return the false negatives."""
        return counts.fn


class _OfSome(CountingMetric):
    """Precision or recall: at thresholds, of the largest outputs, of one class."""

    better = "max"

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        self.thresholds = thresholds
        limits = checked_thresholds(thresholds, type(self).__name__, top_k)
        super().__init__(limits, top_k, class_id, name, dtype)


class Precision(_OfSome):
    """Share of right answers among the outputs above the threshold.

    Arguments:
        thresholds: one or several, 0.5 if None
        top_k: count the k largest outputs of each row as the positive ones
        class_id: look at one column alone
        name, dtype: those of a Metric
    Labels are 0 and 1, such as one-hot rows. Raises ArgumentError.

    >>> Precision()([0, 1, 1, 1], [0.9, 0.6, 0.7, 0.2])
    0.6666666666666666
    """

    default_name = "precision"

    def result(self) -> Any:
        """Return the precision; 0 where nothing was above the threshold."""
        return self.one_or_all(precision_of(self.counts))


class Recall(_OfSome):
    """Share of the labels 1 whose outputs are above the threshold; arguments as Precision.

    >>> Recall()([0, 1, 1, 1], [0.9, 0.6, 0.2, 0.3])
    0.3333333333333333
    """

    default_name = "recall"

    def result(self) -> Any:
        """Return the recall; 0 where no label was 1."""
        return self.one_or_all(recall_of(self.counts))
