"""Which class was taken for which: the confusion matrix, and the overlaps made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from galago.checks import flag, items, real, whole
from galago.errors import ArgumentError, DataError
from galago.losses.arrays import Array, checked_weights
from galago.losses.base import last_axis
from galago.metrics.base import Metric
from galago.metrics.counts import divided


def confusion_matrix(
    y_true: Any, y_pred: Any, num_classes: int | None = None, sample_weight: Any = None
) -> Array:
    """Return how often class i (row) was taken for class j (column), or their weights.

    Labels and outputs hold class numbers; rows of outputs, with one axis more than the labels,
    count by their largest. Without `num_classes` there are as many as the largest number says.
    Raises ArgumentError and DataError.

    >>> confusion_matrix([0, 1, 1], [0, 1, 0])
    array([[1, 0],
           [1, 1]])
    """
    labels, answers = np.asarray(y_true), np.asarray(y_pred)
    if answers.ndim == labels.ndim + 1:
        answers = answers.argmax(axis=-1)
    labels, answers = _whole(labels, "y_true"), _whole(answers, "y_pred")
    if labels.shape != answers.shape:
        raise DataError(
            f"confusion_matrix(): expected an answer for each label, received shapes "
            f"{labels.shape} and {answers.shape}. Pass class numbers, or rows of outputs."
        )
    largest = int(max(labels.max(initial=-1), answers.max(initial=-1)))
    classes = largest + 1 if num_classes is None else whole(num_classes, "num_classes", _OWNER)
    lowest = int(min(labels.min(initial=0), answers.min(initial=0)))
    if lowest < 0 or largest >= classes:
        raise DataError(
            f"confusion_matrix(): expected class numbers from 0 to {classes - 1}, received "
            f"{lowest if lowest < 0 else largest}. Pass a larger num_classes, or correct them."
        )
    places = (labels * classes + answers).ravel()
    if sample_weight is None:
        return np.bincount(places, minlength=classes * classes).reshape(classes, classes)
    weights = checked_weights(sample_weight, labels.astype(np.float64)).ravel()
    return np.bincount(places, weights, classes * classes).reshape(classes, classes)


_OWNER = "confusion_matrix()"
#: A matrix of so many takes 800 MB.
_MOST_CLASSES = 10_000
#: Keras's type of these metrics, whose counts are whole unless there are weights.
_INTEGERS = ("int", "int32", "int64")


def _whole(values: Array, name: str) -> Array:
    numbers = values.astype(np.int64)
    if values.dtype.kind == "f" and not np.array_equal(numbers, values):
        raise DataError(
            f"confusion_matrix(): expected class numbers in {name}, received numbers that are not "
            "whole. Pass labels, or rows of outputs with one axis more than y_true."
        )
    return numbers


class _Matrix(Metric):
    """A confusion matrix over all batches."""

    def __init__(
        self,
        num_classes: int,
        name: str | None,
        dtype: str | None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        owner = type(self).__name__
        self.num_classes = _classes(num_classes, owner)
        self.ignore_class = ignore_class
        if ignore_class is not None:
            self.ignore_class = whole(ignore_class, "ignore_class", owner, minimum=-(2**31))
        self.sparse_y_true = flag(sparse_y_true, "sparse_y_true", owner)
        self.sparse_y_pred = flag(sparse_y_pred, "sparse_y_pred", owner)
        self.axis = last_axis(axis, owner)
        super().__init__(None if dtype in _INTEGERS else dtype, name)

    def reset_state(self) -> None:
        """Forget all batches."""
        self._counts: Array | None = None

    @property
    def matrix(self) -> Array:
        """How often class i was taken for class j; made when it is first asked for."""
        if self._counts is None:
            self._counts = np.zeros((self.num_classes, self.num_classes))
        return self._counts

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch: labels, answers, and how much each example counts."""
        labels, answers = np.asarray(y_true), np.asarray(y_pred)
        labels = labels if self.sparse_y_true else labels.argmax(axis=-1)
        answers = answers if self.sparse_y_pred else answers.argmax(axis=-1)
        weights = np.ones(labels.size)
        if sample_weight is not None:
            weights = checked_weights(sample_weight, labels.astype(np.float64)).ravel()
        labels, answers = labels.ravel(), answers.ravel()
        if labels.shape != answers.shape:
            raise DataError(
                f"{type(self).__name__}: expected an answer for each label, received "
                f"{labels.size} labels and {answers.size} answers. For rows of outputs pass "
                "sparse_y_pred=False."
            )
        counted = labels != self.ignore_class
        labels, answers, weights = labels[counted], answers[counted], weights[counted]
        self.matrix[...] += confusion_matrix(labels, answers, self.num_classes, weights)


class ConfusionMatrix(_Matrix):
    """How often class i (row) was taken for class j (column), over all batches.

    Labels are class numbers, or one-hot rows of outputs' shape; the largest output of a row is the
    answer. The result is an array, so it is used by itself and not in compile().

    Arguments:
        num_classes: how many rows and columns there are
        name, dtype: those of a Metric
    Raises ArgumentError.

    >>> metric = ConfusionMatrix(2)
    >>> metric.update_state([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    >>> metric.result()
    array([[1., 0.],
           [1., 1.]])
    """

    default_name = "confusion_matrix"

    def __init__(self, num_classes: int, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(num_classes, name, dtype)

    @property
    def is_number(self) -> bool:
        """It is not."""
        return False

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch: labels, outputs or answers, and how much each example counts."""
        labels, answers = np.asarray(y_true), np.asarray(y_pred)
        if answers.ndim > 1 and answers.shape[-1] == self.num_classes:
            labels = labels.argmax(axis=-1) if labels.shape == answers.shape else labels
            answers = answers.argmax(axis=-1)
        super().update_state(labels.reshape(answers.shape), answers, sample_weight)

    def result(self) -> Array:
        """Return the matrix, (classes, classes)."""
        return self.matrix.copy()


class IoU(_Matrix):
    """Intersection over union of some classes: tp / (tp + fp + fn), their mean.

    Arguments:
        num_classes: how many classes there are
        target_class_ids: which of them count
        name, dtype: those of a Metric
        ignore_class: a label that does not count
        sparse_y_true, sparse_y_pred: whether labels and outputs are class numbers, or else rows of
            which the largest counts
        axis: -1
    Raises ArgumentError.

    >>> IoU(2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1])
    0.3333333333333333
    """

    better = "max"

    default_name = "io_u"

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)
        self.target_class_ids = _ids(target_class_ids, num_classes, type(self).__name__)

    def result(self) -> float:
        """Return the mean over the classes that occur, 0 if none does."""
        right = np.diag(self.matrix)
        union = self.matrix.sum(axis=0) + self.matrix.sum(axis=1) - right
        chosen = list(self.target_class_ids)
        overlaps, occurring = divided(right, union)[chosen], np.sum(union[chosen] > 0)
        return float(overlaps.sum() / occurring) if occurring else 0.0


class MeanIoU(IoU):
    """Intersection over union, mean over all classes that occur.

    Arguments:
        num_classes: how many classes there are
        name, dtype: those of a Metric
        ignore_class: a label that does not count
        sparse_y_true, sparse_y_pred: whether labels and outputs are class numbers, or else rows of
            which the largest counts
        axis: -1
    Raises ArgumentError.

    >>> MeanIoU(2)([0, 0, 1, 1], [0, 1, 0, 1])
    0.3333333333333333
    """

    default_name = "mean_io_u"

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        every = range(_classes(num_classes, type(self).__name__))
        super().__init__(
            num_classes, every, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis
        )


class BinaryIoU(IoU):
    """Intersection over union of "no" and "yes", where outputs from the threshold on say yes.

    Arguments:
        target_class_ids: which of the two, 0 and 1, count
        threshold: from 0 to 1
        name, dtype: those of a Metric
    Raises ArgumentError.

    >>> BinaryIoU(target_class_ids=[1])([0, 1, 1], [0.6, 0.7, 0.2])
    0.3333333333333333
    """

    default_name = "binary_io_u"

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = real(threshold, "threshold", "BinaryIoU", low=0.0, high=1.0)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch: labels of 0 and 1, outputs, and how much each example counts."""
        outputs = self.floats(y_pred)
        answers = outputs >= outputs.dtype.type(self.threshold)
        super().update_state(y_true, answers.astype(np.int64), sample_weight)


class OneHotIoU(IoU):
    """IoU for one-hot labels: intersection over union of some classes, their mean.

    Arguments:
        num_classes, target_class_ids, name, dtype, ignore_class, axis: those of IoU
        sparse_y_pred: whether outputs are class numbers, or else rows of which the largest counts
    Raises ArgumentError.

    >>> OneHotIoU(2, [0])([[1, 0], [0, 1]], [[0.9, 0.1], [0.6, 0.4]])
    0.5
    """

    default_name = "one_hot_io_u"

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis
        )


class OneHotMeanIoU(MeanIoU):
    """MeanIoU for one-hot labels: intersection over union, mean over all classes that occur.

    Arguments:
        num_classes, name, dtype, ignore_class, axis: those of MeanIoU
        sparse_y_pred: whether outputs are class numbers, or else rows of which the largest counts
    Raises ArgumentError.

    >>> OneHotMeanIoU(2)([[1, 0], [0, 1]], [[0.9, 0.1], [0.6, 0.4]])
    0.25
    """

    default_name = "one_hot_mean_io_u"

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)


def _classes(value: Any, owner: str) -> int:
    number = whole(value, "num_classes", owner, minimum=2)
    if number > _MOST_CLASSES:
        raise ArgumentError(
            f"{owner}: num_classes must be at most {_MOST_CLASSES:,}, received {number:,}, whose "
            "matrix would not fit into memory. Pass the number of classes."
        )
    return number


def _ids(values: Sequence[int], classes: int, owner: str) -> tuple[int, ...]:
    listed = items(values, "target_class_ids", owner)
    found = tuple(whole(value, "target_class_ids", owner, minimum=0) for value in listed)
    if max(found) >= classes:
        raise ArgumentError(
            f"{owner}: expected target_class_ids below {classes}, the number of classes, received "
            f"{listed}. Pass some of the classes."
        )
    return found
