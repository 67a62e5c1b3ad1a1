"""Checks of single arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from galago.checks import flag, pair, real, sizes, whole
from galago.errors import ArgumentError


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (lambda: whole(3, "units", "Dense 'd'"), 3),
        (lambda: whole(np.int32(3), "units", "Dense 'd'"), 3),
        (lambda: whole(0, "seed", "set_seed()", minimum=0), 0),
        (lambda: pair(2, "strides", "o"), (2, 2)),
        (lambda: pair([2, 3], "strides", "o"), (2, 3)),
        (lambda: pair((np.int64(2), 3), "strides", "o"), (2, 3)),
        (lambda: real(1, "x", "o"), 1.0),
        (lambda: real(np.float32(0.5), "x", "o", low=0, high=1), 0.5),
        (lambda: flag(True, "x", "o"), True),
        (lambda: sizes([28, 28], "x", "o"), (28, 28)),
    ],
)
def test_good_values(check: Callable[[], Any], expected: Any) -> None:
    assert check() == expected
    assert type(check()) is type(expected)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        *(
            (
                lambda value=value: whole(value, "units", "Dense 'd'"),
                f"Dense 'd': units must be a whole number of at least 1, received {value!r}. "
                "Pass an int, such as units=1.",
            )
            for value in (0, -2, 2.5, 4.0, "4", None, True, [3])
        ),
        (
            lambda: whole(-1, "initial_epoch", "fit()", minimum=0),
            "fit(): initial_epoch must be a whole number of at least 0, received -1. "
            "Pass an int, such as initial_epoch=1.",
        ),
        *(
            (
                lambda value=value: pair(value, "pool_size", "MaxPooling2D 'p'"),
                "MaxPooling2D 'p': pool_size must be one positive int or a pair of them, (height, "
                f"width), received {value!r}. Pass for example pool_size=2 or pool_size=(2, 2).",
            )
            for value in (0, (3, 0), (3,), (3, 3, 3), 1.5, "3", None, (True, 1), (-1, 1))
        ),
        *(
            (
                lambda value=value: real(value, "momentum", "SGD", low=0.0, high=1.0),
                f"SGD: momentum must be a finite number from 0 to 1, received {value!r}. "
                "Pass a float for momentum.",
            )
            for value in (-0.1, 1.1, float("nan"), float("inf"), "0.5", None, True)
        ),
        (
            lambda: real(-1, "learning_rate", "Adam", low=0.0),
            "Adam: learning_rate must be a finite number of at least 0, received -1. "
            "Pass a float for learning_rate.",
        ),
        (
            lambda: real("x", "value", "Constant"),
            "Constant: value must be a finite number, received 'x'. Pass a float for value.",
        ),
        (
            lambda: whole(2**63, "units", "Dense 'd'"),
            "Dense 'd': units must be a whole number of at least 1 and at most "
            "9223372036854775807, received 9223372036854775808. Pass an int, such as units=1.",
        ),
        (
            lambda: pair((2, 2**31), "strides", "Conv2D 'c'"),
            "Conv2D 'c': strides must be one positive int up to 2147483647 or a pair of them, "
            "(height, width), received (2, 2147483648). Pass for example strides=2 or "
            "strides=(2, 2).",
        ),
        (
            lambda: flag(1, "use_bias", "Dense 'd'"),
            "Dense 'd': use_bias must be True or False, received 1. Pass one of them.",
        ),
        (
            lambda: sizes(784, "input_shape", "Dense 'd'"),
            "Dense 'd': input_shape must be a tuple of sizes, received 784. "
            "Write input_shape=(784,) with the comma.",
        ),
        (
            lambda: sizes("28", "input_shape", "Dense 'd'"),
            "Dense 'd': input_shape must be a tuple of sizes, received '28'. "
            "Write for example input_shape=(28, 28, 1).",
        ),
        (
            lambda: sizes((None, 28, 28, 1), "input_shape", "Conv2D 'c'"),
            "Conv2D 'c': every size of input_shape must be known, received (None, 28, 28, 1). "
            "Leave the batch axis out and write the sizes as numbers, such as (28, 28, 1).",
        ),
        (
            lambda: sizes((28, 0), "input_shape", "Dense 'd'"),
            "Dense 'd': every size of input_shape must be a whole number of at least 1, received "
            "(28, 0). Write for example input_shape=(28, 28, 1).",
        ),
        (
            lambda: sizes((28, 1.5), "input_shape", "Dense 'd'"),
            "Dense 'd': every size of input_shape must be a whole number of at least 1, received "
            "(28, 1.5). Write for example input_shape=(28, 28, 1).",
        ),
    ],
)
def test_bad_values(check: Callable[[], Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        check()
    assert str(caught.value) == message
