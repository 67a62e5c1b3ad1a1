"""What gradient() may return, and what is said of other things."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from galago.errors import ShapeError
from galago.layers.custom_results import (
    checked_gradients,
    checked_output,
    checked_shape,
    require_small,
)
from galago.variables import Variable

X, Z = np.zeros((4, 3)), np.zeros((4, 2))
KERNEL = Variable("own/kernel", np.zeros((3, 2)))
COUNT = Variable("own/count", np.zeros(()), trainable=False)
SCALE = Variable("own/scale", np.zeros(()))


def test_one_gradient_alone_or_in_a_tuple() -> None:
    for found in (X, (X,)):
        (checked,) = checked_gradients(found, [X], [], "Own 'own'")
        assert checked is not None
        assert checked.shape == (4, 3)


@pytest.mark.parametrize("found", [[X, Z], (X, Z), ([X, Z],), ((X, Z),)])
def test_several_inputs_without_weights(found: Any) -> None:
    checked = checked_gradients(found, [X, Z], [], "Own 'own'")
    assert [None if one is None else one.shape for one in checked] == [(4, 3), (4, 2)]


def test_weights_follow_and_those_without_a_gradient_are_left_out() -> None:
    found = ([X, Z], KERNEL.numpy(), np.float64(3))
    checked = checked_gradients(found, [X, Z], [KERNEL, SCALE, COUNT], "Own 'own'")
    assert [one if one is None else one.shape for one in checked] == [
        (4, 3),
        (4, 2),
        (3, 2),
        (),
        None,
    ]


def test_results_are_in_one_piece() -> None:
    (checked,) = checked_gradients(np.zeros((3, 4)).T, [X], [], "Own 'own'")
    assert checked is not None
    assert checked.flags.c_contiguous
    assert checked_output(np.zeros((3, 4)).T, (4, 3), "float64", "Own 'own'").flags.c_contiguous


@pytest.mark.parametrize(
    ("found", "inputs", "weights", "message"),
    [
        (X, [X], [KERNEL], "a tuple: the gradients of the input, of 'kernel'; received one of sha"),
        ((X, X, X), [X], [KERNEL], r"received a tuple of 3 \(one of shape \(4, 3\); one of"),
        (X, [X, Z], [], "the gradient: a list of the gradients of 2 inputs; received one of shape"),
        (([X],), [X, Z], [], r"2 inputs; received a tuple of 1 \(a list of 1"),
        ((), [X], [], "the gradient: of the input; received a tuple of 0"),
        ((X, Z), [X], [KERNEL], r"for 'kernel', an array of shape \(3, 2\) as float64; received"),
        (
            [X, X],
            [X, Z],
            [],
            r"for input 1, an array of shape \(4, 2\) as float64; received one of",
        ),
    ],
)
def test_other_things(found: Any, inputs: Any, weights: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=r"Own 'own': expected gradient\(\) to return.*" + message):
        checked_gradients(found, inputs, weights, "Own 'own'")


@pytest.mark.parametrize("said", [None, (None,), (None, 3, 0), (None, 2.0), (None, 1, 1, 1, 1)])
def test_shapes_that_are_none(said: Any) -> None:
    with pytest.raises(ShapeError, match="expected an output shape of the batch and one to three"):
        checked_shape(said, "Own 'own'")


def test_large_inputs_are_not_tried() -> None:
    require_small([(1 << 21,), (1 << 21,)], "Own 'own'")
    with pytest.raises(ShapeError, match="tried on at most 4,194,304 numbers"):
        require_small([(1 << 21,), (1 << 21,), (1,)], "Own 'own'")
