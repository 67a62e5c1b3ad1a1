"""What optimizers keep: over files and state lists training goes on as if it had not stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago import optimizers
from galago.errors import ArgumentError, ShapeError
from galago.layers import Conv2D, Dense, Flatten, Input
from galago.models import Sequential, load_model
from galago.models.optimizer_state import in_order
from galago.optimizers import Optimizer, schedules

RNG = np.random.default_rng(1)
X, Y = RNG.normal(size=(24, 6, 6, 2)).astype(np.float32), RNG.integers(0, 3, 24)

OPTIMIZERS: dict[str, Callable[[], Optimizer]] = {
    **{name: (lambda cls=cls: cls()) for name, cls in optimizers.OPTIMIZERS.items()},
    "amsgrad": lambda: optimizers.Adam(amsgrad=True, clipnorm=0.1),
    "rmsprop": lambda: optimizers.RMSprop(0.01, 0.9, 0.5, centered=True, weight_decay=0.1),
    "nadam": lambda: optimizers.Nadam(schedules.CosineDecay(0.01, 5), global_clipnorm=0.5),
    "scheduled": lambda: optimizers.SGD(schedules.ExponentialDecay(0.1, 3, 0.5)),
}


def compiled(optimizer: Optimizer) -> Sequential:
    model = Sequential(
        [
            Input((6, 6, 2)),
            Conv2D(4, 3, activation="relu", kernel_regularizer="l2"),
            Flatten(),
            Dense(3, activation="softmax", kernel_constraint="max_norm"),
        ]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def fit(model: Any, first: int, last: int) -> None:
    """Train on some batches of four, in their order."""
    rows = slice(4 * first, 4 * last)
    model.fit(X[rows], Y[rows], batch_size=4, shuffle=False, verbose=0)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on_over_a_file(name: str, tmp_path: Path) -> None:
    model = compiled(OPTIMIZERS[name]())
    start = model.get_weights()
    fit(model, 0, 3)
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = load_model(path)
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    fit(loaded, 3, 6)

    whole = compiled(OPTIMIZERS[name]())
    whole.set_weights(start)
    fit(whole, 0, 6)
    assert loaded.optimizer.iterations == whole.optimizer.iterations == 6
    for found, expected in zip(loaded.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)
    states = (loaded.get_optimizer_state(), whole.get_optimizer_state())
    for found, expected in zip(*states, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_averages_take_the_place_of_weights_when_fit_ends() -> None:
    model = compiled(optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5))
    fit(model, 0, 3)
    averages = model.get_optimizer_state()[2:]
    for weight, average in zip(model.get_weights(), averages, strict=True):
        np.testing.assert_array_equal(weight, average)


def test_a_model_that_never_trained(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    model = compiled(optimizers.Nadam(schedules.CosineDecay(0.01, 5), use_ema=True))
    model.save(path)
    assert [array.shape for array in model.get_optimizer_state()] == [
        (),
        *[w.shape for w in model.get_weights()],
        *[w.shape for w in model.get_weights() for _ in range(2)],
        (),
    ]
    assert load_model(path).optimizer.iterations == 0


def test_a_state_of_another_optimizer() -> None:
    model = compiled(optimizers.Lion())
    with pytest.raises(ShapeError) as caught:
        model.set_optimizer_state([np.array(1), np.array(0.1)])
    assert str(caught.value) == (
        "Lion: expected a state of 6 arrays, iterations, learning_rate and 1 for each trained "
        "weight, received shapes [(), ()]. Take that of an equal model."
    )


def test_a_schedule_of_ones_own_goes_into_no_file(tmp_path: Path) -> None:
    class Own(schedules.LearningRateSchedule):
        def __call__(self, step: int) -> float:
            return 0.5 ** (step + 1)

    model = compiled(optimizers.SGD(Own()))
    fit(model, 0, 2)
    assert model.optimizer.learning_rate == 0.125
    with pytest.raises(ArgumentError) as caught:
        model.save(tmp_path / "model.keras")
    assert str(caught.value) == (
        "Own: expected a learning rate schedule of Galago, which files can name, received a class "
        "of your own. Save the weights alone, or set optimizer.learning_rate to another schedule."
    )


def test_models_that_share_an_optimizer_count_their_own_steps() -> None:
    optimizer = optimizers.SGD(schedules.PiecewiseConstantDecay([1], [0.5, 0.25]))
    one, other = compiled(optimizer), compiled(optimizer)
    fit(one, 0, 2)
    assert optimizer.learning_rate == 0.25
    fit(other, 0, 1)
    assert optimizer.learning_rate == 0.5
    fit(one, 2, 3)
    assert optimizer.iterations == 3


def test_penalties_are_part_of_the_loss() -> None:
    galago.set_seed(1)
    model = Sequential([Input((2,)), Dense(1, kernel_regularizer=galago.regularizers.L2(0.5))])
    model.compile("sgd", "mse", metrics=["mse"])
    found = model.evaluate(np.zeros((3, 2)), np.zeros((3, 1)), verbose=0, return_dict=True)
    kernel = model.get_weights()[0]
    assert found["loss"] == pytest.approx(0.5 * np.square(kernel).sum(), rel=1e-6)
    assert found["mse"] == 0.0


# ---- what older versions of Keras put into files ----


@pytest.mark.parametrize("scheduled", [False, True])
def test_nadam_before_keras_3_10(scheduled: bool) -> None:
    rate = schedules.CosineDecay(0.01, 5) if scheduled else 0.01
    model = compiled(optimizers.Nadam(rate))
    fit(model, 0, 2)
    state = model.get_optimizer_state()
    first = 1 if scheduled else 2
    old = [*state[:first], state[-1], *state[first:-1]]
    for given in (old, state):
        assert in_order(model, given) == state


@pytest.mark.parametrize("make", [optimizers.Adam, optimizers.Nadam, optimizers.RMSprop])
def test_moments_of_frozen_layers_as_keras_3_0_kept_them(make: type[Optimizer]) -> None:
    options = {"centered": True, "momentum": 0.5} if make is optimizers.RMSprop else {}
    model = compiled(make(use_ema=True, **options))
    fit(model, 0, 2)
    whole = model.get_optimizer_state()
    model.layers[0].trainable = False
    model.compile(model.optimizer, "sparse_categorical_crossentropy")
    fit(model, 0, 1)
    wanted = model.get_optimizer_state()
    found = in_order(model, whole)
    assert found is not None
    assert [array.shape for array in found] == [array.shape for array in wanted]
    frozen = (model.layers[0].kernel.shape, model.layers[0].bias.shape)
    assert found == [array for array in whole if array.shape not in frozen]
    assert in_order(model, wanted) == wanted


def test_an_optimizer_that_had_not_met_the_weights() -> None:
    model = compiled(optimizers.Adam())
    step = [np.zeros((), np.int64), np.float32(0.001)]
    assert in_order(model, step) is None
    model = compiled(optimizers.SGD(momentum=0.0))
    assert in_order(model, step) == step
    assert in_order(model, []) == []
