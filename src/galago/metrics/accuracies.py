"""Accuracies: how often an output is right."""

from __future__ import annotations

from typing import Any

import numpy as np

from galago.checks import flag, real, whole
from galago.losses.arrays import Array, as_floats, floats
from galago.losses.crossentropies import class_numbers
from galago.metrics.base import MeanOverExamples

#: Up to here an output of a sigmoid counts as "no".
_HALF = 0.5


class Accuracy(MeanOverExamples):
    """How often an output equals its label.

    >>> Accuracy()([1, 2, 3], [1, 2, 4])
    0.6666666666666666
    """

    better = "max"

    default_name = "accuracy"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return 1 for each equal output."""
        return np.asarray(np.equal(*floats(y_true, y_pred)))


class BinaryAccuracy(MeanOverExamples):
    """How often an output is on its label's side of the threshold; labels are 0 or 1.

    Raises ArgumentError.

    >>> BinaryAccuracy()([[1], [0]], [[0.6], [0.7]])
    0.5
    """

    better = "max"

    default_name = "binary_accuracy"
    labels = "values"

    def __init__(
        self, name: str | None = None, dtype: str | None = None, threshold: float = _HALF
    ) -> None:
        super().__init__(name, dtype)
        self.threshold = real(threshold, "threshold", "BinaryAccuracy", low=0.0, high=1.0)

    @property
    def engine(self) -> str | None:
        """The engine knows the usual threshold."""
        return "binary" if self.threshold == _HALF else None

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return 1 for each right output."""
        return binary_accuracy(y_true, y_pred, self.threshold)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = _HALF) -> Array:
    """Return for each output whether it is on its label's side of the threshold.

    >>> binary_accuracy([[1.0, 0.0]], [[0.6, 0.7]]).tolist()
    [[True, False]]
    """
    labels, outputs = floats(y_true, y_pred)
    return np.asarray((outputs > outputs.dtype.type(threshold)) == labels)


class CategoricalAccuracy(MeanOverExamples):
    """How often the largest output is the largest label; labels are rows, such as one-hot.

    >>> CategoricalAccuracy()([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]])
    0.5
    """

    better = "max"

    default_name = "categorical_accuracy"
    labels = "values"

    @property
    def engine(self) -> str | None:
        """The engine computes it beside the loss."""
        return "categorical"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return 1 for each right row."""
        return categorical_accuracy(y_true, y_pred)


def categorical_accuracy(y_true: Any, y_pred: Any) -> Array:
    """Return for each row whether its largest output is its largest label.

    >>> categorical_accuracy([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]]).tolist()
    [True, False]
    """
    labels, outputs = floats(y_true, y_pred)
    return np.asarray(outputs.argmax(axis=-1) == labels.argmax(axis=-1))


class SparseCategoricalAccuracy(MeanOverExamples):
    """How often the largest output is the right class; labels are class numbers.

    >>> SparseCategoricalAccuracy()([1, 0], [[0.2, 0.8], [0.4, 0.6]])
    0.5
    """

    better = "max"

    default_name = "sparse_categorical_accuracy"
    labels = "classes"

    @property
    def engine(self) -> str | None:
        """The engine computes it beside the loss."""
        return "sparse"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return 1 for each right row."""
        return sparse_categorical_accuracy(y_true, y_pred)


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Array:
    """Return for each row whether its largest output is the class that the label names.

    >>> sparse_categorical_accuracy([1, 0], [[0.2, 0.8], [0.4, 0.6]]).tolist()
    [True, False]
    """
    outputs = as_floats(y_pred)
    return np.asarray(outputs.argmax(axis=-1) == class_numbers(y_true, outputs))


class TopKCategoricalAccuracy(MeanOverExamples):
    """How often the right class is among the `k` largest outputs; labels are one-hot rows.

    Raises ArgumentError.

    >>> TopKCategoricalAccuracy(k=2)([[0, 0, 1], [1, 0, 0]], [[0.1, 0.6, 0.3], [0.1, 0.6, 0.3]])
    0.5
    """

    better = "max"

    default_name = "top_k_categorical_accuracy"
    labels = "values"

    def __init__(self, k: int = 5, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(name, dtype)
        self.k = whole(k, "k", "TopKCategoricalAccuracy")

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return 1 for each right row."""
        return top_k_categorical_accuracy(y_true, y_pred, self.k)


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Array:
    """Return for each row whether its largest label is among the k largest outputs.

    >>> top_k_categorical_accuracy([[0, 0, 1], [1, 0, 0]], [[0.1, 0.6, 0.3]] * 2, k=2).tolist()
    [True, False]
    """
    labels, outputs = floats(y_true, y_pred)
    return _in_top(labels.argmax(axis=-1), outputs, k)


class SparseTopKCategoricalAccuracy(MeanOverExamples):
    """How often the right class is among the `k` largest outputs; labels are class numbers.

    With `from_sorted_ids` the outputs are class numbers, the most likely first. Raises
    ArgumentError.

    >>> SparseTopKCategoricalAccuracy(k=2)([2, 0], [[0.1, 0.6, 0.3], [0.1, 0.6, 0.3]])
    0.5
    """

    better = "max"

    default_name = "sparse_top_k_categorical_accuracy"
    labels = "classes"

    def __init__(
        self,
        k: int = 5,
        name: str | None = None,
        dtype: str | None = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(name, dtype)
        owner = "SparseTopKCategoricalAccuracy"
        self.k = whole(k, "k", owner)
        self.from_sorted_ids = flag(from_sorted_ids, "from_sorted_ids", owner)

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return 1 for each right row."""
        return sparse_top_k_categorical_accuracy(y_true, y_pred, self.k, self.from_sorted_ids)


def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Array:
    """Return for each row whether the class that the label names is among the k largest outputs.

    With `from_sorted_ids` the outputs are class numbers, the most likely first.

    >>> sparse_top_k_categorical_accuracy([2, 0], [[0.1, 0.6, 0.3], [0.1, 0.6, 0.3]], k=2).tolist()
    [True, False]
    """
    outputs = as_floats(y_pred)
    labels = class_numbers(y_true, outputs)
    if from_sorted_ids:
        return np.asarray((outputs[..., :k] == labels[..., None]).any(axis=-1))
    return _in_top(labels, outputs, k)


def _in_top(classes: Array, outputs: Array, k: int) -> Array:
    """Whether fewer than k outputs are larger than that of the class; NaN never counts."""
    chosen = np.take_along_axis(outputs, classes[..., None], axis=-1)
    larger = np.sum(outputs > chosen, axis=-1)
    return np.asarray((larger < k) & np.isfinite(chosen[..., 0]))
