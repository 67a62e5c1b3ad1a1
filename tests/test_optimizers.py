"""Optimizers by name and as objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from galago import optimizers
from galago.errors import ArgumentError, UnknownNameError
from galago.optimizers import Optimizer, schedules
from galago.variables import Variable

MOMENTS = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
SHARED = {
    "weight_decay": None,
    "clipnorm": None,
    "clipvalue": None,
    "global_clipnorm": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
}
#: What get_config() of Keras 3.15.1's optimizers says, but for arguments that 3.0 did not know.
DEFAULTS: dict[str, dict[str, Any]] = {
    "SGD": {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False},
    "Adam": {**MOMENTS, "amsgrad": False},
    "AdamW": {**MOMENTS, "amsgrad": False, "weight_decay": 0.004},
    "RMSprop": {"rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False},
    "Adagrad": {"initial_accumulator_value": 0.1, "epsilon": 1e-7},
    "Adadelta": {"rho": 0.95, "epsilon": 1e-7},
    "Adamax": MOMENTS,
    "Nadam": MOMENTS,
    "Lion": {"beta_1": 0.9, "beta_2": 0.99},
}


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_keras_defaults(name: str) -> None:
    made = optimizers.get(name.lower())
    expected = {"learning_rate": 0.001, **SHARED, **DEFAULTS[name], "name": made.name}
    assert made.get_config() == expected
    assert type(made).from_config(made.get_config()).get_config() == expected
    assert optimizers.get({"class_name": name, "config": expected}).get_config() == expected


def test_names() -> None:
    assert [optimizers.Adam().name for _ in range(2)] == ["adam", "adam_1"]
    assert optimizers.AdamW(name="mine").name == "mine"


def test_what_the_engine_gets() -> None:
    adam = optimizers.Adam(beta_1=0.8)
    assert adam.kind == "adam"
    assert adam.settings() == {"beta_1": 0.8, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": 0.0}
    sgd = optimizers.SGD(momentum=0.9, nesterov=True, weight_decay=0.1, clipnorm=2)
    assert sgd.kind == "sgd"
    assert sgd.settings() == {
        "momentum": 0.9,
        "nesterov": 1.0,
        "weight_decay": 0.1,
        "clipnorm": 2.0,
    }
    averaged = optimizers.Lion(use_ema=True, ema_overwrite_frequency=3)
    assert averaged.settings() == {
        "beta_1": 0.9,
        "beta_2": 0.99,
        "use_ema": 1.0,
        "ema_momentum": 0.99,
        "ema_overwrite_frequency": 3.0,
    }


@pytest.mark.parametrize(
    ("optimizer", "stored"),
    [
        (optimizers.SGD(), []),
        (optimizers.SGD(momentum=0.9), [[0]]),
        (optimizers.Adam(), [[0, 1]]),
        (optimizers.Adam(amsgrad=True), [[0, 1], [2]]),
        (optimizers.Adam(amsgrad=True, use_ema=True), [[3], [0, 1], [2]]),
        (optimizers.RMSprop(), [[0]]),
        (optimizers.RMSprop(centered=True), [[0], [1]]),
        (optimizers.RMSprop(momentum=0.1, centered=True), [[0], [1], [2]]),
        (optimizers.SGD(use_ema=True), [[0]]),
        (optimizers.Lion(), [[0]]),
    ],
)
def test_arrays_kept_for_each_weight(optimizer: Optimizer, stored: list[list[int]]) -> None:
    assert optimizer.stored_moments() == stored
    assert optimizer.slots == sum(map(len, stored))


def test_repr_leaves_out_what_is_as_always() -> None:
    lion = optimizers.Lion(clipnorm=1.0)
    assert repr(lion) == "Lion(learning_rate=0.001, beta_1=0.9, beta_2=0.99, clipnorm=1.0)"


def test_a_schedule_says_the_rate() -> None:
    schedule = schedules.PiecewiseConstantDecay([1], [0.5, 0.25])
    sgd = optimizers.SGD(schedule)
    assert sgd.scheduled
    assert sgd.learning_rate == 0.5
    sgd.iterations = 2
    assert sgd.learning_rate == 0.25
    assert sgd.learning_rates(0, 3) == [0.5, 0.5, 0.25]
    again = optimizers.SGD.from_config(sgd.get_config())
    assert again.get_config() == sgd.get_config()
    with pytest.raises(ArgumentError) as caught:
        sgd.learning_rate = 0.1
    assert str(caught.value) == (
        "SGD: the learning rate follows PiecewiseConstantDecay(boundaries=[1], values=[0.5, "
        "0.25], name='PiecewiseConstant'), received 0.1. Make the optimizer with a number, or set "
        "another schedule."
    )
    sgd.learning_rate = schedules.InverseTimeDecay(1.0, 1, 1.0)  # type: ignore[assignment]
    assert sgd.learning_rate == pytest.approx(1 / 3)


def test_a_schedule_that_gives_no_rate() -> None:
    class Wrong(schedules.LearningRateSchedule):
        def __call__(self, step: int) -> float:
            return -1.0

    with pytest.raises(ArgumentError, match=r"^Wrong at step 4: the learning rate must"):
        optimizers.SGD(Wrong()).learning_rates(4, 1)


def test_weights_that_do_not_decay() -> None:
    kernel, bias = (Variable(f"dense/{name}", np.zeros(2)) for name in ("kernel", "bias"))
    optimizer = optimizers.AdamW()
    assert [optimizer.decays(kernel), optimizer.decays(bias)] == [True, True]
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma"])
    assert [optimizer.decays(kernel), optimizer.decays(bias)] == [True, False]
    optimizer.exclude_from_weight_decay(var_list=[kernel])
    assert [optimizer.decays(kernel), optimizer.decays(bias)] == [False, True]
    with pytest.raises(ArgumentError, match="var_names must be patterns, received"):
        optimizer.exclude_from_weight_decay(var_names=["("])


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
        (lambda: optimizers.Lion(beta_1=0), "Lion: beta_1 must be a finite number from 5"),
        (lambda: optimizers.Adam(clipnorm=-1), "Adam: clipnorm must be a finite number of at"),
        (
            lambda: optimizers.Adam(clipnorm=1, clipvalue=1),
            "Adam: expected one of clipnorm, clipvalue and global_clipnorm, received clipnorm and "
            "clipvalue. Leave the others out.",
        ),
        (lambda: optimizers.Adam(use_ema=1), "Adam: use_ema must be True or False"),  # type: ignore[arg-type]
        (lambda: optimizers.Adam(ema_momentum=2), "Adam: ema_momentum must be a finite number"),
        (
            lambda: optimizers.Adam(ema_overwrite_frequency=0),
            "Adam: ema_overwrite_frequency must be a whole number of at least 1",
        ),
        (lambda: optimizers.Adam(name=""), "Adam: name must be text, received ''. Give another"),
        (
            lambda: optimizers.AdamW(weight_decay=None),
            "AdamW: weight_decay must be a number, received None. Use Adam without one.",
        ),
        (
            lambda: optimizers.Lion(epsilon=1),  # type: ignore[call-arg]
            "Lion: expected its known arguments, received 'epsilon'.* Known: learning_rate, "
            "beta_1, beta_2, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, "
            "ema_momentum, ema_overwrite_frequency, name.",
        ),
    ],
)
def test_wrong_settings(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError, match=f"^{message}"):
        make()


def test_unknown_name() -> None:
    with pytest.raises(UnknownNameError) as caught:
        optimizers.get("adma")
    assert str(caught.value) == (
        "compile(): expected a known optimizer, received 'adma'. Did you mean 'adamax'? "
        "Known: adam, sgd, adamw, rmsprop, adagrad, adadelta, adamax, nadam, lion."
    )


def test_a_class_is_not_an_optimizer() -> None:
    with pytest.raises(ArgumentError) as caught:
        optimizers.get(optimizers.Adam)
    assert str(caught.value) == (
        "compile(): expected an optimizer, received the class Adam. "
        "Add parentheses: optimizer=Adam()."
    )
