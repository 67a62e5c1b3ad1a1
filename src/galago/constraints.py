"""What weights have to be after every step of training, under Keras's names."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.checks import real
from galago.configurable import Configurable
from galago.errors import ArgumentError, ShapeError
from galago.registry import look_up
from galago.shapes import Shape

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "unit_norm",
]

#: Stands beside a norm that something is divided by.
_EPSILON = 1e-7


class Constraint(Configurable):
    """Base: an object that is called with weights and returns those it allows.

    Training applies those of this module. Layers take them as kernel_constraint= and so on.

    >>> NonNeg()([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """

    def __call__(self, w: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the weights that take the place of `w`."""
        raise NotImplementedError

    def rule(self, shape: Shape) -> dict[str, Any]:
        """Return what the engine has to know, for weights of this shape. Raises ShapeError."""
        raise NotImplementedError


class NonNeg(Constraint):
    """Negative weights become zero.

    >>> NonNeg()([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """

    def __call__(self, w: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the weights, zero where they were negative."""
        return np.asarray(np.maximum(np.asarray(w), 0))

    def rule(self, shape: Shape) -> dict[str, Any]:
        """Return what the engine has to know."""
        return {"non_negative": 1.0}


class _Norm(Constraint):
    """Base: a norm n over some axes becomes rate * clip(n, low, high) + (1 - rate) * n."""

    axis: int | tuple[int, ...]

    def limits(self) -> tuple[float, float, float]:
        """Return (low, high, rate)."""
        raise NotImplementedError

    def __call__(self, w: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the weights, of other norms."""
        values = np.asarray(w)
        low, high, rate = self.limits()
        axes = self.axes(values.shape)
        norms = np.sqrt(np.square(values).sum(axis=axes, keepdims=True))
        wanted = rate * np.clip(norms, low, high) + (1.0 - rate) * norms
        return np.asarray(values * (wanted / (_EPSILON + norms)))

    def axes(self, shape: Shape) -> tuple[int, ...]:
        """Return the axes of a shape that are summed over, counted from 0. Raises ShapeError."""
        given = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        if any(not -len(shape) <= axis < len(shape) for axis in given):
            raise ShapeError(
                f"{type(self).__name__}: expected axes of weights of shape {shape}, received "
                f"axis={self.axis}. Count from 0 to {len(shape) - 1}."
            )
        return tuple(sorted({axis % len(shape) for axis in given}))

    def rule(self, shape: Shape) -> dict[str, Any]:
        """Return what the engine has to know, for weights of this shape. Raises ShapeError."""
        low, high, rate = self.limits()
        return {"low": low, "high": high, "rate": rate, "axes": list(self.axes(shape))}


class MaxNorm(_Norm):
    """No norm over `axis` is larger than `max_value`.

    Axis 0 of a Dense kernel: the weights into each unit. For those of each filter of a Conv2D
    write axis=(0, 1, 2). Raises ArgumentError and, for weights without such an axis, ShapeError.

    Source: Srivastava et al., "Dropout", JMLR 2014.

    >>> MaxNorm(2.0)([[3.0, 0.6], [4.0, 0.8]]).round(3).tolist()
    [[1.2, 0.6], [1.6, 0.8]]
    """

    def __init__(self, max_value: float = 2.0, axis: int | Sequence[int] = 0) -> None:
        self.max_value = real(max_value, "max_value", "MaxNorm", low=0.0)
        self.axis = _axis(axis, "MaxNorm")

    def limits(self) -> tuple[float, float, float]:
        """Return (low, high, rate)."""
        return 0.0, self.max_value, 1.0


class UnitNorm(_Norm):
    """Every norm over `axis` is 1. Axes and errors as for MaxNorm.

    Raises ArgumentError.

    >>> UnitNorm()([[3.0], [4.0]]).round(3).tolist()
    [[0.6], [0.8]]
    """

    def __init__(self, axis: int | Sequence[int] = 0) -> None:
        self.axis = _axis(axis, "UnitNorm")

    def limits(self) -> tuple[float, float, float]:
        """Return (low, high, rate)."""
        return 1.0, 1.0, 1.0


class MinMaxNorm(_Norm):
    """Every norm over `axis` is from `min_value` to `max_value`.

    With a `rate` below 1 a norm goes only this part of the way in a step. Axes as for MaxNorm.
    Raises ArgumentError.

    >>> MinMaxNorm(1.0, 2.0, rate=0.5)([[3.0], [4.0]]).round(3).tolist()
    [[2.1], [2.8]]
    """

    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: int | Sequence[int] = 0,
    ) -> None:
        self.min_value = real(min_value, "min_value", "MinMaxNorm", low=0.0)
        self.max_value = real(max_value, "max_value", "MinMaxNorm", low=self.min_value)
        self.rate = real(rate, "rate", "MinMaxNorm", low=0.0, high=1.0)
        self.axis = _axis(axis, "MinMaxNorm")

    def limits(self) -> tuple[float, float, float]:
        """Return (low, high, rate)."""
        return self.min_value, self.max_value, self.rate


#: Keras's other names of the classes.
max_norm, non_neg, unit_norm, min_max_norm = MaxNorm, NonNeg, UnitNorm, MinMaxNorm

_CLASSES: Mapping[str, type[Constraint]] = {
    "max_norm": MaxNorm,
    "non_neg": NonNeg,
    "unit_norm": UnitNorm,
    "min_max_norm": MinMaxNorm,
}
#: Every constraint by its class name: what a stored configuration may name.
CONSTRAINTS: Mapping[str, type[Constraint]] = {known.__name__: known for known in _CLASSES.values()}
_NAMES: Mapping[str, type[Constraint]] = {**_CLASSES, **CONSTRAINTS}


def get(identifier: Any, *, owner: str = "") -> Constraint | None:
    """Return a constraint from an identifier: its name, its stored configuration, or itself.

    None stays None.

    Arguments:
        identifier: "max_norm", {"class_name": "MaxNorm", "config": {...}}, MaxNorm(2.0) or None
        owner: who asks, for the message
    Raises ArgumentError.

    >>> get("max_norm")
    MaxNorm(max_value=2.0, axis=0)
    """
    if identifier is None or type(identifier) in CONSTRAINTS.values():
        return identifier  # type: ignore[no-any-return]
    if isinstance(identifier, Constraint):
        raise ArgumentError(
            f"{owner}: expected MaxNorm, NonNeg, UnitNorm or MinMaxNorm, which the engine "
            f"computes, received a {type(identifier).__name__}. Use one of them."
        )
    if isinstance(identifier, Mapping):
        name = identifier.get("class_name")
        found = look_up(CONSTRAINTS, name, kind="constraint", owner=owner)
        return found.from_config(identifier.get("config", {}))
    return look_up(_NAMES, identifier, kind="constraint", owner=owner)()


def _axis(axis: Any, owner: str) -> int | tuple[int, ...]:
    """An axis, or several."""
    several = isinstance(axis, Sequence) and not isinstance(axis, str)
    given = tuple(axis) if several else (axis,)
    try:
        numbers = tuple(operator.index(number) for number in given)
    except TypeError:
        numbers = ()
    if not numbers or any(isinstance(number, bool) for number in given):
        raise ArgumentError(
            f"{owner}: axis must be a whole number or a tuple of them, received {axis!r}. "
            "Write for example axis=0 or axis=(0, 1, 2)."
        )
    return numbers if several else numbers[0]
