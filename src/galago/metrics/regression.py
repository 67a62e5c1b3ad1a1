"""Metrics between numbers: errors, hinges, and how much of the variance is explained."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from galago import losses
from galago.checks import whole
from galago.errors import DataError
from galago.losses.arrays import Array, checked_weights, floats
from galago.losses.base import last_axis
from galago.metrics.base import MeanOverExamples, Metric
from galago.registry import look_up


class _Values(MeanOverExamples):
    labels = "values"
    better: ClassVar[Literal["max", "min"] | None] = "min"


class MeanSquaredError(_Values):
    """Mean of (label - output)^2.

    >>> MeanSquaredError()([[1.0, 2.0]], [[3.0, 2.0]])
    2.0
    """

    default_name = "mean_squared_error"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the error of each row."""
        return losses.mean_squared_error(y_true, y_pred)


class RootMeanSquaredError(_Values):
    """Square root of the mean of (label - output)^2 over everything.

    >>> RootMeanSquaredError()([[1.0, 2.0]], [[3.0, 2.0]])
    1.4142135623730951
    """

    default_name = "root_mean_squared_error"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the squared error of each output."""
        labels, outputs = floats(y_true, y_pred)
        return np.asarray(np.square(labels - outputs))

    def result(self) -> float:
        """Return the root of the mean."""
        return float(np.sqrt(super().result()))


class MeanAbsoluteError(_Values):
    """Mean of |label - output|.

    >>> MeanAbsoluteError()([[0.0, 2.0]], [[1.0, 4.0]])
    1.5
    """

    default_name = "mean_absolute_error"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the error of each row."""
        return losses.mean_absolute_error(y_true, y_pred)


class MeanAbsolutePercentageError(_Values):
    """Mean of 100 |label - output| / |label|.

    >>> MeanAbsolutePercentageError()([[4.0, 2.0]], [[3.0, 3.0]])
    37.5
    """

    default_name = "mean_absolute_percentage_error"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the error of each row."""
        return losses.mean_absolute_percentage_error(y_true, y_pred)


class MeanSquaredLogarithmicError(_Values):
    """Mean of (log(1 + label) - log(1 + output))^2.

    >>> round(MeanSquaredLogarithmicError()([[1.0]], [[3.0]]), 4)
    0.4805
    """

    default_name = "mean_squared_logarithmic_error"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the error of each row."""
        return losses.mean_squared_logarithmic_error(y_true, y_pred)


class LogCoshError(_Values):
    """Mean of log(cosh(output - label)).

    >>> round(LogCoshError()([[0.0]], [[1.0]]), 4)
    0.4338
    """

    default_name = "logcosh"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the error of each row."""
        return losses.log_cosh(y_true, y_pred)


class CosineSimilarity(_Values):
    """Mean cosine of the angle between labels and outputs: 1 where they point alike.

    The loss of this name is minus that. The axis is -1.

    >>> round(CosineSimilarity()([[0.0, 2.0]], [[1.0, 1.0]]), 4)
    0.7071
    """

    better = "max"

    default_name = "cosine_similarity"

    def __init__(self, name: str | None = None, dtype: str | None = None, axis: int = -1) -> None:
        super().__init__(name, dtype)
        self.axis = last_axis(axis, "CosineSimilarity")

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the cosine of each row."""
        return np.asarray(-losses.cosine_similarity(y_true, y_pred))


class Hinge(_Values):
    """Mean of max(1 - label output, 0); labels are -1 or 1, or 0 and 1.

    >>> Hinge()([[1.0, -1.0]], [[0.5, -2.0]])
    0.25
    """

    default_name = "hinge"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the hinge of each row."""
        return losses.hinge(y_true, y_pred)


class SquaredHinge(_Values):
    """Mean of max(1 - label output, 0)^2; labels as Hinge.

    >>> SquaredHinge()([[1.0, -1.0]], [[0.5, -2.0]])
    0.125
    """

    default_name = "squared_hinge"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the hinge of each row."""
        return losses.squared_hinge(y_true, y_pred)


class CategoricalHinge(_Values):
    """Mean of max(largest wrong output - right output + 1, 0); labels are one-hot rows.

    >>> CategoricalHinge()([[0.0, 1.0]], [[0.25, 0.75]])
    0.5
    """

    default_name = "categorical_hinge"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the hinge of each row."""
        return losses.categorical_hinge(y_true, y_pred)


#: How the scores of several outputs become one.
_AGGREGATIONS = {
    "None": None,
    "uniform_average": "uniform_average",
    "variance_weighted_average": "variance_weighted_average",
}


class R2Score(Metric):
    """How much of the labels' variance the outputs explain: 1 is all, 0 what their mean would.

    Arguments:
        class_aggregation: "uniform_average" over the outputs, "variance_weighted_average", or None
            for a score of each output
        num_regressors: how many numbers each example was predicted from, for the adjusted score
        name, dtype: those of a Metric
    Raises ArgumentError.

    >>> R2Score()([[1.0], [2.0], [3.0]], [[1.5], [2.0], [2.5]])
    0.75
    """

    better = "max"

    default_name = "r2_score"
    labels = "values"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        self.class_aggregation = look_up(
            _AGGREGATIONS,
            "None" if class_aggregation is None else class_aggregation,
            kind="class_aggregation",
            owner="R2Score",
        )
        self.num_regressors = whole(num_regressors, "num_regressors", "R2Score", minimum=0)
        super().__init__(dtype, name)

    @property
    def is_number(self) -> bool:
        """Whether the scores are averaged."""
        return self.class_aggregation is not None

    def reset_state(self) -> None:
        """Forget all batches."""
        self._sums: Array | None = None
        self._samples = 0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch of labels and outputs, both (n, outputs)."""
        labels, outputs = floats(y_true, self.floats(y_pred))
        if labels.ndim == 1:
            labels, outputs = labels[:, None], outputs[:, None]
        if labels.ndim > 2:
            raise DataError(
                f"R2Score: expected labels of shape (n, outputs), received {labels.shape}. "
                "Flatten each example."
            )
        labels, outputs = labels.astype(np.float64), outputs.astype(np.float64)
        weights = np.ones_like(labels)
        if sample_weight is not None:
            given = np.asarray(sample_weight)
            weights = checked_weights(given[:, None] if given.ndim == 1 else given, labels)
        parts = (weights, weights * labels, weights * labels**2, weights * (labels - outputs) ** 2)
        sums = np.stack([part.sum(axis=0) for part in parts])
        self._sums = sums if self._sums is None else self._sums + sums
        self._samples += labels.size  # Keras counts every number as one

    def result(self) -> Any:
        """Return the score, 0 of nothing."""
        if self._sums is None:
            return 0.0
        count, total, squares, residual = self._sums
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = squares - total * (total / count)
            scores = np.where(variance == 0, 0.0, 1 - residual / variance)
        if self.class_aggregation is None:
            return self._adjusted(scores)
        if self.class_aggregation == "uniform_average":
            return float(self._adjusted(scores.mean()))
        return float(self._adjusted((variance * scores).sum() / variance.sum()))

    def _adjusted(self, scores: Any) -> Any:
        """The score less what so many regressors would explain by chance."""
        spare = self._samples - self.num_regressors - 1
        if not self.num_regressors or spare <= 0:
            return scores
        return 1 - (1 - scores) * (self._samples - 1) / spare
