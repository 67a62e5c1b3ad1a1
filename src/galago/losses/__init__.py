"""Losses: what training makes small, computed with its gradient in the engine.

Each is there as a class and, by its name in Keras, as a function that gives the loss of each row
in NumPy. Weights of examples go to fit() or to a call of the loss.

Arguments of all functions:

- `y_true`, the labels: of the shape of the outputs, or class numbers without the last axis where
  a name begins with sparse
- `y_pred`, the outputs, of shape (..., classes); the result has the shape (...)
- `from_logits`: whether outputs are not probabilities yet, so that sigmoid or softmax is to come
- `label_smoothing`, from 0 to 1: how far labels of 0 and 1 are moved to the middle
- `axis`: -1, as the last one holds the classes

Shapes that do not fit raise DataError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from galago.errors import ArgumentError
from galago.losses.arrays import Array
from galago.losses.base import REDUCTIONS, Loss
from galago.losses.crossentropies import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from galago.losses.focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from galago.losses.hinges import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)
from galago.losses.regression import (
    CosineSimilarity,
    Huber,
    KLDivergence,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    cosine_similarity,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
)
from galago.registry import look_up

#: Each loss with its function.
_FUNCTIONS: Mapping[type[Loss], Callable[..., Array]] = {
    SparseCategoricalCrossentropy: sparse_categorical_crossentropy,
    CategoricalCrossentropy: categorical_crossentropy,
    BinaryCrossentropy: binary_crossentropy,
    MeanSquaredError: mean_squared_error,
    MeanAbsoluteError: mean_absolute_error,
    MeanAbsolutePercentageError: mean_absolute_percentage_error,
    MeanSquaredLogarithmicError: mean_squared_logarithmic_error,
    Huber: huber,
    LogCosh: log_cosh,
    KLDivergence: kl_divergence,
    Poisson: poisson,
    Hinge: hinge,
    SquaredHinge: squared_hinge,
    CategoricalHinge: categorical_hinge,
    CosineSimilarity: cosine_similarity,
    BinaryFocalCrossentropy: binary_focal_crossentropy,
    CategoricalFocalCrossentropy: categorical_focal_crossentropy,
}
_CLASSES: Mapping[str, type[Loss]] = {
    **{known.kind: known for known in _FUNCTIONS},
    "bce": BinaryCrossentropy,
    "kld": KLDivergence,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "mse": MeanSquaredError,
    "msle": MeanSquaredLogarithmicError,
}
#: Every loss by its class name: what a stored configuration may name.
LOSSES: Mapping[str, type[Loss]] = {known.__name__: known for known in _FUNCTIONS}


def get(identifier: Any) -> Loss:
    """Return a loss from an identifier: its name, its function or itself.

    Raises UnknownNameError, and ArgumentError for what the engine cannot differentiate.

    >>> get("mse").name
    'mean_squared_error'
    """
    if isinstance(identifier, type) and issubclass(identifier, Loss):
        raise ArgumentError(
            f"compile(): expected a loss, received the class {identifier.__name__}. "
            f"Add parentheses: loss={identifier.__name__}()."
        )
    if isinstance(identifier, Loss):
        return _differentiable(identifier)
    if callable(identifier):
        known = next((cls for cls, f in _FUNCTIONS.items() if f is identifier), None)
        if known is None:
            raise _own_loss(getattr(identifier, "__name__", repr(identifier)))
        return known()
    if isinstance(identifier, str) and identifier in LOSSES:
        return LOSSES[identifier]()
    name = identifier.lower() if isinstance(identifier, str) else identifier
    return look_up(_CLASSES, name, kind="loss", owner="compile()")()


def _differentiable(loss: Loss) -> Loss:
    """The loss, if the engine can train with it."""
    if type(loss) not in _FUNCTIONS:
        raise _own_loss(type(loss).__name__)
    if REDUCTIONS[loss.reduction] is None:
        raise ArgumentError(
            f"compile(): expected a loss that gives one number for a batch, received "
            f"{type(loss).__name__} with reduction={loss.reduction!r}. Leave reduction out."
        )
    return loss


def _own_loss(name: str) -> ArgumentError:
    return ArgumentError(
        f"compile(): expected one of Galago's losses, received {name!r}, which the engine cannot "
        "differentiate. Use one of galago.losses with sample_weight= in fit() where examples "
        f"count differently, and pass your own function as metrics=[{name}] to watch it."
    )


__all__ = [
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "cosine_similarity",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "sparse_categorical_crossentropy",
    "squared_hinge",
]
