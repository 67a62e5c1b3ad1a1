"""Variables, and who holds their newest value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from galago import variables
from galago.errors import DataError, ShapeError
from galago.variables import Variable, assign_all


class Trainer:
    """Holds a value and counts how often it is read."""

    def __init__(self) -> None:
        self.steps = self.reads = 0
        self.value: Any = np.zeros(2, np.float32)

    def read(self, variable: Variable) -> Any:
        self.reads += 1
        return self.value.copy()


def make() -> Variable:
    return Variable("dense/bias", np.array([1, 2], np.float32))


def test_facts() -> None:
    variable = make()
    assert (variable.name, variable.path) == ("bias", "dense/bias")
    assert (variable.shape, variable.dtype, variable.size, variable.nbytes) == (
        (2,),
        "float32",
        2,
        8,
    )
    assert repr(variable) == "<Variable dense/bias, shape=(2,), dtype=float32>"
    assert variables.count([variable, variable]) == 4


def test_what_it_returns_is_a_copy() -> None:
    variable = make()
    variable.numpy()[:] = 9
    assert variable.numpy().tolist() == [1, 2]
    assert np.asarray(variable, dtype=np.float64).dtype == np.float64


def test_what_it_was_given_is_a_copy() -> None:
    variable, values = make(), np.array([3, 4])
    variable.assign(values)
    values[:] = 9
    assert variable.numpy().tolist() == [3, 4]
    assert variable.dtype == "float32"


def test_a_trained_value_is_fetched_once() -> None:
    variable, trainer = make(), Trainer()
    variable.hold(trainer)
    assert variable.numpy().tolist() == [1, 2]
    trainer.steps, trainer.value = 1, np.array([5, 6], np.float32)
    version = variable.version
    assert [variable.numpy().tolist() for _ in range(2)] == [[5, 6]] * 2
    assert trainer.reads == 1
    assert variable.version == version + 1


def test_an_assigned_value_is_newer_than_the_trained_one() -> None:
    variable, trainer = make(), Trainer()
    variable.hold(trainer)
    trainer.steps = 1
    before = variables.assignments
    variable.assign([7, 8])
    assert variable.numpy().tolist() == [7, 8]
    assert trainer.reads == 0
    assert variables.assignments == before + 1


def test_the_next_holder_gets_the_newest_value() -> None:
    variable, first, second = make(), Trainer(), Trainer()
    variable.hold(first)
    first.steps, first.value = 3, np.array([5, 6], np.float32)
    variable.hold(second)
    assert first.reads == 1
    assert variable.numpy().tolist() == [5, 6]
    assert variable.holder is second


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (
            [1, 2, 3],
            ShapeError,
            "dense/bias: expected values of shape (2,), received (3,). "
            "Pass an array of the variable's own shape.",
        ),
        (
            5.0,
            ShapeError,
            "dense/bias: expected values of shape (2,), received (). "
            "Pass an array of the variable's own shape.",
        ),
        (
            ["a", "b"],
            DataError,
            "dense/bias: expected numbers of shape (2,), received list that NumPy cannot read "
            "(could not convert string to float: 'a'). Pass an array.",
        ),
    ],
)
def test_bad_values(value: Any, error: type[Exception], message: str) -> None:
    variable = make()
    with pytest.raises(error) as caught:
        variable.assign(value)
    assert str(caught.value) == message
    assert variable.numpy().tolist() == [1, 2]


def test_all_values_are_assigned_or_none() -> None:
    pair = [Variable("a", np.zeros(2)), Variable("b", np.zeros(3))]
    assign_all(pair, [[1, 2], [3, 4, 5]], "Dense 'd'")
    assert [variable.numpy().tolist() for variable in pair] == [[1, 2], [3, 4, 5]]
    with pytest.raises(
        ShapeError,
        match=r"expected weights of shapes \[\(2,\), \(3,\)\], received \[\(2,\), \(2,\)\]",
    ):
        assign_all(pair, [[9, 9], [9, 9]], "Dense 'd'")
    assert pair[0].numpy().tolist() == [1, 2]
