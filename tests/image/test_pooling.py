from __future__ import annotations

import numpy as np
import pytest

from galago import Sequential, layers
from galago.errors import ArgumentError, UnknownNameError
from galago.image import pool
from galago.shapes import WindowError

LECTURE = [[0, 64, 128, 128], [48, 192, 144, 144], [142, 226, 168, 0], [255, 0, 0, 64]]


@pytest.mark.parametrize(
    ("mode", "values"),
    [
        ("max", [[192, 144], [255, 168]]),
        ("min", [[0, 128], [0, 0]]),
        ("average", [[76, 136], [155.75, 58]]),
    ],
)
def test_the_lecture(mode: str, values: list[list[float]]) -> None:
    assert pool(LECTURE, 2, mode=mode).tolist() == values
    assert pool(np.array(LECTURE, np.uint8), 2, mode=mode).tolist() == values


LAYERS = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}


@pytest.mark.parametrize("mode", LAYERS)
@pytest.mark.parametrize(("size", "stride"), [(2, None), ((3, 2), (1, 2)), (3, 2)])
def test_as_a_layer_of_a_network(mode: str, size: int, stride: int | None) -> None:
    image = np.random.default_rng(1).normal(size=(13, 11, 2)).astype(np.float32)
    pooling = LAYERS[mode](size, strides=stride)
    model = Sequential([layers.Input((13, 11, 2)), pooling])
    expected = model.predict(image[None], verbose=0)[0]
    np.testing.assert_array_equal(pool(image, size, stride, mode), expected)


def test_nan_wins() -> None:
    image = np.ones((2, 4), np.float32)
    image[0, 1] = np.nan
    assert np.isnan(pool(image)[0]).tolist() == [True, False]


def test_types() -> None:
    assert pool(np.ones((4, 4), np.uint8)).dtype == np.uint8
    assert pool(np.ones((4, 4), np.uint8), mode="average").dtype == np.float32
    assert pool(np.ones((4, 4), np.int32)).dtype == np.float64


def test_errors() -> None:
    with pytest.raises(UnknownNameError, match="known mode"):
        pool(LECTURE, mode="mean")
    with pytest.raises(WindowError, match=r"larger than its input 4x4\. Use a smaller window or"):
        pool(LECTURE, 5)
    with pytest.raises(ArgumentError, match="size must be one positive int"):
        pool(LECTURE, 0)
