"""Hinge losses: right with some room to spare costs nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from galago.losses.arrays import Array, floats
from galago.losses.base import Loss


def signed(labels: Array) -> Array:
    """Return labels of 0 and 1 as -1 and 1; others stay as they are.

    >>> signed(np.array([0.0, 1.0])), signed(np.array([-1.0, 1.0]))
    (array([-1.,  1.]), array([-1.,  1.]))
    """
    binary = bool(np.all((labels == 0) | (labels == 1)))
    return np.asarray(2 * labels - 1 if binary else labels)


def hinge(y_true: Any, y_pred: Any) -> Array:
    """Return the mean over the last axis of max(1 - label output, 0); labels are -1 or 1, or 0/1.

    >>> hinge(np.array([[1.0, -1.0]]), np.array([[0.5, -2.0]]))
    array([0.25])
    """
    return np.asarray(np.mean(_missing(y_true, y_pred), axis=-1))


def squared_hinge(y_true: Any, y_pred: Any) -> Array:
    """Return the mean over the last axis of max(1 - label output, 0)^2.

    >>> squared_hinge(np.array([[1.0, -1.0]]), np.array([[0.5, -2.0]]))
    array([0.125])
    """
    return np.asarray(np.mean(np.square(_missing(y_true, y_pred)), axis=-1))


def _missing(y_true: Any, y_pred: Any) -> Array:
    labels, outputs = floats(y_true, y_pred)
    return np.asarray(np.maximum(1 - signed(labels) * outputs, 0))


def categorical_hinge(y_true: Any, y_pred: Any) -> Array:
    """Return max(largest wrong output - right output + 1, 0); labels are one-hot rows.

    >>> categorical_hinge(np.array([[0.0, 1.0]]), np.array([[0.25, 0.75]]))
    array([0.5])
    """
    labels, outputs = floats(y_true, y_pred)
    right = np.sum(labels * outputs, axis=-1)
    wrong = np.max((1 - labels) * outputs, axis=-1)
    return np.asarray(np.maximum(wrong - right + 1, 0))


class Hinge(Loss):
    """Mean over the outputs of max(1 - label output, 0); labels are -1 or 1, or 0 and 1.

    >>> Hinge()(np.array([[1.0, -1.0]]), np.array([[0.5, -2.0]]))
    0.25
    """

    kind = "hinge"
    rewrites_labels = True

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return hinge(y_true, y_pred)


class SquaredHinge(Loss):
    """Mean over the outputs of max(1 - label output, 0)^2; labels as Hinge.

    >>> SquaredHinge()(np.array([[1.0, -1.0]]), np.array([[0.5, -2.0]]))
    0.125
    """

    kind = "squared_hinge"
    rewrites_labels = True

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return squared_hinge(y_true, y_pred)


class CategoricalHinge(Loss):
    """How far the largest wrong output comes within 1 of the right one; labels are one-hot.

    >>> CategoricalHinge()(np.array([[0.0, 1.0]]), np.array([[0.25, 0.75]]))
    0.5
    """

    kind = "categorical_hinge"

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return categorical_hinge(y_true, y_pred)
