"""Right and wrong answers above thresholds, counted: what precision, recall and curves share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from galago.checks import items, real, whole
from galago.errors import ArgumentError, DataError
from galago.losses.arrays import Array, checked_weights, floats
from galago.metrics.base import Metric

#: More say no more, and would cost memory before the first batch.
_MOST_THRESHOLDS = 100_000


class Counts(NamedTuple):
    """How many outputs are true and false positives and negatives, for each threshold."""

    tp: Array
    fp: Array
    tn: Array
    fn: Array

    def plus(self, other: Counts) -> Counts:
        """Return the sums."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


def stacked(counts: Sequence[Counts], thresholds: int) -> Array:
    """Return counts as one array (n, 4, thresholds), as a checkpoint holds them."""
    return np.array(counts, np.float64).reshape(len(counts), 4, thresholds)


def unstacked(array: Any, thresholds: int) -> list[Counts]:
    """Return the counts of an array. Raises ValueError for another number of thresholds."""
    found = np.asarray(array, np.float64)
    if found.ndim != 3 or found.shape[1:] != (4, thresholds):
        raise ValueError(f"expected counts at {thresholds} thresholds, received {found.shape}")
    return [Counts(*one) for one in found]


def divided(numerator: Array, denominator: Array) -> Array:
    """Return the quotient, 0 where the denominator is 0.

    >>> divided(np.array([1.0, 1.0]), np.array([2.0, 0.0]))
    array([0.5, 0. ])
    """
    quotients = np.zeros(np.broadcast_shapes(numerator.shape, denominator.shape))
    return np.divide(numerator, denominator, out=quotients, where=denominator != 0)


def precision_of(counts: Counts) -> Array:
    """Return tp / (tp + fp)."""
    return divided(counts.tp, counts.tp + counts.fp)


def recall_of(counts: Counts) -> Array:
    """Return tp / (tp + fn), which is the sensitivity too."""
    return divided(counts.tp, counts.tp + counts.fn)


def specificity_of(counts: Counts) -> Array:
    """Return tn / (tn + fp)."""
    return divided(counts.tn, counts.tn + counts.fp)


def counts_above(labels: Array, outputs: Array, weights: Array | None, thresholds: Array) -> Counts:
    """Count over everything, with outputs above each of the thresholds as positive.

    >>> counts_above(np.array([1, 0]), np.array([0.7, 0.6]), None, np.array([0.5, 0.65])).fp
    array([1., 0.])
    """
    flat = outputs.ravel()
    sizes = np.ones(flat.shape) if weights is None else weights.ravel().astype(np.float64)
    order = np.argsort(thresholds, kind="stable")
    # An output is above as many of the sorted thresholds as lie below it; NaN is above none.
    above = np.searchsorted(thresholds[order], flat, side="left")
    above = np.where(np.isnan(flat), 0, above)
    positive = labels.ravel().astype(bool)
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))

    def split(chosen: Array) -> tuple[Array, Array]:
        """Weights above each threshold, and the rest."""
        at = np.bincount(above[chosen], sizes[chosen], len(thresholds) + 1)
        upwards = np.cumsum(at[::-1])[::-1]
        return upwards[1:][places], (upwards[0] - upwards[1:])[places]

    (tp, fn), (fp, tn) = split(positive), split(~positive)
    return Counts(tp, fp, tn, fn)


class CountingMetric(Metric):
    """Base of metrics made of such counts.

    `thresholds` are what update_state() compares with; `top_k` and `class_id` say which outputs of
    a row count: the k largest as they are, the others as 0, and one column alone. Raises
    ArgumentError.
    """

    labels = "values"

    def __init__(
        self,
        thresholds: Sequence[float],
        top_k: int | None,
        class_id: int | None,
        name: str | None,
        dtype: str | None,
    ) -> None:
        owner = type(self).__name__
        self.top_k = None if top_k is None else whole(top_k, "top_k", owner)
        self.class_id = None if class_id is None else whole(class_id, "class_id", owner, minimum=0)
        self._limits = tuple(thresholds)
        super().__init__(dtype, name)

    def reset_state(self) -> None:
        """Forget all batches."""
        zeros = np.zeros(len(self._limits))
        self.counts = Counts(zeros, zeros, zeros, zeros)

    def get_state(self) -> dict[str, Any]:
        """Return the counts."""
        return {"counts": stacked([self.counts], len(self._limits))}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take over what get_state() of an equal metric returned. Raises ValueError."""
        (self.counts,) = unstacked(state["counts"], len(self._limits))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch: labels of 0 and 1, outputs, and how much each example counts."""
        labels, outputs = floats(y_true, self.floats(y_pred))
        weights = None if sample_weight is None else checked_weights(sample_weight, outputs)
        if self.top_k is not None:
            outputs = _largest(outputs, self.top_k)
        if self.class_id is not None:
            if not self.class_id < outputs.shape[-1]:
                raise DataError(
                    f"{type(self).__name__}: expected class_id below {outputs.shape[-1]}, the "
                    f"number of outputs, received {self.class_id}. Pass one of the classes."
                )
            labels, outputs = labels[..., self.class_id], outputs[..., self.class_id]
            weights = None if weights is None else weights[..., self.class_id]
        found = counts_above(labels, outputs, weights, np.asarray(self._limits, self.dtype))
        self.counts = self.counts.plus(found)

    def one_or_all(self, values: Array) -> Any:
        """Return values as a float for one threshold, else as an array."""
        return float(values[0]) if len(values) == 1 else values

    @property
    def is_number(self) -> bool:
        """Whether there is one threshold only."""
        return len(self._limits) == 1


def checked_thresholds(thresholds: Any, owner: str, top_k: int | None = None) -> tuple[float, ...]:
    """Return thresholds as floats: by default one half, or none at all for the k largest."""
    if thresholds is None:
        return (-np.inf,) if top_k is not None else (0.5,)
    several = isinstance(thresholds, (list, tuple))
    listed = items(thresholds, "thresholds", owner) if several else [thresholds]
    return tuple(real(value, "thresholds", owner, low=0.0, high=1.0) for value in listed)


def between(count: int, owner: str) -> list[float]:
    """Return thresholds between 0 and 1, as many as are missing to `count` with both ends.

    >>> between(5, "AUC")
    [0.25, 0.5, 0.75]
    """
    if count > _MOST_THRESHOLDS:
        raise ArgumentError(
            f"{owner}: num_thresholds must be at most {_MOST_THRESHOLDS:,}, received {count:,}. "
            "Pass a smaller number; 200 is usual."
        )
    return [place / (count - 1) for place in range(1, count - 1)]


def _largest(outputs: Array, k: int) -> Array:
    """The k largest outputs of each row; of equal ones the first. The others become -infinity."""
    order = np.argsort(-outputs, axis=-1, kind="stable")[..., :k]
    kept = np.zeros(outputs.shape, bool)
    np.put_along_axis(kept, order, True, axis=-1)
    return np.where(kept, outputs, outputs.dtype.type(-np.inf))
