"""Automatic names, as Keras makes them."""

from __future__ import annotations

import pytest

import galago
from galago import layers, naming


@pytest.mark.parametrize(
    ("class_name", "name"),
    [
        ("Conv2D", "conv2d"),
        ("MaxPooling2D", "max_pooling2d"),
        ("AveragePooling2D", "average_pooling2d"),
        ("Dense", "dense"),
        ("InputLayer", "input_layer"),
        ("ReLU", "re_lu"),
        ("LeakyReLU", "leaky_re_lu"),
        ("ELU", "elu"),
        ("Sequential", "sequential"),
    ],
)
def test_snake_case(class_name: str, name: str) -> None:
    assert naming.snake_case(class_name) == name


def test_names_count_up_through_the_process() -> None:
    assert [layers.Dense(1).name for _ in range(3)] == ["dense", "dense_1", "dense_2"]
    assert layers.Dense(1, name="mine").name == "mine"
    assert layers.Dense(1).name == "dense_3"
    assert [galago.Sequential().name for _ in range(2)] == ["sequential", "sequential_1"]


def test_clear_session_starts_again() -> None:
    layers.Flatten()
    galago.utils.clear_session()
    assert layers.Flatten().name == "flatten"


@pytest.mark.parametrize("name", ["", "a/b", "\ud800", 3, None])
def test_what_is_no_name_of_a_layer(name: object) -> None:
    assert not naming.is_layer_name(name)
    assert naming.is_layer_name("conv2d_1 ä")
