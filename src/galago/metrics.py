"""Metrics: numbers about a batch, from its labels and outputs.

The accuracies are also computed by the engine, which is how training gets the first one; the
NumPy form here is the readable truth and serves any further metric.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from galago.configurable import Configurable
from galago.errors import ArgumentError
from galago.losses import Loss, SparseCategoricalCrossentropy
from galago.registry import look_up

Array = npt.NDArray[Any]


class Metric(Configurable):
    """Base. `name` is the key in logs and in the history."""

    default_name: ClassVar[str]
    #: The engine's name, where the engine can compute the metric.
    engine: ClassVar[str | None] = None
    #: Whether larger or smaller values are better, None where neither is.
    better: ClassVar[Literal["max", "min"] | None] = None

    def __init__(self, name: str | None = None) -> None:
        self.name = self.default_name if name is None else name

    def mean(self, labels: Array, outputs: Array) -> float:
        """Return the metric's mean over a batch."""
        raise NotImplementedError


class SparseCategoricalAccuracy(Metric):
    """How often the largest output is the right class; labels are class numbers.

    >>> SparseCategoricalAccuracy().mean(np.array([1, 0]), np.array([[0.2, 0.8], [0.4, 0.6]]))
    0.5
    """

    default_name = "sparse_categorical_accuracy"
    engine = "sparse"
    better = "max"

    def mean(self, labels: Array, outputs: Array) -> float:
        """Return the share of right rows."""
        return float(np.mean(outputs.argmax(axis=-1) == labels))


class CategoricalAccuracy(Metric):
    """How often the largest output is the largest label; labels are rows, such as one-hot."""

    default_name = "categorical_accuracy"
    engine = "categorical"
    better = "max"

    def mean(self, labels: Array, outputs: Array) -> float:
        """Return the share of right rows."""
        return float(np.mean(outputs.argmax(axis=-1) == labels.argmax(axis=-1)))


class BinaryAccuracy(Metric):
    """How often an output is on its label's side of 0.5."""

    default_name = "binary_accuracy"
    engine = "binary"
    better = "max"

    def mean(self, labels: Array, outputs: Array) -> float:
        """Return the share of right outputs."""
        return float(np.mean((outputs > 0.5) == labels))


class MeanSquaredError(Metric):
    """Mean of (label - output)^2."""

    default_name = "mean_squared_error"
    better = "min"

    def mean(self, labels: Array, outputs: Array) -> float:
        """Return the mean over the batch and the outputs."""
        return float(np.mean(np.square(labels.astype(np.float64) - outputs)))


class MeanAbsoluteError(Metric):
    """Mean of |label - output|."""

    default_name = "mean_absolute_error"
    better = "min"

    def mean(self, labels: Array, outputs: Array) -> float:
        """Return the mean over the batch and the outputs."""
        return float(np.mean(np.abs(labels.astype(np.float64) - outputs)))


_CLASSES: Mapping[str, type[Metric]] = {
    "sparse_categorical_accuracy": SparseCategoricalAccuracy,
    "categorical_accuracy": CategoricalAccuracy,
    "binary_accuracy": BinaryAccuracy,
    "mean_squared_error": MeanSquaredError,
    "mse": MeanSquaredError,
    "mean_absolute_error": MeanAbsoluteError,
    "mae": MeanAbsoluteError,
}
#: Every metric by its class name: what a stored configuration may name.
METRICS: Mapping[str, type[Metric]] = {known.__name__: known for known in _CLASSES.values()}
#: Names of the accuracy that suits the loss and the model's output.
AUTOMATIC = ("accuracy", "acc")
#: Everything compile() takes; the automatic names stand for a class found later.
_NAMES: Mapping[str, type[Metric] | None] = {**dict.fromkeys(AUTOMATIC), **_CLASSES}


def check(identifier: Any) -> None:
    """Raise UnknownNameError or ArgumentError unless compile() can use this metric."""
    if isinstance(identifier, type) and issubclass(identifier, Metric):
        raise ArgumentError(
            f"compile(): expected a metric, received the class {identifier.__name__}. "
            f"Add parentheses: metrics=[{identifier.__name__}()]."
        )
    if not isinstance(identifier, Metric):
        look_up(_NAMES, identifier, kind="metric", owner="compile()")


def resolve(identifier: Any, loss: Loss, units: int) -> Metric:
    """Return the metric that a name means for a loss and a model with `units` outputs.

    "accuracy" becomes binary for one output, sparse for class numbers, categorical otherwise,
    as in Keras. Raises ArgumentError for a metric that cannot read the loss's labels.

    >>> type(resolve("accuracy", SparseCategoricalCrossentropy(), 10)).__name__
    'SparseCategoricalAccuracy'
    """
    sparse = isinstance(loss, SparseCategoricalCrossentropy)
    if isinstance(identifier, Metric):
        metric = identifier
    elif identifier in AUTOMATIC:
        by_labels = SparseCategoricalAccuracy if sparse else CategoricalAccuracy
        metric = (BinaryAccuracy if units == 1 else by_labels)(name=identifier)
    else:
        metric = _CLASSES[identifier](name=identifier)
    if isinstance(metric, SparseCategoricalAccuracy) != sparse:
        labels = "class numbers" if sparse else "one value for each output"
        raise ArgumentError(
            f"compile(): expected a metric for the labels of loss {loss.kind!r}, which are "
            f"{labels}, received {metric.name!r}. Use metrics=['accuracy']."
        )
    return metric
