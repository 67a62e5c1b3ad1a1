"""Cross-entropies and divergences as metrics: means over the examples of the losses' values.

Their last bits may differ between computers, since NumPy's logarithms do.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from galago import losses
from galago.losses.arrays import Array, checked_weights
from galago.losses.crossentropies import class_numbers
from galago.metrics.base import MeanOverExamples


class _Values(MeanOverExamples):
    labels = "values"
    better: ClassVar[Literal["max", "min"] | None] = "min"


class KLDivergence(_Values):
    """Mean over the examples of sum(label log(label / output)).

    >>> round(KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]]), 4)
    0.1438
    """

    default_name = "kl_divergence"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the divergence of each row."""
        return losses.kl_divergence(y_true, y_pred)


class Poisson(_Values):
    """Mean of output - label log(output).

    >>> round(Poisson()([[2.0]], [[1.0]]), 4)
    1.0
    """

    default_name = "poisson"

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the value of each row."""
        return losses.poisson(y_true, y_pred)


class BinaryCrossentropy(_Values):
    """Mean of -(y log p + (1 - y) log(1 - p)); labels y from 0 to 1.

    Arguments:
        name, dtype: those of a Metric
        from_logits: whether outputs are not probabilities p yet
        label_smoothing: from 0 to 1; moves labels that far towards one half

    >>> round(BinaryCrossentropy()([[1, 0]], [[0.5, 0.5]]), 4)
    0.6931
    """

    default_name = "binary_crossentropy"

    def __init__(
        self,
        name: str | None = None,
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(name, dtype)
        loss = losses.BinaryCrossentropy(from_logits, label_smoothing)
        self.from_logits, self.label_smoothing = loss.from_logits, loss.label_smoothing

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the cross-entropy of each row."""
        return losses.binary_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing)


class CategoricalCrossentropy(_Values):
    """Mean of -sum(label * log(probability)); labels are rows of probabilities, such as one-hot.

    Arguments:
        name, dtype: those of a Metric
        from_logits: whether outputs are not probabilities yet
        label_smoothing: from 0 to 1; takes that part of each label and spreads it over the classes
        axis: -1

    >>> round(CategoricalCrossentropy()([[0, 1]], [[0.5, 0.5]]), 4)
    0.6931
    """

    default_name = "categorical_crossentropy"

    def __init__(
        self,
        name: str | None = None,
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
    ) -> None:
        super().__init__(name, dtype)
        loss = losses.CategoricalCrossentropy(from_logits, label_smoothing, axis)
        self.from_logits, self.label_smoothing = loss.from_logits, loss.label_smoothing
        self.axis = loss.axis

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the cross-entropy of each row."""
        smoothing = self.label_smoothing
        return losses.categorical_crossentropy(y_true, y_pred, self.from_logits, smoothing)


class SparseCategoricalCrossentropy(MeanOverExamples):
    """Mean of -log of the probability of the right class; labels are class numbers.

    Arguments:
        name, dtype: those of a Metric
        from_logits: whether outputs are not probabilities yet
        ignore_class: labels of this number count 0
        axis: -1

    >>> SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])
    0.6931471824645996
    """

    better = "min"

    default_name = "sparse_categorical_crossentropy"
    labels = "classes"

    def __init__(
        self,
        name: str | None = None,
        dtype: str | None = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(name, dtype)
        loss = losses.SparseCategoricalCrossentropy(from_logits, ignore_class, axis=axis)
        self.from_logits, self.ignore_class = loss.from_logits, loss.ignore_class
        self.axis = loss.axis

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the cross-entropy of each row, 0 for a label that is ignored."""
        ignored = self.ignore_class
        return losses.sparse_categorical_crossentropy(y_true, y_pred, self.from_logits, ignored)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch. Labels that are ignored count in the mean, unless there are weights."""
        if sample_weight is not None and self.ignore_class is not None:
            counted = class_numbers(y_true, self.floats(y_pred)) != self.ignore_class
            sample_weight = checked_weights(sample_weight, self.floats(counted)) * counted
        super().update_state(y_true, y_pred, sample_weight)
