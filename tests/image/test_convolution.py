from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from galago import Sequential, layers
from galago.errors import ArgumentError, DataError, UnknownNameError
from galago.image import convolve, filters, sample
from galago.shapes import WindowError

PATCH = [[0, 64, 128], [48, 192, 144], [142, 226, 168]]
FILTER = [[-1, 0, -2], [0.5, 4.5, -1.5], [1.5, 2, -3]]


@pytest.mark.parametrize(
    ("convention", "value"), [("correlation", 577), ("convolution", 732), ("course2019", 249)]
)
def test_the_patch_of_the_lecture(convention: str, value: float) -> None:
    found = convolve(PATCH, FILTER, convention=convention)
    assert found.tolist() == [[value]]


def notebook(
    image: NDArray[np.uint8], table: list[list[float]], weight: float
) -> NDArray[np.int64]:
    """The loop of the course's notebook of 2019, as it was."""
    i = image.astype(np.int64)
    transformed = np.copy(i)
    for x in range(1, i.shape[0] - 1):
        for y in range(1, i.shape[1] - 1):
            convolution = 0.0
            for row in range(3):
                for col in range(3):
                    convolution += i[x - 1 + col, y - 1 + row] * table[row][col]
            transformed[x, y] = min(max(convolution * weight, 0), 255)
    return transformed


@pytest.mark.parametrize(
    ("table", "weight"), [(filters.sobel_y(), 1.0), (np.ones((3, 3)) + filters.identity(), 0.1)]
)
def test_the_loop_of_the_notebook(table: NDArray[np.float64], weight: float) -> None:
    image = sample()[100:160, 180:250]
    found = convolve(
        image, table, convention="course2019", border="keep", weight=weight, clamp=(0, 255)
    )
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, notebook(image, table.tolist(), weight))


@pytest.mark.parametrize(("size", "left"), [(3, 26), (5, 24), (1, 28), (28, 1)])
def test_valid_borders_leave_less(size: int, left: int) -> None:
    assert convolve(np.zeros((28, 28)), np.ones((size, size))).shape == (left, left)


@pytest.mark.parametrize("size", [(3, 3), (5, 5), (2, 3), (4, 1)])
@pytest.mark.parametrize("stride", [1, 2, (1, 3)])
@pytest.mark.parametrize("border", ["valid", "same"])
def test_as_a_layer_of_a_network(size: tuple[int, int], stride: int, border: str) -> None:
    rng = np.random.default_rng(3)
    image, table = rng.integers(0, 256, (17, 14)).astype(np.float32), rng.integers(-3, 4, size)
    layer = layers.Conv2D(1, size, strides=stride, padding=border, use_bias=False)
    model = Sequential([layers.Input((17, 14, 1)), layer])
    layer.set_weights([table[..., None, None]])
    expected = model.predict(image[None, ..., None], verbose=0)[0, ..., 0]
    found = convolve(image, table, stride=stride, border=border)
    np.testing.assert_array_equal(found, expected)


def test_a_mirrored_border() -> None:
    image = np.arange(12.0).reshape(3, 4)
    found = convolve(image, "box(3)", border="reflect")
    padded = np.pad(image, 1, mode="reflect")
    np.testing.assert_allclose(found, convolve(padded, "box(3)"), rtol=1e-15)


def test_channels_do_not_meet() -> None:
    image = np.random.default_rng(0).integers(0, 256, (9, 7, 3)).astype(np.uint8)
    whole = convolve(image, "sharpen", clamp=(0, 255))
    for channel in range(3):
        apart = convolve(image[..., channel], "sharpen", clamp=(0, 255))
        np.testing.assert_array_equal(whole[..., channel], apart)


@pytest.mark.parametrize(
    ("given", "clamp", "result"),
    [
        ("uint8", None, "float32"),
        ("uint8", (0, 255), "uint8"),
        ("uint8", (0, 300), "float32"),
        ("float16", None, "float32"),
        ("float32", (0, 1), "float32"),
        ("float64", None, "float64"),
        ("int64", (0, 255), "float64"),
    ],
)
def test_types(given: str, clamp: tuple[float, float] | None, result: str) -> None:
    assert convolve(np.ones((4, 4), given), "laplacian", clamp=clamp).dtype == result


def test_a_view_is_read_as_it_stands() -> None:
    image = sample()[::-2, ::3]
    np.testing.assert_array_equal(convolve(image, "emboss"), convolve(image.copy(), "emboss"))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"image": np.zeros((1, 5, 5, 1))},
            DataError,
            r"one picture.*shape \(1, 5.*x\[0\]",
        ),
        ({"image": "photo.jpg"}, DataError, "numbers, received str"),
        ({"image": [[1], [1, 2]]}, DataError, "numbers, received list"),
        ({"image": np.zeros((0, 4))}, DataError, r"\(0, 4\)"),
        ({"filter": "sobl"}, UnknownNameError, "Did you mean 'sobel'"),
        ({"filter": [1, 2, 3]}, ArgumentError, "rows of finite numbers"),
        ({"filter": [[np.nan]]}, ArgumentError, "rows of finite numbers"),
        (
            {"filter": np.ones((9, 9))},
            WindowError,
            "9x9 is larger than its input 5x5. Use a smaller filter",
        ),
        ({"convention": "conv"}, UnknownNameError, "known convention"),
        ({"border": "wrap"}, UnknownNameError, "known border"),
        ({"border": "keep", "stride": 2}, ArgumentError, "stride 1 with border='keep'"),
        ({"border": "reflect", "filter": np.ones((11, 11))}, WindowError, "mirror image"),
        ({"clamp": (255, 0)}, ArgumentError, r"clamp must be two numbers"),
        ({"clamp": 255}, ArgumentError, r"clamp must be two numbers"),
        ({"weight": np.inf}, ArgumentError, "weight must be a finite number"),
        ({"stride": 0}, ArgumentError, "stride must be"),
    ],
)
def test_errors(change: dict[str, object], error: type[Exception], message: str) -> None:
    arguments: dict[str, object] = {"image": np.zeros((5, 5)), "filter": "sobel"} | change
    with pytest.raises(error, match=message):
        convolve(**arguments)  # type: ignore[arg-type]
