"""Filters and pools of pictures against NumPy's slices: equal on whole numbers, on every ISA."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from pictures import naive, problem, real_results
from sessions import ALL

from galago import engine
from galago.engine import Window, filter_image
from galago.errors import EngineError


@pytest.fixture(autouse=True)
def keep_threads() -> Iterator[None]:
    before = engine.get_threads()
    yield
    engine.set_threads(before)


@pytest.mark.parametrize("isa", ALL)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_whole_numbers_are_equal(isa: str, dtype: str) -> None:
    for number in range(24 if isa == "reference" else 96):
        image, window, size = problem(number)
        result = "float64" if dtype == "float64" else "float32"
        out = np.full((*size, image.shape[2]), np.nan, result)
        filter_image(image.astype(dtype), out, window, isa=isa)
        np.testing.assert_array_equal(out, naive(image, window, size), str((number, window)))


@pytest.mark.parametrize("isa", ALL)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_bytes_are_cut_off_behind_the_point(isa: str, dtype: str) -> None:
    for number in range(0, 24, 2):
        image, window, size = problem(number)
        window = window._replace(limits=(0.0, 255.0), scale=0.25)
        out = np.empty((*size, image.shape[2]), np.uint8)
        filter_image(image.astype(dtype), out, window, isa=isa)
        np.testing.assert_array_equal(out, np.trunc(naive(image, window, size)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_bits_on_every_isa_and_for_any_threads(dtype: str) -> None:
    truth = real_results("reference", dtype)
    for isa, threads in itertools.product(engine.available_isas(), (1, 2, 3, 7)):
        engine.set_threads(threads)
        assert real_results(isa, dtype) == truth, (isa, threads)


def test_a_division_is_rounded_once() -> None:
    image = np.full((3, 3, 1), 1, np.uint8)
    out = np.empty((1, 1, 1), np.float32)
    filter_image(image, out, Window((3, 3), weights=[1] * 9, scale=7.0, divide=True))
    assert out[0, 0, 0] == np.float32(9) / np.float32(7)


def test_results_may_lie_inside_of_a_larger_array() -> None:
    image = np.arange(20, dtype=np.uint8).reshape(4, 5, 1)
    whole = np.full((4, 5, 1), 99, np.uint8)
    filter_image(image, whole[1:-1, 1:-1], Window((3, 3), weights=[0, 0, 0, 0, 1, 0, 0, 0, 0]))
    expected = np.full((4, 5, 1), 99)
    expected[1:-1, 1:-1] = image[1:-1, 1:-1]
    np.testing.assert_array_equal(whole, expected)


IMAGE, OUT = np.zeros((4, 4, 1), np.uint8), np.zeros((2, 2, 1), np.float32)
SUM = Window((3, 3), weights=[1] * 9)
REFUSED = {
    "src must be uint8": (IMAGE.astype(np.int16), OUT, SUM),
    "src must have pixels": (IMAGE[..., 0], OUT, SUM),
    "dst must be uint8, or float64": (IMAGE, OUT.astype(np.float64), SUM),
    "dst must have the channels": (IMAGE, np.zeros((2, 2, 2), np.float32), SUM),
    "a weight for each place": (IMAGE, OUT, SUM._replace(weights=[1])),
    "windows reach further": (IMAGE, np.zeros((3, 2, 1), np.float32), SUM),
    "than its border": (IMAGE, OUT, SUM._replace(border="zero", before=(3, 0))),
    "outside of the picture": (IMAGE, OUT, SUM._replace(strides=(0, 1))),
    "unknown border": (IMAGE, OUT, SUM._replace(border="wrap")),
    "unknown kind": (IMAGE, OUT, SUM._replace(kind="median")),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refusals(message: str) -> None:
    image, out, window = REFUSED[message]
    with pytest.raises(EngineError, match=message):
        filter_image(image, out, window)
