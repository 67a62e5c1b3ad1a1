"""Helpers under Keras's names."""

from __future__ import annotations

import random as python_random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago import utils
from galago.errors import ArgumentError, DataError
from galago.initializers import GlorotUniform


def test_set_random_seed_fixes_all_three() -> None:
    draws = []
    for _ in range(2):
        galago.utils.set_random_seed(5)
        draws.append(
            (python_random.random(), float(np.random.rand()), GlorotUniform()((2, 2)).tolist())
        )
    assert draws[0] == draws[1]


def test_set_seed_leaves_the_others_alone() -> None:
    np.random.seed(1)
    before = np.random.get_state()[1]
    galago.set_seed(5)
    assert np.array_equal(before, np.random.get_state()[1])


@pytest.mark.parametrize(
    ("x", "classes", "expected"),
    [
        ([0, 2, 1], None, np.eye(3)[[0, 2, 1]]),
        ([[0], [1]], 3, np.eye(3)[:2]),
        ([[0, 1], [1, 1]], None, np.eye(2)[[[0, 1], [1, 1]]]),
        (np.array([1.0, 0.0]), None, np.eye(2)[[1, 0]]),
    ],
)
def test_to_categorical(x: Any, classes: int | None, expected: Any) -> None:
    found = utils.to_categorical(x, classes)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("x", [[0.5], [-1], [], ["cat"], [np.nan]])
def test_to_categorical_of_what_are_no_classes(x: Any) -> None:
    with pytest.raises(DataError, match="expected whole class numbers from 0, received"):
        utils.to_categorical(x)


def test_to_categorical_of_too_few_classes() -> None:
    with pytest.raises(DataError) as caught:
        utils.to_categorical([0, 5], 3)
    assert str(caught.value) == (
        "to_categorical(): expected class numbers below num_classes=3, received 5. Pass "
        "num_classes=6."
    )


def test_normalize() -> None:
    x = np.array([[3.0, 0.0], [4.0, 0.0]])
    np.testing.assert_array_equal(utils.normalize(x, axis=0), [[0.6, 0.0], [0.8, 0.0]])
    np.testing.assert_array_equal(utils.normalize(x, order=1), [[1.0, 0.0], [1.0, 0.0]])


def test_keras_names() -> None:
    assert utils.PyDataset is galago.data.PyDataset
    assert len(utils.split_dataset(np.arange(4), 0.5)) == 2


def test_a_model_is_drawn(tmp_path: Path) -> None:
    inputs = galago.Input((8, 8, 1), name="image")
    x = galago.layers.Conv2D(2, 3, padding="same", activation="relu", name="first")(inputs)
    y = galago.layers.Conv2D(2, 1, name="side", trainable=False)(x)
    model = galago.Model(inputs, galago.layers.Add(name="sum")([x, y]))
    plain = utils.plot_model(model)
    assert plain.text.count(">Conv2D</text>") == 2 and ">first<" not in plain.text
    assert plain.text.count("<path") == 4
    file = tmp_path / "model.svg"
    full = utils.plot_model(
        model, file, True, True, True, show_layer_activations=True, show_trainable=True
    )
    for text in ("first", "(None, 8, 8, 2)", "float32", "relu", "trained", "frozen"):
        assert f">{text}</text>" in full.text
    assert file.read_text() == full.text
    with pytest.raises(ArgumentError, match=r"ends in \.svg"):
        utils.plot_model(model, tmp_path / "model.png")
