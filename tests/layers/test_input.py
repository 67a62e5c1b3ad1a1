"""The start of a model."""

from __future__ import annotations

import pytest

from galago.errors import ArgumentError, ShapeError
from galago.layers import Input, InputLayer


def test_three_ways_to_say_it() -> None:
    assert Input(shape=(28, 28, 1)).shape == (None, 28, 28, 1)
    assert InputLayer((784,)).shape == (784,)
    assert InputLayer(input_shape=[28, 28]).shape == (28, 28)
    assert Input((3,), name="start").layer.name == "start"


@pytest.mark.parametrize("shape", [(), (1, 2, 3, 4)])
def test_wrong_rank(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError) as caught:
        Input(shape)
    assert str(caught.value) == (
        "InputLayer 'input_layer': expected a shape (features,), (height, width) or (height, "
        f"width, channels), received {shape}. Leave the batch axis out."
    )


def test_a_number_is_not_a_shape() -> None:
    with pytest.raises(ArgumentError) as caught:
        Input(784)  # type: ignore[arg-type]
    assert str(caught.value) == (
        "InputLayer 'input_layer': shape must be a tuple of sizes, received 784. "
        "Write shape=(784,) with the comma."
    )


def test_no_shape_at_all() -> None:
    with pytest.raises(ArgumentError) as caught:
        InputLayer()
    assert str(caught.value) == (
        "InputLayer 'input_layer': shape must be a tuple of sizes, received None. "
        "Write for example shape=(28, 28, 1)."
    )
