"""F scores: precision and recall in one number."""

from __future__ import annotations

from typing import Any

import numpy as np

from galago.checks import real
from galago.errors import DataError
from galago.losses.arrays import EPSILON, Array, checked_weights, floats
from galago.metrics.base import Metric
from galago.registry import look_up

_AVERAGES = {"None": None, "micro": "micro", "macro": "macro", "weighted": "weighted"}
#: A largest output nearer to 0 than this is no answer.
_NOTHING = 1e-9


class FBetaScore(Metric):
    """Weighted harmonic mean of precision and recall, where recall counts beta times as much.

    Labels and outputs are (n, classes).

    Arguments:
        average: None for a score of each class, "micro" (all answers together), "macro" (mean over
            the classes) or "weighted" (by how often they occur); in compile() it is needed
        beta: more than 0
        threshold: above which an output is an answer; None for the largest output of each row
        name, dtype: those of a Metric
    Raises ArgumentError.

    >>> FBetaScore(average="macro", beta=2.0)([[1, 0], [0, 1]], [[0.8, 0.2], [0.6, 0.4]])
    0.416666...
    """

    better = "max"

    default_name = "fbeta_score"
    labels = "values"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        owner = type(self).__name__
        chosen = "None" if average is None else average
        self.average = look_up(_AVERAGES, chosen, kind="average", owner=owner)
        self.beta = real(beta, "beta", owner, low=_NOTHING)
        self.threshold = None
        if threshold is not None:
            self.threshold = real(threshold, "threshold", owner, low=0.0, high=1.0)
        super().__init__(dtype, name)

    @property
    def is_number(self) -> bool:
        """Whether the scores of the classes are averaged."""
        return self.average is not None

    def reset_state(self) -> None:
        """Forget all batches."""
        self._sums: Array | None = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch: labels of 0 and 1, outputs, and how much each example counts."""
        labels, outputs = floats(y_true, self.floats(y_pred))
        if labels.ndim != 2:
            raise DataError(
                f"{type(self).__name__}: expected labels and outputs of shape (n, classes), "
                f"received {labels.shape}. Pass a column for each class."
            )
        if self.threshold is None:
            largest = outputs == outputs.max(axis=-1, keepdims=True)
            answers = largest & (np.abs(outputs) > _NOTHING)
        else:
            answers = outputs > outputs.dtype.type(self.threshold)
        weights = np.ones_like(labels)
        if sample_weight is not None:
            weights = checked_weights(sample_weight, labels)
        weights, labels = weights.astype(np.float64), labels.astype(np.float64)
        parts = (answers * labels, answers * (1 - labels), ~answers * labels, labels)
        sums = np.stack([(weights * part).sum(axis=0) for part in parts])
        self._sums = sums if self._sums is None else self._sums + sums

    def result(self) -> Any:
        """Return the score, or an array with one for each class; 0 of nothing."""
        if self._sums is None:
            return 0.0
        sums = self._sums.sum(axis=1) if self.average == "micro" else self._sums
        tp, fp, fn, occurring = sums
        precision, recall = tp / (tp + fp + EPSILON), tp / (tp + fn + EPSILON)
        product = precision * recall * (1 + self.beta**2)
        scores = product / (self.beta**2 * precision + recall + EPSILON)
        if self.average == "weighted":
            return float((scores * occurring).sum() / (occurring.sum() + EPSILON))
        return scores if self.average is None else float(np.mean(scores))


class F1Score(FBetaScore):
    """Harmonic mean of precision and recall; arguments as FBetaScore.

    >>> F1Score(average="micro")([[1, 0], [0, 1]], [[0.8, 0.2], [0.6, 0.4]])
    0.4999999...
    """

    default_name = "f1_score"

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)
