"""What all losses have: a kind for the engine, a reduction, and their numbers in NumPy."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypeAlias

from galago.checks import real, text
from galago.configurable import Configurable
from galago.errors import ArgumentError
from galago.losses.arrays import Array, checked_weights
from galago.registry import look_up

#: "classes" are class numbers, "values" have the shape of the outputs.
Labels: TypeAlias = Literal["classes", "values"]
#: Keras's reductions and the engine's names of them; None and "none" leave a value for each row.
REDUCTIONS: dict[str | None, str | None] = {
    "sum_over_batch_size": "sum_over_batch_size",
    "mean": "sum_over_batch_size",
    "sum": "sum",
    "mean_with_sample_weight": "mean_with_sample_weight",
    "none": None,
    None: None,
}


class Loss(Configurable):
    """Base of losses, which can be called with labels, outputs and weights of examples.

    Training computes the same numbers, and their gradients, in the engine. A loss of your own can
    be called, but not trained with.

    Arguments:
        reduction: how the values of the examples become one number: "sum_over_batch_size" (their
            mean; weights do not change the divisor), "sum", "mean_with_sample_weight" (divided by
            the sum of the weights), or None, which keeps a value for each example and is not for
            compile()
        name: what the loss is called; None for the name of its function
    Raises ArgumentError.

    >>> import numpy as np
    >>> from galago.losses import MeanSquaredError
    >>> y_true, y_pred = np.array([[1.0], [2.0]]), np.array([[1.0], [4.0]])
    >>> MeanSquaredError(reduction="sum")(y_true, y_pred, sample_weight=[1.0, 0.5])
    2.0
    """

    kind: ClassVar[str]
    labels: ClassVar[Labels] = "values"
    #: The activation that gives what the loss reads, where it must have probabilities.
    activation: ClassVar[str | None] = None
    #: Constructor's arguments that the engine needs too.
    engine_options: ClassVar[tuple[str, ...]] = ()
    from_logits = False
    #: Whether the loss means other labels than it is given, which accuracies must not see.
    rewrites_labels: ClassVar[bool] = False

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None
    ) -> None:
        owner = type(self).__name__
        known = {str(key): key for key in REDUCTIONS}
        wanted = "None" if reduction is None else reduction
        self.reduction = look_up(known, wanted, kind="reduction", owner=owner)
        self.name = self.kind if name is None else text(name, "name", owner)

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Return the loss of each row of labels y_true, of shape y_pred.shape[:-1]."""
        raise NotImplementedError

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the reduced loss of a batch: a float, or an array with reduction=None.

        Arguments:
            y_true, y_pred: labels and outputs, as the function of the loss takes them
            sample_weight: how much each example counts, of shape (n,) or that of the values
        Raises DataError.
        """
        values = self.call(y_true, y_pred)
        weights = None if sample_weight is None else checked_weights(sample_weight, values)
        return reduced(values, weights, REDUCTIONS[self.reduction])

    @property
    def engine_reduction(self) -> str:
        """The engine's name of the reduction, which must give one number."""
        return REDUCTIONS[self.reduction] or ""

    def options(self) -> dict[str, float]:
        """Return the engine's options of this loss."""
        found = {name: getattr(self, name) for name in self.engine_options}
        return {name: float(value) for name, value in found.items() if value is not None}


def reduced(values: Array, weights: Array | None, reduction: str | None) -> Any:
    """Return values as a reduction of the engine makes one number of them; all of them for None.

    >>> import numpy as np
    >>> reduced(np.array([1.0, 3.0]), np.array([1.0, 0.5]), "sum_over_batch_size")
    1.25
    """
    weighted = values if weights is None else values * weights
    if reduction is None:
        return weighted
    total = float(weighted.sum(dtype="float64"))
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weights is not None:
        divisor = float(weights.sum(dtype="float64"))
        return total / divisor if divisor else 0.0
    return total / values.size


def last_axis(axis: Any, owner: str) -> int:
    """Return -1, the only axis that classes may have here, or raise ArgumentError."""
    if axis != -1 or isinstance(axis, bool):
        raise ArgumentError(
            f"{owner}: expected axis=-1, since the last axis holds the classes, received {axis!r}. "
            "Leave axis out."
        )
    return -1


def share(value: Any, name: str, owner: str) -> float:
    """Return a number from 0 to 1, or raise ArgumentError."""
    return real(value, name, owner, low=0.0, high=1.0)
