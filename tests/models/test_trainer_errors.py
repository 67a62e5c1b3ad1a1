"""Mistakes in calls of fit, evaluate and predict: each is named before any work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.callbacks import Callback
from galago.errors import (
    ArgumentError,
    DataError,
    NotCompiledError,
    ShapeError,
)

X = np.arange(40, dtype=np.float32).reshape(10, 2, 2, 1)
Y = np.arange(10) % 3


def make() -> galago.Sequential:
    model = galago.Sequential(
        [galago.Input((2, 2, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def calls(model: galago.Sequential) -> list[tuple[Any, ...]]:
    assert model._session is not None
    return list(model._session.session.calls)


@pytest.mark.parametrize("run", ["fit", "evaluate"])
def test_before_compile(run: str) -> None:
    with pytest.raises(NotCompiledError) as caught:
        getattr(galago.Sequential(name="m"), run)(X, Y)
    assert str(caught.value) == (
        f"Sequential 'm': {run}() needs a compiled model, but compile() was not called. Call "
        "model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', "
        "metrics=['accuracy']) first."
    )


@pytest.mark.parametrize("name", ["optimizer", "stop_training"])
def test_attributes_before_compile(name: str) -> None:
    with pytest.raises(NotCompiledError, match=f"Sequential 'm': {name} needs a compiled model"):
        getattr(galago.Sequential(name="m"), name)


@pytest.mark.parametrize("run", ["fit", "evaluate", "predict"])
def test_a_model_without_layers(run: str) -> None:
    model = galago.Sequential(name="m")
    model.compile("adam", "mse")
    data = (X,) if run == "predict" else (X, Y)
    with pytest.raises(ShapeError) as caught:
        getattr(model, run)(*data, verbose=0)
    assert str(caught.value) == (
        "Sequential 'm': expected at least one layer, but the model has none. "
        "Add some with model.add(...)."
    )


WHOLE = "must be a whole number of at least"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"batch_size": 0},
            ArgumentError,
            f"fit(): batch_size {WHOLE} 1, received 0. Pass an int, such as batch_size=1.",
        ),
        (
            {"epochs": 1.5},
            ArgumentError,
            f"fit(): epochs {WHOLE} 1, received 1.5. Pass an int, such as epochs=1.",
        ),
        (
            {"epochs": 0},
            ArgumentError,
            f"fit(): epochs {WHOLE} 1, received 0. Pass an int, such as epochs=1.",
        ),
        (
            {"initial_epoch": -1},
            ArgumentError,
            f"fit(): initial_epoch {WHOLE} 0, received -1. Pass an int, such as initial_epoch=1.",
        ),
        (
            {"validation_split": 2},
            ArgumentError,
            "fit(): validation_split must be a finite number from 0 to 1, received 2. "
            "Pass a float for validation_split.",
        ),
        (
            {"validation_split": 0.95},
            DataError,
            "fit(): expected enough rows to split, received 10 with validation_split=0.95. "
            "Pass more examples or another fraction.",
        ),
        (
            {"validation_split": 1.0},
            DataError,
            "fit(): expected enough rows to split, received 10 with validation_split=1. "
            "Pass more examples or another fraction.",
        ),
        (
            {"shuffle": "batch"},
            ArgumentError,
            "fit(): shuffle must be True or False, received 'batch'. Pass one of them.",
        ),
        (
            {"verbose": 3},
            ArgumentError,
            "verbose: expected 'auto', 0, 1 or 2, received 3. Use 0 for silence, 2 for one line "
            "an epoch.",
        ),
        (
            {"callbacks": [Callback]},
            ArgumentError,
            "fit(): expected callbacks to be objects of galago.callbacks.Callback, received the "
            "class Callback. Add parentheses: Callback().",
        ),
        (
            {"callbacks": [print]},
            ArgumentError,
            "fit(): expected callbacks to be objects of galago.callbacks.Callback, received "
            "<built-in function print>. Derive its class from Callback.",
        ),
        (
            {"validation_data": X},
            DataError,
            "fit(): expected validation_data as (x, y) or (x, y, sample_weight), or data that "
            "gives such batches, received <class 'numpy.ndarray'>. Pass "
            "validation_data=(x_test, y_test).",
        ),
        (
            {"validation_data": (X, Y, Y, Y)},
            DataError,
            "fit(): expected validation_data as (x, y) or (x, y, sample_weight), or data that "
            "gives such batches, received 4 values. Pass validation_data=(x_test, y_test).",
        ),
        (
            {"validation_data": (X, Y[:9])},
            DataError,
            "fit(): expected validation x and validation y to have equally many rows, received "
            "10 and 9. Pass one label for each example.",
        ),
        (
            {"validation_data": (X[0], Y)},
            DataError,
            "fit(): expected validation x of shape (n, 2, 2, 1), received (2, 2, 1): the batch "
            "axis is missing. Pass validation x[None] for a single example.",
        ),
        (
            {"y": Y[:9]},
            DataError,
            "fit(): expected x and y to have equally many rows, received 10 and 9. "
            "Pass one label for each example.",
        ),
        (
            {"y": Y + 1},
            DataError,
            "fit(): expected labels from 0 to 2, one for each of the 3 outputs of Dense 'dense', "
            "received 3 at row 2 of y. Labels count from 0: pass y - 1.",
        ),
    ],
)
def test_errors_of_fit(
    arguments: dict[str, Any], error: type[Exception], message: str, fake_engine: Any
) -> None:
    model = make()
    given: dict[str, Any] = {"x": X, "y": Y, "verbose": 0} | arguments
    with pytest.raises(error) as caught:
        model.fit(**given)
    assert str(caught.value) == message
    assert model._session is None or calls(model) == []


@pytest.mark.parametrize(
    ("run", "arguments", "message"),
    [
        (
            "evaluate",
            {"batch_size": "32"},
            f"evaluate(): batch_size {WHOLE} 1, received '32'. Pass an int, such as batch_size=1.",
        ),
        (
            "evaluate",
            {"return_dict": 1},
            "evaluate(): return_dict must be True or False, received 1. Pass one of them.",
        ),
        (
            "evaluate",
            {"y": Y[:3]},
            "evaluate(): expected x and y to have equally many rows, received 10 and 3. "
            "Pass one label for each example.",
        ),
        (
            "predict",
            {"batch_size": -1},
            f"predict(): batch_size {WHOLE} 1, received -1. Pass an int, such as batch_size=1.",
        ),
        (
            "predict",
            {"x": X[0]},
            "predict(): expected x of shape (n, 2, 2, 1), received (2, 2, 1): the batch axis is "
            "missing. Pass x[None] for a single example.",
        ),
    ],
)
def test_errors_of_evaluate_and_predict(
    run: str, arguments: dict[str, Any], message: str, fake_engine: Any
) -> None:
    given: dict[str, Any] = {"x": X, "verbose": 0} | ({"y": Y} if run == "evaluate" else {})
    with pytest.raises((ArgumentError, DataError)) as caught:
        getattr(make(), run)(**(given | arguments))
    assert str(caught.value) == message
