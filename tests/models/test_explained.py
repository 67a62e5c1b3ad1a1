"""summary(explain=True): the arithmetic, receptive fields and what is lost."""

from __future__ import annotations

from typing import Any

import pytest

import galago
from galago import layers
from galago.errors import ArgumentError


def explained(model: Any) -> dict[str, str]:
    """The lines of the table by the layer's name, blanks as one."""
    texts: list[str] = []
    model.summary(print_fn=texts.append, explain=True)
    lines = [" ".join(line.split()) for line in texts[0].splitlines()]
    return {line.split()[0]: line for line in lines}


def test_the_reference_model() -> None:
    lines = explained(galago.applications.reference(64))
    assert lines["conv2d"].startswith(
        "conv2d (Conv2D) 26x26x64 28 - 3 + 1 = 26 3x3 389,376 43,264 + 640 weights"
    )
    assert "26 / 2 = 13 4x4" in lines["max_pooling2d"]
    assert "13 - 3 + 1 = 11 8x8 4,460,544" in lines["conv2d_1"]
    assert lines["conv2d_1"].endswith("lost: last row and last column")
    assert "11 / 2 = 5, rest 1 10x10" in lines["max_pooling2d_1"]
    assert "5 * 5 * 64 = 1600" in lines["flatten"]
    assert "128 units 26x26 204,800" in lines["dense"]
    assert lines["5,056,000"].startswith("5,056,000 products a prediction; ")
    assert " us " in lines["conv2d"] and " with it" in lines["max_pooling2d"]


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        (layers.Conv2D(2, 3, padding="same"), "12 + 2 - 3 + 1 = 12 x 9 + 2 - 3 + 1 = 9"),
        (layers.Conv2D(2, 3, 2), "(12 - 3) / 2 + 1 = 5, rest 1 x (9 - 3) / 2 + 1 = 4"),
        (layers.Conv2D(2, 3, dilation_rate=2), "12 - 5 + 1 = 8 x 9 - 5 + 1 = 5"),
        (layers.AveragePooling2D((3, 2)), "12 / 3 = 4 x 9 / 2 = 4, rest 1"),
        (layers.MaxPooling2D(3, 1), "12 - 3 + 1 = 10 x 9 - 3 + 1 = 7"),
    ],
)
def test_arithmetic(layer: Any, why: str) -> None:
    model = galago.Sequential([layers.Input((12, 9, 1)), layer])
    assert why in explained(model)[layer.name]


def test_layers_over_steps_have_one_axis() -> None:
    steps = galago.Sequential([layers.Input((10, 2)), layers.Conv1D(3, 3, name="steps")])
    steps.add(layers.Flatten())
    steps.add(layers.Dense(1, name="end"))
    lines = explained(steps)
    assert lines["steps"].startswith("steps (Conv1D) 8x3 10 - 3 + 1 = 8 3 144 ")
    assert " 1 unit " in lines["end"]


def test_branches_and_more_lost_rows() -> None:
    inputs = galago.Input((8, 8, 2), name="image")
    x = layers.Conv2D(2, 3, padding="same", name="wide")(inputs)
    y = layers.Cropping2D(((3, 0), (0, 2)), name="cut")(x)
    outputs = layers.GlobalMaxPooling2D(name="end")(y)
    lines = explained(galago.Model(inputs, outputs))
    assert lines["wide"].endswith("lost: 3 rows and last 2 columns")
    assert "8x8" in lines["end"] or "6x7" in lines["end"]


def test_errors() -> None:
    model = galago.Sequential([layers.Dense(3)])
    with pytest.raises(ArgumentError, match="explain must be True or False"):
        model.summary(explain="yes")  # type: ignore[arg-type]
    with pytest.raises(galago.errors.NotBuiltError):
        model.summary(explain=True)
