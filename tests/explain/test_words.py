from __future__ import annotations

import numpy as np
import pytest

import galago
from galago import layers
from galago.explain import explain_unit


def steps_model() -> galago.Model:
    model = galago.Sequential(
        [
            layers.Input((12, 2), name="sound"),
            layers.Conv1D(3, 3, activation="relu", name="first"),
            layers.MaxPooling1D(2, name="pool"),
            layers.AveragePooling1D(2, name="mean"),
            layers.GlobalAveragePooling1D(name="end"),
            layers.Dense(2, name="dense"),
        ]
    )
    return model


@pytest.mark.parametrize(
    ("layer", "place"), [("first", (5, 1)), ("pool", (2, 1)), ("end", (1,)), ("dense", (1,))]
)
def test_layers_over_steps_speak_of_steps(layer: str, place: tuple[int, ...]) -> None:
    found = explain_unit(steps_model(), np.random.default_rng(1).random((12, 2)), layer, *place)
    text = str(found)
    assert "row" not in text and "column" not in text and "moved" not in text
    assert "(0, " not in text
    assert found.way_back()[-1][0].startswith("sound (step ")
    assert [who.partition(" ")[0] for who, _ in found.way_back()][-2:] == (
        ["first", "sound"] if layer != "first" else ["sound"]
    )


def test_merges_name_what_they_add() -> None:
    one, other = layers.Input((2,), name="one"), layers.Input((2,), name="other")
    added = galago.Model([one, other], layers.Add(name="sum")([one, other]))
    image = [np.array([1.0, 2.0]), np.array([10.0, 20.0])]
    assert explain_unit(added, image, "sum", 1).made() == ["22 = 2 of one + 20 of other"]
    less = galago.Model([one, other], layers.Subtract(name="less")([one, other]))
    assert explain_unit(less, image, "less", 0).made() == ["-9 = 1 of one - 10 of other"]


def test_of_many_products_a_count_or_the_largest() -> None:
    model = galago.Sequential([layers.Dense(1, input_shape=(3,), name="dense")])
    model.set_weights([[[1.0], [-3.0], [2.0]], [0.5]])
    found = explain_unit(model, np.ones(3), "dense", 0)
    assert found.made(0) == ["0.5 = bias 0.5 + 3 products"]
    assert found.made(1) == [
        "0.5 = bias 0.5 + 3 products; the largest: -3 * 1 (unit 1) = -3, and 2 more"
    ]
    assert "and" not in found.made(3)[0]


def test_what_is_only_moved_says_so() -> None:
    model = galago.Sequential([layers.Reshape((2, 2), input_shape=(4,), name="table")])
    found = explain_unit(model, np.arange(4.0), "table", 1, 0)
    assert found.made() == [f"2, moved from {model.inputs[0].layer.name} (unit 2)"]
    assert found.title == "table (step 1, channel 0) = 2"


def test_parts_of_a_layer_have_no_name_of_their_own() -> None:
    model = galago.Sequential([layers.PReLU(input_shape=(3,), name="bent")])
    model.set_weights([np.full(3, 0.5)])
    first, *_ = explain_unit(model, np.array([-4.0, 1, 2]), "bent", 0).made()
    assert first == "-2 = 0 + -2"
