"""Optimizers by name and as objects."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from galago import optimizers
from galago.errors import ArgumentError, UnknownNameError


def test_keras_defaults() -> None:
    adam, sgd = optimizers.get("adam"), optimizers.get("SGD")
    assert adam.get_config() == {
        "learning_rate": 0.001,
        "beta_1": 0.9,
        "beta_2": 0.999,
        "epsilon": 1e-7,
    }
    assert sgd.get_config() == {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False}


def test_what_the_engine_gets() -> None:
    adam = optimizers.Adam(beta_1=0.8)
    assert adam.kind == "adam"
    assert adam.settings() == {"beta_1": 0.8, "beta_2": 0.999, "epsilon": 1e-7}
    sgd = optimizers.SGD(momentum=0.9, nesterov=True)
    assert sgd.kind == "sgd"
    assert sgd.settings() == {"momentum": 0.9, "nesterov": 1.0}


def test_arrays_kept_for_each_weight() -> None:
    kept = [optimizers.Adam().slots, optimizers.SGD().slots, optimizers.SGD(momentum=0.9).slots]
    assert kept == [2, 0, 1]


def test_the_learning_rate_can_be_set() -> None:
    adam = optimizers.Adam()
    adam.learning_rate = 0.5
    assert adam.learning_rate == 0.5
    with pytest.raises(ArgumentError, match="Adam: learning_rate must be a finite number of at"):
        adam.learning_rate = float("nan")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optimizers.Adam(-1), "Adam: learning_rate must be a finite number of at least 0"),
        (lambda: optimizers.Adam(beta_1=1.0), "Adam: beta_1 must be a finite number from 0 to 1"),
        (lambda: optimizers.Adam(beta_2=-1), "Adam: beta_2 must be a finite number from 0 to 1"),
        (lambda: optimizers.Adam(epsilon=-1), "Adam: epsilon must be a finite number of at least"),
        (lambda: optimizers.SGD(momentum=2), "SGD: momentum must be a finite number from 0 to 1"),
        (lambda: optimizers.SGD(nesterov=0), "SGD: nesterov must be True or False, received 0"),  # type: ignore[arg-type]
    ],
)
def test_wrong_settings(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError, match=f"^{message}"):
        make()


def test_unknown_name() -> None:
    with pytest.raises(UnknownNameError) as caught:
        optimizers.get("adma")
    assert str(caught.value) == (
        "compile(): expected a known optimizer, received 'adma'. Did you mean 'adam'? "
        "Known: adam, sgd."
    )


def test_a_class_is_not_an_optimizer() -> None:
    with pytest.raises(ArgumentError) as caught:
        optimizers.get(optimizers.Adam)
    assert str(caught.value) == (
        "compile(): expected an optimizer, received the class Adam. "
        "Add parentheses: optimizer=Adam()."
    )
