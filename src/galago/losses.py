"""Losses: which one the engine is to compute, and what its labels look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from galago.checks import flag
from galago.configurable import Configurable
from galago.errors import ArgumentError
from galago.registry import look_up


class Loss(Configurable):
    """Base. `kind` is the engine's name of the loss, which is Keras's too."""

    kind: ClassVar[str]
    from_logits = False


class _Crossentropy(Loss):
    def __init__(self, from_logits: bool = False) -> None:
        self.from_logits = flag(from_logits, "from_logits", type(self).__name__)


class SparseCategoricalCrossentropy(_Crossentropy):
    """-log of the probability given to the right class; labels are class numbers, shape (n,).

    From probabilities (the default) each row is divided by its sum and clipped to
    [1e-7, 1 - 1e-7], as Keras does; with from_logits=True the model ends without softmax.

    >>> SparseCategoricalCrossentropy(from_logits=True)
    SparseCategoricalCrossentropy(from_logits=True)
    """

    kind = "sparse_categorical_crossentropy"


class CategoricalCrossentropy(_Crossentropy):
    """-sum(label * log(probability)); labels are rows of probabilities, shape (n, classes)."""

    kind = "categorical_crossentropy"


class BinaryCrossentropy(_Crossentropy):
    """Mean over the outputs of -(y log p + (1 - y) log(1 - p)); labels from 0 to 1."""

    kind = "binary_crossentropy"


class MeanSquaredError(Loss):
    """Mean over the outputs of (label - output)^2; labels have the shape of the outputs."""

    kind = "mean_squared_error"


_CLASSES: Mapping[str, type[Loss]] = {
    SparseCategoricalCrossentropy.kind: SparseCategoricalCrossentropy,
    CategoricalCrossentropy.kind: CategoricalCrossentropy,
    BinaryCrossentropy.kind: BinaryCrossentropy,
    MeanSquaredError.kind: MeanSquaredError,
    "mse": MeanSquaredError,
}
#: Every loss by its class name: what a stored configuration may name.
LOSSES: Mapping[str, type[Loss]] = {known.__name__: known for known in _CLASSES.values()}


def get(identifier: Any) -> Loss:
    """Return a loss from its name or itself. Raises UnknownNameError or ArgumentError.

    >>> get("mse")
    MeanSquaredError()
    """
    if isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Loss):
        raise ArgumentError(
            f"compile(): expected a loss, received the class {identifier.__name__}. "
            f"Add parentheses: loss={identifier.__name__}()."
        )
    name = identifier.lower() if isinstance(identifier, str) else identifier
    return look_up(_CLASSES, name, kind="loss", owner="compile()")()
