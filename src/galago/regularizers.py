"""Penalties on weights, which training and evaluation add to the loss, under Keras's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.checks import real
from galago.configurable import Configurable
from galago.errors import ArgumentError
from galago.registry import look_up
from galago.shapes import Shape

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "Regularizer",
    "get",
    "l1",
    "l1_l2",
    "l2",
]


class Regularizer(Configurable):
    """Base: l1 * sum(|w|) + l2 * sum(w^2), summed over all numbers of a weight.

    Training applies those of this module. Layers take them as kernel_regularizer= and so on.

    >>> L2(0.5)([1.0, 2.0])
    2.5
    """

    l1: float = 0.0
    l2: float = 0.0

    def __call__(self, x: npt.ArrayLike) -> float:
        """Return the penalty on weights x."""
        values = np.asarray(x, np.float64)
        return float(self.l1 * np.abs(values).sum() + self.l2 * np.square(values).sum())

    def rule(self, shape: Shape) -> dict[str, float]:
        """Return what the engine has to know for weights of a shape."""
        return {"l1": self.l1, "l2": self.l2}


class L1(Regularizer):
    """l1 * sum(|w|), which makes weights zero. Raises ArgumentError.

    >>> L1(0.5)([1.0, -3.0])
    2.0
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = real(l1, "l1", "L1", low=0.0)


class L2(Regularizer):
    """l2 * sum(w^2), which makes weights small. Raises ArgumentError.

    >>> L2(0.5)([1.0, -3.0])
    5.0
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = real(l2, "l2", "L2", low=0.0)


class L1L2(Regularizer):
    """l1 * sum(|w|) + l2 * sum(w^2). Raises ArgumentError.

    >>> L1L2(l1=0.5, l2=0.5)([1.0, -3.0])
    7.0
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = real(l1, "l1", "L1L2", low=0.0)
        self.l2 = real(l2, "l2", "L1L2", low=0.0)


#: Keras's other names of the classes.
l1, l2, l1_l2 = L1, L2, L1L2

#: Every regularizer by its class name: what a stored configuration may name.
REGULARIZERS: Mapping[str, type[Regularizer]] = {"L1": L1, "L2": L2, "L1L2": L1L2}
_NAMES: Mapping[str, type[Regularizer]] = {"l1": L1, "l2": L2, "l1_l2": L1L2, **REGULARIZERS}


def get(identifier: Any, *, owner: str = "") -> Regularizer | None:
    """Return a regularizer from an identifier: its name, its stored configuration, or itself.

    None stays None.

    Arguments:
        identifier: "l2", {"class_name": "L2", "config": {...}}, L2(0.01) or None
        owner: who asks, for the message
    Raises ArgumentError.

    >>> get("l2")
    L2(l2=0.01)
    """
    if identifier is None or type(identifier) in REGULARIZERS.values():
        return identifier  # type: ignore[no-any-return]
    if isinstance(identifier, Regularizer):
        raise ArgumentError(
            f"{owner}: expected L1, L2 or L1L2, which the engine computes, received a "
            f"{type(identifier).__name__}. Use one of them."
        )
    if isinstance(identifier, Mapping):
        name = identifier.get("class_name")
        found = look_up(REGULARIZERS, name, kind="regularizer", owner=owner)
        return found.from_config(identifier.get("config", {}))
    return look_up(_NAMES, identifier, kind="regularizer", owner=owner)()
