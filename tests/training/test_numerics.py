"""The watch on the loss."""

from __future__ import annotations

import warnings

import pytest

from galago.errors import NumericsWarning
from galago.optimizers import SGD
from galago.training.events import Control, StepEnd
from galago.training.numerics import NumericsWatch


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), float("-inf")])
def test_it_warns_once(loss: float) -> None:
    check = NumericsWatch(Control(SGD())).handlers()[StepEnd]
    with pytest.warns(NumericsWarning) as caught:
        for step in range(3):
            check(StepEnd(1, step + 4, 9, {"loss": loss if step else 1.0}))
    assert len(caught) == 1
    assert str(caught[0].message).startswith(f"fit(): the loss became {loss} in epoch 2, step 6 of")


def test_without_a_known_number_of_steps() -> None:
    with pytest.warns(NumericsWarning, match="in epoch 1, step 1; training goes on"):
        NumericsWatch(Control(SGD())).handlers()[StepEnd](
            StepEnd(0, 0, None, {"loss": float("nan")})
        )


def test_good_numbers_are_no_news() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        NumericsWatch(Control(SGD())).handlers()[StepEnd](StepEnd(0, 0, 1, {"loss": 1e30}))


def test_a_training_that_was_stopped_is_left_alone() -> None:
    control = Control(SGD())
    control.stop = True
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        NumericsWatch(control).handlers()[StepEnd](StepEnd(0, 0, 1, {"loss": float("nan")}))
