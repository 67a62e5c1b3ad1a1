"""A session and the variables it computes with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago import layers, optimizers
from galago.engine import OutputLoss
from galago.training.adapters import Examples
from galago.training.binding import Binding

X = np.ones((4, 3), np.float32)
Y = np.zeros(4, np.int64)


@pytest.fixture
def binding(fake_engine: Any) -> Binding:
    model = galago.Sequential([layers.Dense(2, input_shape=(3,)), layers.Dense(2)])
    bound = Binding(model.to_graph(), model.weights, "float32")
    bound.compile(
        [OutputLoss("mean_squared_error")],
        optimizers.SGD(momentum=0.9),
        bound.variables[:2],
        "token",
    )
    bound.begin_training()
    return bound


def step(binding: Binding) -> None:
    binding.train_steps(Examples((X,), (Y,)), np.arange(4), 4, 0.1)


def test_compile_hands_everything_over(binding: Binding) -> None:
    assert binding.session.settings == {  # type: ignore[attr-defined]
        "losses": (OutputLoss("mean_squared_error"),),
        "optimizer": ("sgd", {"momentum": 0.9, "nesterov": 0.0}),
        "trainable": [True, True, False, False],
        "rules": [{}] * 4,
    }
    assert binding.compiled_for == "token"


def test_only_trained_variables_are_fetched(binding: Binding) -> None:
    step(binding)
    for variable in binding.variables:
        variable.numpy()
    assert binding.session.pulls == 2  # type: ignore[attr-defined]


def test_reading_sends_nothing_back(binding: Binding) -> None:
    session: Any = binding.session
    step(binding)
    binding.variables[0].numpy()
    binding.push()
    step(binding)
    assert session.pushes == 4


def test_an_assigned_value_is_there_at_the_next_step(binding: Binding) -> None:
    step(binding)
    binding.variables[0].assign(np.full((3, 2), 5.0))
    step(binding)
    assert binding.variables[0].numpy().tolist() == [[4.0, 4.0]] * 3
    assert binding.session.pushes == 5  # type: ignore[attr-defined]


@pytest.mark.parametrize("run", ["test_step", "predict"])
def test_it_is_there_for_tests_and_predictions_too(binding: Binding, run: str) -> None:
    binding.variables[2].assign(np.full((2, 2), 7.0))
    if run == "predict":
        binding.predict([X], 0, 4)
    else:
        binding.test_step(Examples((X,), (Y,)), 0, 4)
    assert binding.session.values[2].tolist() == [[7.0] * 2] * 2  # type: ignore[attr-defined]


def test_what_the_optimizer_keeps(binding: Binding) -> None:
    assert binding.optimizer_size() == (8 + 2, 8 * 4 + 8)
    fresh = Binding(binding.session.graph, binding.variables, "float32")
    assert fresh.optimizer_size() is None
