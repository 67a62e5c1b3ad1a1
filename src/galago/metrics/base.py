"""What all metrics have: a state that batches are added to, and a result."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np

from galago import config
from galago.checks import text
from galago.configurable import Configurable
from galago.errors import ArgumentError
from galago.losses.arrays import Array, checked_weights
from galago.naming import snake_case
from galago.registry import look_up

#: "classes" are class numbers, "values" have the shape of the outputs; "any" takes both.
Labels: TypeAlias = Literal["classes", "values", "any"]
_TYPES = {"float32": "float32", "float64": "float64"}


class Metric(Configurable):
    """Base of all metrics, which add up batches.

    A subclass of your own keeps its state in attributes and overrides update_state(), result() and
    reset_state(), which is called before the first batch too.

    Arguments:
        dtype: numbers are taken in as this type, config.floatx() if None, and added up in double
            precision
        name: the key in logs and in the history, made up from the class if None
    Raises ArgumentError.

    >>> class LargestError(Metric):
    ...     def reset_state(self):
    ...         self.largest = 0.0
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.largest = max(self.largest, float(np.abs(y_true - y_pred).max()))
    ...     def result(self):
    ...         return self.largest
    >>> metric = LargestError(name="largest")
    >>> metric(np.array([1.0, 2.0]), np.array([1.5, 2.0]))
    0.5
    """

    default_name: ClassVar[str] = ""
    labels: ClassVar[Labels] = "any"
    #: Whether larger or smaller values are better, None where neither is.
    better: ClassVar[Literal["max", "min"] | None] = None

    def __init__(self, dtype: str | None = None, name: str | None = None) -> None:
        wanted = config.floatx() if dtype is None else dtype
        self.dtype = look_up(_TYPES, wanted, kind="dtype", owner=type(self).__name__)
        usual = self.default_name or snake_case(type(self).__name__)
        self.name = usual if name is None else text(name, "name", type(self).__name__)
        self.reset_state()

    @property
    def engine(self) -> str | None:
        """The engine's name of the metric, where the engine computes the same."""
        return None

    @property
    def is_number(self) -> bool:
        """Whether the result is one number, as compile() needs it."""
        return True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Arguments:
            y_true, y_pred: labels and outputs
            sample_weight: how much each example counts, of shape (n,) or that of its values
        Raises DataError where shapes do not fit.
        """
        raise NotImplementedError

    def result(self) -> Any:
        """Return the metric of all batches since the last reset: a float, or an array."""
        raise NotImplementedError

    def reset_state(self) -> None:
        """Forget all batches."""
        raise NotImplementedError

    def get_state(self) -> dict[str, Any]:
        """Return what update_state() has added up: the attributes that reset_state() sets."""
        blank = copy.copy(self)
        blank.reset_state()
        mine = vars(self)
        return {name: mine[name] for name, value in vars(blank).items() if value is not mine[name]}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take over what get_state() of an equal metric returned. Raises ValueError."""
        self.reset_state()
        mine = vars(self)
        for name, value in state.items():
            empty = name in mine and mine[name] is None  # until the first batch
            if not empty and (name not in mine or np.shape(value) != np.shape(mine[name])):
                raise ValueError(f"{self.name}: a state of another metric, with {name!r}")
            scalar = np.ndim(value) == 0 and not empty
            setattr(self, name, type(mine[name])(value) if scalar else value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Add a batch, given as args and kwargs of update_state(); return the result so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def floats(self, values: Any) -> Array:
        """Return values as an array of the metric's type."""
        return np.asarray(values).astype(self.dtype, copy=False)


class _Total(Metric):
    """A sum over all batches."""

    def reset_state(self) -> None:
        """Forget all batches."""
        self.total = 0.0


class Sum(_Total):
    """The sum of all values.

    >>> metric = Sum()
    >>> metric.update_state([1, 2, 3], sample_weight=[1, 0, 2])
    >>> metric.result()
    7.0
    """

    default_name = "sum"

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(dtype, name)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Add values of any shape."""
        array = np.atleast_1d(self.floats(values))
        if sample_weight is not None:
            array = array * checked_weights(sample_weight, array)
        self.total += float(array.sum(dtype=np.float64))

    def result(self) -> float:
        """Return the sum."""
        return self.total


class _Mean(_Total):
    """A mean over examples: each is the mean of its values, and counts its weight."""

    def reset_state(self) -> None:
        """Forget all batches."""
        self.total = self.count = 0.0

    def add(self, values: Any, sample_weight: Any) -> None:
        """Add the values of a batch, whose first axis are examples."""
        array = np.atleast_1d(self.floats(values))
        if sample_weight is None:
            self.add_sum(float(per_example(array).sum(dtype=np.float64)), len(array))
            return
        weights = self.floats(sample_weight)
        if weights.ndim == array.ndim + 1 and weights.shape[-1] == 1:
            weights = weights[..., 0]
        array = np.mean(array, axis=tuple(range(max(weights.ndim, 1), array.ndim)))
        weights = checked_weights(weights, array)
        total = per_example(array * weights).sum(dtype=np.float64)
        self.add_sum(float(total), float(per_example(weights).sum(dtype=np.float64)))

    def add_sum(self, total: float, count: float) -> None:
        """Add a batch whose values are summed already: their total, and the count of examples."""
        self.total += total
        self.count += count

    def result(self) -> float:
        """Return the mean, 0 of nothing."""
        return self.total / self.count if self.count else 0.0


def per_example(values: Array) -> Array:
    """Return the mean of each example's values."""
    return np.asarray(np.mean(values, axis=tuple(range(1, values.ndim))))


class Mean(_Mean):
    """The mean of all values.

    >>> metric = Mean()
    >>> metric.update_state([1, 3, 5, 7], sample_weight=[1, 1, 0, 0])
    >>> metric.result()
    2.0
    """

    default_name = "mean"

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(dtype, name)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Add values of shape (n, ...)."""
        self.add(values, sample_weight)


class MeanOverExamples(_Mean):
    """Base of metrics that are the mean of a number for each example."""

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(dtype, name)

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return the number of each example, or several of them."""
        raise NotImplementedError

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch: labels, outputs, and how much each example counts."""
        self.add(self.values(y_true, self.floats(y_pred)), sample_weight)


class MeanMetricWrapper(MeanOverExamples):
    """The mean of what a function of yours gives for labels and outputs.

    Arguments:
        fn: the function of labels and outputs; it returns a number for each example
        name: that of the function if None
        dtype: that of a Metric
        kwargs: more arguments of the function
    Raises ArgumentError.

    >>> def distance(y_true, y_pred):
    ...     return np.abs(y_true - y_pred).max(axis=-1)
    >>> MeanMetricWrapper(distance)(np.array([[1.0, 2.0]]), np.array([[1.5, 2.0]]))
    0.5
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        dtype: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not callable(fn):
            raise ArgumentError(
                f"MeanMetricWrapper: expected a function of labels and outputs as fn, received "
                f"{fn!r}. Pass one that returns a number for each example."
            )
        super().__init__(name or getattr(fn, "__name__", None), dtype)
        self.fn, self.settings = fn, kwargs

    def values(self, y_true: Any, y_pred: Array) -> Array:
        """Return what the function gives."""
        return np.asarray(self.fn(y_true, y_pred, **self.settings))
