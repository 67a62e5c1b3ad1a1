"""Cross-entropies: minus the logarithm of the probability that a model gives to what is right."""

from __future__ import annotations

from typing import Any

import numpy as np

from galago.checks import flag, whole
from galago.errors import ArgumentError
from galago.losses.arrays import EPSILON, Array, as_floats, floats
from galago.losses.base import Loss, last_axis, share

#: Of what may be ignored; the engine counts on.
_LARGEST_LABEL = 2**31 - 1


def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Return the mean over the last axis of -(t log p + (1 - t) log(1 - p)), p cut to 1e-7.

    t is a label, p the probability of 1. Raises ArgumentError and DataError.

    >>> binary_crossentropy(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])).round(4)
    array([0.6931])
    """
    last_axis(axis, "binary_crossentropy()")
    labels, outputs = floats(y_true, y_pred)
    labels = labels * (1 - label_smoothing) + label_smoothing / 2
    if from_logits:
        rest = np.log1p(np.exp(-np.abs(outputs)))
        return np.asarray(np.mean(np.maximum(outputs, 0) - outputs * labels + rest, axis=-1))
    p = np.clip(outputs, EPSILON, 1 - EPSILON)
    return np.asarray(-np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p), axis=-1))


def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Return -sum(label * log(probability)) over the last axis, probabilities cut to 1e-7.

    Labels are rows of probabilities, one-hot as a rule. Raises ArgumentError and DataError.

    >>> categorical_crossentropy(np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]])).round(4)
    array([0.6931])
    """
    last_axis(axis, "categorical_crossentropy()")
    labels, outputs = floats(y_true, y_pred)
    labels = labels * (1 - label_smoothing) + label_smoothing / labels.shape[-1]
    return np.asarray(-np.sum(labels * log_probabilities(outputs, from_logits), axis=-1))


def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Array:
    """Return -log of the probability of the right class; labels are class numbers.

    A label that is `ignore_class` gives 0. Raises ArgumentError and DataError.

    >>> sparse_categorical_crossentropy([1], np.array([[0.5, 0.5]])).round(4)
    array([0.6931])
    """
    last_axis(axis, "sparse_categorical_crossentropy()")
    outputs = as_floats(y_pred)
    labels = class_numbers(y_true, outputs)
    ignored = labels == ignore_class
    chosen = np.where(ignored, 0, labels)[..., None]
    logs = np.take_along_axis(log_probabilities(outputs, from_logits), chosen, axis=-1)[..., 0]
    return np.where(ignored, outputs.dtype.type(0), -logs)


def class_numbers(y_true: Any, outputs: Array) -> Array:
    """Return labels as whole numbers, without a last axis of size 1 that outputs do not share."""
    labels = np.asarray(y_true).astype(np.int64)
    return labels[..., 0] if labels.ndim == outputs.ndim and labels.shape[-1] == 1 else labels


def log_probabilities(outputs: Array, from_logits: bool) -> Array:
    """Return logarithms of the shares of each row's sum, or of softmax from logits."""
    if from_logits:
        shifted = outputs - outputs.max(axis=-1, keepdims=True)
        return np.asarray(shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True)))
    shares = outputs / outputs.sum(axis=-1, keepdims=True)
    return np.asarray(np.log(np.clip(shares, EPSILON, 1 - EPSILON)))


def _label(value: Any, owner: str) -> int:
    number = whole(value, "ignore_class", owner, minimum=-_LARGEST_LABEL)
    if number > _LARGEST_LABEL:
        raise ArgumentError(
            f"{owner}: ignore_class must be at most {_LARGEST_LABEL}, received {number}. Pass a "
            "label such as 255."
        )
    return number


class SparseCategoricalCrossentropy(Loss):
    """-log of the probability given to the right class; labels are class numbers, shape (n,).

    From probabilities (the default) each row is divided by its sum and clipped to
    [1e-7, 1 - 1e-7], as Keras does.

    Arguments:
        from_logits: whether outputs are not probabilities yet: the model ends without softmax
        ignore_class: labels of this number have no loss and do not count in the mean
        axis: -1
        reduction, name: those of a Loss
    Raises ArgumentError.

    >>> SparseCategoricalCrossentropy()([0, 1], np.array([[0.5, 0.5], [0.5, 0.5]]))
    0.6931471805599453
    """

    kind = "sparse_categorical_crossentropy"
    labels = "classes"
    activation = "softmax"
    engine_options = ("ignore_class",)

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = None,
    ) -> None:
        super().__init__(reduction, name)
        owner = type(self).__name__
        self.from_logits = flag(from_logits, "from_logits", owner)
        self.ignore_class = None if ignore_class is None else _label(ignore_class, owner)
        self.axis = last_axis(axis, owner)

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return sparse_categorical_crossentropy(y_true, y_pred, self.from_logits, self.ignore_class)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the reduced loss of the labels that are not ignored."""
        if self.ignore_class is None:
            return super().__call__(y_true, y_pred, sample_weight)
        counted = class_numbers(y_true, as_floats(y_pred)) != self.ignore_class
        weights = counted.astype(np.float64) * (1.0 if sample_weight is None else sample_weight)
        found = super().__call__(y_true, y_pred, weights)
        if self.reduction not in ("sum_over_batch_size", "mean"):
            return found
        return found * counted.size / counted.sum() if counted.any() else 0.0


class _OfTargets(Loss):
    """A cross-entropy whose labels are probabilities."""

    engine_options = ("label_smoothing",)

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:
        super().__init__(reduction, name)
        owner = type(self).__name__
        self.from_logits = flag(from_logits, "from_logits", owner)
        self.label_smoothing = share(label_smoothing, "label_smoothing", owner)
        self.axis = last_axis(axis, owner)


class CategoricalCrossentropy(_OfTargets):
    """-sum(label * log(probability)); labels are rows of probabilities, shape (n, classes).

    Arguments:
        from_logits: whether outputs are not probabilities yet: the model ends without softmax
        label_smoothing: from 0 to 1; takes that part of each label and spreads it over the classes
        axis: -1
        reduction, name: those of a Loss
    Raises ArgumentError.

    >>> CategoricalCrossentropy()(np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]]))
    0.6931471805599453
    """

    kind = "categorical_crossentropy"
    activation = "softmax"

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return categorical_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing)


class BinaryCrossentropy(_OfTargets):
    """Mean over the outputs of -(y log p + (1 - y) log(1 - p)); labels y from 0 to 1.

    Arguments:
        from_logits: whether outputs are not probabilities p yet: the model ends without sigmoid
        label_smoothing: from 0 to 1; moves labels that far towards one half
        axis: -1
        reduction, name: those of a Loss
    Raises ArgumentError.

    >>> BinaryCrossentropy()(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]]))
    0.6931471805599453
    """

    kind = "binary_crossentropy"
    activation = "sigmoid"

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return binary_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing)
