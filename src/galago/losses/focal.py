"""Focal cross-entropies: what a model is sure of and right about counts less."""

from __future__ import annotations

from typing import Any

import numpy as np

from galago.checks import flag, real
from galago.losses.arrays import EPSILON, Array, floats
from galago.losses.base import Loss, last_axis, share
from galago.losses.crossentropies import log_probabilities


def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Return binary_crossentropy with each output's part times (1 - its right probability)^gamma.

    With `apply_class_balancing` labels of 1 count alpha, labels of 0 count 1 - alpha. Raises
    ArgumentError and DataError.

    Source: Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017.

    >>> binary_focal_crossentropy(np.array([[1.0]]), np.array([[0.5]])).round(4)
    array([0.1733])
    """
    last_axis(axis, "binary_focal_crossentropy()")
    labels, outputs = floats(y_true, y_pred)
    labels = labels * (1 - label_smoothing) + label_smoothing / 2
    p = 1 / (1 + np.exp(-outputs)) if from_logits else outputs
    safe = np.clip(p, EPSILON, 1 - EPSILON)
    entropy = -(labels * np.log(safe) + (1 - labels) * np.log(1 - safe))
    right = labels * p + (1 - labels) * (1 - p)
    weight = labels * alpha + (1 - labels) * (1 - alpha) if apply_class_balancing else 1.0
    return np.asarray(np.mean(weight * np.power(1 - right, gamma) * entropy, axis=-1))


def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Return categorical_crossentropy with each class's part times alpha (1 - p)^gamma.

    Raises ArgumentError and DataError.

    Source: Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017.

    >>> categorical_focal_crossentropy(np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]])).round(4)
    array([0.0433])
    """
    last_axis(axis, "categorical_focal_crossentropy()")
    labels, outputs = floats(y_true, y_pred)
    labels = labels * (1 - label_smoothing) + label_smoothing / labels.shape[-1]
    p = np.exp(log_probabilities(outputs, True)) if from_logits else outputs
    p = np.clip(p / p.sum(axis=-1, keepdims=True), EPSILON, 1 - EPSILON)
    return np.asarray(np.sum(alpha * np.power(1 - p, gamma) * -labels * np.log(p), axis=-1))


class BinaryFocalCrossentropy(Loss):
    """Binary cross-entropy in which what is right already counts little, by (1 - p)^gamma.

    Arguments:
        apply_class_balancing: whether labels of 1 count alpha, and labels of 0 count 1 - alpha
        alpha: from 0 to 1, for apply_class_balancing
        gamma: 0 or more; the larger, the less counts what is right
        from_logits: whether outputs are not probabilities p yet: the model ends without sigmoid
        label_smoothing: from 0 to 1; moves labels that far towards one half
        axis: -1
        reduction, name: those of a Loss
    Raises ArgumentError.

    >>> round(BinaryFocalCrossentropy()(np.array([[1.0]]), np.array([[0.5]])), 4)
    0.1733
    """

    kind = "binary_focal_crossentropy"
    activation = "sigmoid"
    engine_options = ("apply_class_balancing", "alpha", "gamma", "label_smoothing")

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:
        super().__init__(reduction, name)
        owner = type(self).__name__
        self.apply_class_balancing = flag(apply_class_balancing, "apply_class_balancing", owner)
        self.alpha = real(alpha, "alpha", owner)
        self.gamma = real(gamma, "gamma", owner, low=0.0)
        self.from_logits = flag(from_logits, "from_logits", owner)
        self.label_smoothing = share(label_smoothing, "label_smoothing", owner)
        self.axis = last_axis(axis, owner)

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return binary_focal_crossentropy(
            y_true,
            y_pred,
            self.apply_class_balancing,
            self.alpha,
            self.gamma,
            self.from_logits,
            self.label_smoothing,
        )


class CategoricalFocalCrossentropy(Loss):
    """Cross-entropy in which classes that are right already count little: alpha (1 - p)^gamma.

    Arguments:
        alpha: 0 or more; what all classes count
        gamma: 0 or more; the larger, the less counts what is right
        from_logits: whether outputs are not probabilities p yet: the model ends without softmax
        label_smoothing: from 0 to 1; takes that part of each label and spreads it over the classes
        axis: -1
        reduction, name: those of a Loss
    Raises ArgumentError.

    >>> round(CategoricalFocalCrossentropy()(np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]])), 4)
    0.0433
    """

    kind = "categorical_focal_crossentropy"
    activation = "softmax"
    engine_options = ("alpha", "gamma", "label_smoothing")

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:
        super().__init__(reduction, name)
        owner = type(self).__name__
        self.alpha = real(alpha, "alpha", owner)
        self.gamma = real(gamma, "gamma", owner, low=0.0)
        self.from_logits = flag(from_logits, "from_logits", owner)
        self.label_smoothing = share(label_smoothing, "label_smoothing", owner)
        self.axis = last_axis(axis, owner)

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row."""
        return categorical_focal_crossentropy(
            y_true, y_pred, self.alpha, self.gamma, self.from_logits, self.label_smoothing
        )
