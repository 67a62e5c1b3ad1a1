"""Checks of single arguments, shared by layers, optimizers and models."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

from galago.errors import ArgumentError

#: The largest whole number, seed, and size of a window or step.
MOST, MOST_SEED, MOST_SIZE = (1 << 63) - 1, (1 << 128) - 1, (1 << 31) - 1


def whole(value: Any, name: str, owner: str, *, minimum: int = 1, maximum: int = MOST) -> int:
    """Return a whole number as int, or raise ArgumentError (bool and float are refused).

    >>> whole(32, "batch_size", "fit()")
    32
    >>> whole(0, "batch_size", "fit()")
    Traceback (most recent call last):
    galago.errors.ArgumentError: fit(): batch_size must be a whole number of at least 1, \
received 0. Pass an int, such as batch_size=1.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = minimum - 1
    if isinstance(value, bool) or not minimum <= number <= maximum:
        most = f" and at most {maximum}" if number > maximum else ""
        raise ArgumentError(
            f"{owner}: {name} must be a whole number of at least {minimum}{most}, received "
            f"{value!r}. "
            f"Pass an int, such as {name}={max(minimum, 1)}."
        )
    return number


def pair(value: Any, name: str, owner: str) -> tuple[int, int]:
    """Return (height, width) out of one positive int or two, or raise ArgumentError.

    >>> pair(3, "kernel_size", "Conv2D 'conv2d'")
    (3, 3)
    """
    two = [value, value] if not isinstance(value, (tuple, list)) else list(value)
    try:
        sizes = [operator.index(size) for size in two]
    except TypeError:
        sizes = []
    fits = len(sizes) == 2 and 1 <= min(sizes) <= max(sizes) <= MOST_SIZE
    if not fits or any(isinstance(size, bool) for size in two):
        most = f" up to {MOST_SIZE}" if max(sizes, default=0) > MOST_SIZE else ""
        raise ArgumentError(
            f"{owner}: {name} must be one positive int{most} or a pair of them, (height, width), "
            f"received {value!r}. Pass for example {name}=2 or {name}=(2, 2)."
        )
    return sizes[0], sizes[1]


def single(value: Any, name: str, owner: str) -> tuple[int]:
    """Return (n,) out of one positive int, alone or in a tuple, or raise ArgumentError.

    >>> single(3, "kernel_size", "Conv1D 'conv1d'")
    (3,)
    """
    one = list(value) if isinstance(value, (tuple, list)) else [value]
    if len(one) != 1:
        raise ArgumentError(
            f"{owner}: {name} must be one positive int, received {value!r}. Pass for example "
            f"{name}=2."
        )
    return (whole(one[0], name, owner),)


def real(
    value: Any, name: str, owner: str, *, low: float = -math.inf, high: float = math.inf
) -> float:
    """Return a finite number of the interval [low, high] as float, or raise ArgumentError."""
    try:
        number = math.nan if isinstance(value, (bool, str)) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not (math.isfinite(number) and low <= number <= high):
        interval = f" from {low:g} to {high:g}" if math.isfinite(high) else ""
        interval = interval or (f" of at least {low:g}" if math.isfinite(low) else "")
        raise ArgumentError(
            f"{owner}: {name} must be a finite number{interval}, received {value!r}. "
            f"Pass a float for {name}."
        )
    return number


def flag(value: Any, name: str, owner: str) -> bool:
    """Return a bool as it is, or raise ArgumentError."""
    if not isinstance(value, bool):
        raise ArgumentError(
            f"{owner}: {name} must be True or False, received {value!r}. Pass one of them."
        )
    return value


def text(value: Any, name: str, owner: str) -> str:
    """Return a string that is not empty, or raise ArgumentError.

    >>> text("mae", "name", "Mean")
    'mae'
    """
    if not isinstance(value, str) or not value:
        raise ArgumentError(
            f"{owner}: {name} must be a string that is not empty, received {value!r}. "
            f"Pass for example {name}='my_{name}'."
        )
    return value


def items(value: Any, name: str, owner: str) -> list[Any]:
    """Return what a list or tuple holds, at least one, or raise ArgumentError.

    >>> items((1, 2), "target_class_ids", "IoU")
    [1, 2]
    """
    if not isinstance(value, (list, tuple, range)) or not len(value):
        raise ArgumentError(
            f"{owner}: {name} must be a list with at least one value, received {value!r}. "
            f"Pass for example {name}=[1]."
        )
    return list(value)


def sizes(value: Any, name: str, owner: str) -> tuple[int, ...]:
    """Return an input shape (without the batch axis) as a tuple of ints, or raise ArgumentError."""
    if isinstance(value, int) and not isinstance(value, bool):
        raise ArgumentError(
            f"{owner}: {name} must be a tuple of sizes, received {value!r}. "
            f"Write {name}=({value},) with the comma."
        )
    example = f"Write for example {name}=(28, 28, 1)."
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ArgumentError(
            f"{owner}: {name} must be a tuple of sizes, received {value!r}. {example}"
        )
    if any(size is None for size in value):
        raise ArgumentError(
            f"{owner}: every size of {name} must be known, received {tuple(value)!r}. "
            "Leave the batch axis out and write the sizes as numbers, such as (28, 28, 1)."
        )
    try:
        numbers = tuple(operator.index(size) for size in value)
    except TypeError:
        numbers = (0,)
    if any(number < 1 for number in numbers):
        raise ArgumentError(
            f"{owner}: every size of {name} must be a whole number of at least 1, received "
            f"{tuple(value)!r}. {example}"
        )
    return numbers
