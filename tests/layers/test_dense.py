"""The fully connected layer."""

from __future__ import annotations

import pytest

from galago.errors import ArgumentError, ShapeError
from galago.graph import GraphBuilder
from galago.layers import Dense


def test_weights() -> None:
    layer = Dense(128)
    layer.build((None, 784))
    assert layer.kernel.shape == (784, 128)
    assert layer.count_params() == 100_480


def lowered(layer: Dense, shape: tuple[int, ...]) -> list[str]:
    layer.build((None, *shape))
    builder = GraphBuilder()
    source = builder.add("input", "input", (), shape)
    return str(builder.finish(layer.lower(builder, source, shape))).splitlines()[1:]


def test_lowering() -> None:
    assert lowered(Dense(3, "softmax"), (5,)) == [
        "%1 = dense dense (%0) -> 3",
        "%2 = activation dense (%1) alpha=0.0 kind=softmax -> 3",
    ]


def test_on_images_it_is_a_convolution_of_single_pixels() -> None:
    layer = Dense(3)
    assert lowered(layer, (5, 4, 2)) == [
        "%1 = conv dense (%0) dilation=(1, 1) groups=1 kernel=(1, 1) padding=(0, 0, 0, 0) "
        "strides=(1, 1) -> 5x4x3"
    ]
    assert layer.kernel.shape == (2, 3)


@pytest.mark.parametrize("units", [0, -1, 2.5, "10", None])
def test_wrong_units(units: object) -> None:
    with pytest.raises(ArgumentError) as caught:
        Dense(units)  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"Dense 'dense': units must be a whole number of at least 1, received {units!r}. "
        "Pass an int, such as units=1."
    )


def test_rows_of_images_need_flatten() -> None:
    with pytest.raises(ShapeError) as caught:
        Dense(128).compute_output_shape((None, 28, 28))
    assert str(caught.value) == (
        "Dense 'dense': expected features (n,) or images (height, width, channels), received "
        "(28, 28). Put Flatten() before it."
    )
