"""Metrics: numbers that say how good a model is, from its labels and outputs.

Each can be used by itself, batch after batch, or in compile(), by name or as an object; so can a
function of yours, metrics=[my_function]. What fit() reports is the metric of all batches so far.

Arguments of all functions:

- `y_true`, the labels: of the shape of the outputs, or class numbers without the last axis where
  a name begins with sparse
- `y_pred`, the outputs, of shape (..., classes)
- `sample_weight`, of shape (n,): how much each example counts

Shapes that do not fit raise DataError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from galago.errors import ArgumentError
from galago.losses import (
    Loss,
    binary_crossentropy,
    categorical_crossentropy,
    categorical_hinge,
    cosine_similarity,
    hinge,
    kl_divergence,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from galago.metrics.accuracies import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from galago.metrics.base import Mean, MeanMetricWrapper, Metric, Sum
from galago.metrics.confusion import (
    FalseNegatives,
    FalsePositives,
    Precision,
    Recall,
    TrueNegatives,
    TruePositives,
)
from galago.metrics.confusion_matrix import (
    BinaryIoU,
    ConfusionMatrix,
    IoU,
    MeanIoU,
    OneHotIoU,
    OneHotMeanIoU,
    confusion_matrix,
)
from galago.metrics.curves import (
    AUC,
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from galago.metrics.f_scores import F1Score, FBetaScore
from galago.metrics.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
)
from galago.metrics.regression import (
    CategoricalHinge,
    CosineSimilarity,
    Hinge,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    R2Score,
    RootMeanSquaredError,
    SquaredHinge,
)
from galago.naming import snake_case
from galago.registry import look_up

_CLASSES: tuple[type[Metric], ...] = (
    SparseCategoricalAccuracy,
    CategoricalAccuracy,
    BinaryAccuracy,
    TopKCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    Precision,
    Recall,
    F1Score,
    FBetaScore,
    AUC,
    TruePositives,
    FalsePositives,
    TrueNegatives,
    FalseNegatives,
    MeanSquaredError,
    RootMeanSquaredError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredLogarithmicError,
    LogCoshError,
    CosineSimilarity,
    R2Score,
    Hinge,
    SquaredHinge,
    CategoricalHinge,
    KLDivergence,
    Poisson,
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    Accuracy,
    BinaryIoU,
    IoU,
    MeanIoU,
    OneHotIoU,
    OneHotMeanIoU,
    ConfusionMatrix,
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
#: Every metric of labels and outputs by its class name: what a stored configuration may name.
METRICS: Mapping[str, type[Metric]] = {known.__name__: known for known in _CLASSES}
#: Names of the accuracy that suits the loss and the model's output.
AUTOMATIC = ("accuracy", "acc")
#: Everything compile() takes by name; the automatic names stand for a class found later.
_NAMES: Mapping[str, type[Metric] | None] = {
    **dict.fromkeys(AUTOMATIC),
    **{
        snake_case(known.__name__): known
        for known in _CLASSES
        if known is not Accuracy and not known.required_names()
    },
    "bce": BinaryCrossentropy,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "mse": MeanSquaredError,
    "msle": MeanSquaredLogarithmicError,
}


def check(identifier: Any) -> None:
    """Raise UnknownNameError or ArgumentError unless compile() can use this metric."""
    if isinstance(identifier, type) and issubclass(identifier, Metric):
        raise ArgumentError(
            f"compile(): expected a metric, received the class {identifier.__name__}. "
            f"Add parentheses: metrics=[{identifier.__name__}()]."
        )
    if isinstance(identifier, (Mean, Sum)):
        raise ArgumentError(
            f"compile(): expected a metric of labels and outputs, received "
            f"{type(identifier).__name__}, which takes values. Pass a function of yours that makes "
            "them, metrics=[my_function]."
        )
    if isinstance(identifier, Metric):
        if not identifier.is_number:
            raise ArgumentError(
                f"compile(): expected metrics that give one number, received {identifier.name!r}, "
                "which gives several. Choose one threshold, class or average, or use the metric "
                "on the outputs of predict()."
            )
    elif not callable(identifier):
        _class_of(identifier)


def name_of(identifier: Any) -> str:
    """Return the key of a metric in logs: an object's name, a function's, or the name itself.

    >>> name_of(MeanSquaredError(name="error")), name_of("mse"), name_of(mean_squared_error)
    ('error', 'mse', 'mean_squared_error')
    """
    if isinstance(identifier, Metric):
        return identifier.name
    if callable(identifier):
        return str(getattr(identifier, "__name__", type(identifier).__name__)).strip("<>")
    return str(identifier)


def resolve(identifier: Any, loss: Loss, units: int) -> Metric:
    """Return the metric that a name means for a loss and a model with `units` outputs.

    "accuracy" becomes binary for one output, sparse for class numbers, categorical otherwise,
    as in Keras. Raises ArgumentError for a metric that cannot read the loss's labels.

    >>> from galago.losses import SparseCategoricalCrossentropy
    >>> type(resolve("accuracy", SparseCategoricalCrossentropy(), 10)).__name__
    'SparseCategoricalAccuracy'
    """
    name = name_of(identifier)
    if isinstance(identifier, Metric):
        metric = identifier
    elif callable(identifier):
        metric = MeanMetricWrapper(identifier, name)
    elif identifier in AUTOMATIC:
        sparse = loss.labels == "classes"
        by_labels = SparseCategoricalAccuracy if sparse else CategoricalAccuracy
        metric = (BinaryAccuracy if units == 1 and not sparse else by_labels)(name=name)
    else:
        found: Any = _class_of(identifier)
        metric = found(name=name)
        check(metric)
    if metric.labels not in ("any", loss.labels):
        labels = "class numbers" if loss.labels == "classes" else "one value for each output"
        raise ArgumentError(
            f"compile(): expected a metric for the labels of loss {loss.kind!r}, which are "
            f"{labels}, received {metric.name!r}. Use metrics=['accuracy']."
        )
    return metric


def _class_of(name: Any) -> type[Metric] | None:
    """The class that a name means, None for the automatic ones. Raises UnknownNameError."""
    if isinstance(name, str) and name in METRICS and not METRICS[name].required_names():
        return METRICS[name]
    lower = name.lower() if isinstance(name, str) and name.isupper() else name
    return look_up(_NAMES, lower, kind="metric", owner="compile()")


__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "BinaryIoU",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ConfusionMatrix",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "IoU",
    "KLDivergence",
    "LogCoshError",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanIoU",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "OneHotIoU",
    "OneHotMeanIoU",
    "Poisson",
    "Precision",
    "PrecisionAtRecall",
    "R2Score",
    "Recall",
    "RecallAtPrecision",
    "RootMeanSquaredError",
    "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
    "binary_accuracy",
    "binary_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "categorical_hinge",
    "confusion_matrix",
    "cosine_similarity",
    "hinge",
    "kl_divergence",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "top_k_categorical_accuracy",
]
