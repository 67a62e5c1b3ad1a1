"""Losses between numbers: how far outputs lie from their labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from galago.checks import real
from galago.losses.arrays import EPSILON, Array, floats
from galago.losses.base import Loss, last_axis


def mean_squared_error(y_true: Any, y_pred: Any) -> Array:
    """Return the mean over the last axis of (label - output)^2.

    >>> mean_squared_error(np.array([[0.0, 2.0]]), np.array([[1.0, 4.0]]))
    array([2.5])
    """
    labels, outputs = floats(y_true, y_pred)
    return np.asarray(np.mean(np.square(labels - outputs), axis=-1))


def mean_absolute_error(y_true: Any, y_pred: Any) -> Array:
    """Return the mean over the last axis of |label - output|.

    >>> mean_absolute_error(np.array([[0.0, 2.0]]), np.array([[1.0, 4.0]]))
    array([1.5])
    """
    labels, outputs = floats(y_true, y_pred)
    return np.asarray(np.mean(np.abs(labels - outputs), axis=-1))


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Array:
    """Return the mean over the last axis of 100 |label - output| / |label|.

    A label counts as 1e-7 at least.

    >>> mean_absolute_percentage_error(np.array([[4.0, 2.0]]), np.array([[3.0, 3.0]]))
    array([37.5])
    """
    labels, outputs = floats(y_true, y_pred)
    sizes = np.maximum(np.abs(labels), EPSILON)
    return np.asarray(100 * np.mean(np.abs(labels - outputs) / sizes, axis=-1))


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Array:
    """Return the mean over the last axis of (log(1 + label) - log(1 + output))^2.

    Both count as 1e-7 at least.

    >>> mean_squared_logarithmic_error(np.array([[1.0]]), np.array([[3.0]])).round(4)
    array([0.4805])
    """
    labels, outputs = floats(y_true, y_pred)
    logs = [np.log(np.maximum(values, EPSILON) + 1) for values in (labels, outputs)]
    return np.asarray(np.mean(np.square(logs[0] - logs[1]), axis=-1))


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Array:
    """Return the mean over the last axis of d^2 / 2, which beyond delta goes on as a line.

    d is the distance of output and label.

    >>> huber(np.array([[0.0, 0.0]]), np.array([[1.0, 3.0]]), delta=1.0)
    array([1.5])
    """
    labels, outputs = floats(y_true, y_pred)
    sizes = np.abs(outputs - labels)
    line = delta * sizes - 0.5 * delta * delta
    return np.asarray(np.mean(np.where(sizes <= delta, 0.5 * np.square(sizes), line), axis=-1))


def log_cosh(y_true: Any, y_pred: Any) -> Array:
    """Return the mean over the last axis of log(cosh(output - label)).

    >>> log_cosh(np.array([[0.0]]), np.array([[1.0]])).round(4)
    array([0.4338])
    """
    labels, outputs = floats(y_true, y_pred)
    sizes = np.abs(outputs - labels)
    values = sizes + np.log1p(np.exp(-2 * sizes)) - np.log(2).astype(sizes.dtype)
    return np.asarray(np.mean(values, axis=-1))


def poisson(y_true: Any, y_pred: Any) -> Array:
    """Return the mean over the last axis of output - label log(output + 1e-7).

    >>> poisson(np.array([[2.0]]), np.array([[1.0]])).round(4)
    array([1.])
    """
    labels, outputs = floats(y_true, y_pred)
    return np.asarray(np.mean(outputs - labels * np.log(outputs + EPSILON), axis=-1))


def kl_divergence(y_true: Any, y_pred: Any) -> Array:
    """Return the sum over the last axis of label log(label / output), both cut to [1e-7, 1].

    >>> kl_divergence(np.array([[0.5, 0.5]]), np.array([[0.25, 0.75]])).round(4)
    array([0.1438])
    """
    labels, outputs = (np.clip(values, EPSILON, 1) for values in floats(y_true, y_pred))
    return np.asarray(np.sum(labels * np.log(labels / outputs), axis=-1))


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Array:
    """Return minus the cosine of the angle between labels and outputs; -1 where they agree.

    Raises ArgumentError for another axis than the last.

    >>> cosine_similarity(np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]])).round(4)
    array([-0.7071])
    """
    last_axis(axis, "cosine_similarity()")
    labels, outputs = (_unit(values) for values in floats(y_true, y_pred))
    return np.asarray(-np.sum(labels * outputs, axis=-1))


def _unit(vectors: Array) -> Array:
    """Vectors of length 1; shorter ones than 1e-7 are divided by that."""
    lengths = np.sqrt(np.sum(np.square(vectors), axis=-1, keepdims=True))
    return np.asarray(vectors / np.maximum(lengths, EPSILON))


class MeanSquaredError(Loss):
    """Mean over the outputs of (label - output)^2; labels have the shape of the outputs.

    >>> MeanSquaredError()(np.array([[0.0, 2.0]]), np.array([[1.0, 4.0]]))
    2.5
    """

    kind = "mean_squared_error"

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return mean_squared_error(y_true, y_pred)


class MeanAbsoluteError(Loss):
    """Mean over the outputs of |label - output|.

    >>> MeanAbsoluteError()(np.array([[0.0, 2.0]]), np.array([[1.0, 4.0]]))
    1.5
    """

    kind = "mean_absolute_error"

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return mean_absolute_error(y_true, y_pred)


class MeanAbsolutePercentageError(Loss):
    """Mean over the outputs of 100 |label - output| / |label|; labels of 0 make it huge.

    >>> MeanAbsolutePercentageError()(np.array([[4.0, 2.0]]), np.array([[3.0, 3.0]]))
    37.5
    """

    kind = "mean_absolute_percentage_error"

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return mean_absolute_percentage_error(y_true, y_pred)


class MeanSquaredLogarithmicError(Loss):
    """Mean over the outputs of (log(1 + label) - log(1 + output))^2; for labels of 0 and more.

    >>> round(MeanSquaredLogarithmicError()(np.array([[1.0]]), np.array([[3.0]])), 4)
    0.4805
    """

    kind = "mean_squared_logarithmic_error"

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return mean_squared_logarithmic_error(y_true, y_pred)


class Huber(Loss):
    """Half the square of the error up to `delta`, and a line beyond it: outliers count less.

    Arguments:
        delta: 0 or more, in the unit of the labels
        reduction, name: those of a Loss
    Raises ArgumentError.

    >>> Huber(delta=1.0)(np.array([[0.0, 0.0]]), np.array([[1.0, 3.0]]))
    1.5
    """

    kind = "huber"
    engine_options = ("delta",)

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
    ) -> None:
        super().__init__(reduction, name)
        self.delta = real(delta, "delta", "Huber", low=0.0)

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return huber(y_true, y_pred, self.delta)


class LogCosh(Loss):
    """Mean over the outputs of log(cosh(output - label)): a smooth absolute error.

    >>> round(LogCosh()(np.array([[0.0]]), np.array([[1.0]])), 4)
    0.4338
    """

    kind = "log_cosh"

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return log_cosh(y_true, y_pred)


class Poisson(Loss):
    """Mean over the outputs of output - label log(output): for counts; outputs are positive.

    >>> round(Poisson()(np.array([[2.0]]), np.array([[1.0]])), 4)
    1.0
    """

    kind = "poisson"

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return poisson(y_true, y_pred)


class KLDivergence(Loss):
    """Sum of label log(label / output): how far the outputs are from a distribution.

    >>> round(KLDivergence()(np.array([[0.5, 0.5]]), np.array([[0.25, 0.75]])), 4)
    0.1438
    """

    kind = "kl_divergence"

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return kl_divergence(y_true, y_pred)


class CosineSimilarity(Loss):
    """Minus the cosine of the angle between labels and outputs: -1 where they point alike.

    Arguments:
        axis: -1
        reduction, name: those of a Loss
    Raises ArgumentError.

    >>> round(CosineSimilarity()(np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]])), 4)
    -0.7071
    """

    kind = "cosine_similarity"

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:
        super().__init__(reduction, name)
        self.axis = last_axis(axis, "CosineSimilarity")

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return cosine_similarity(y_true, y_pred)
