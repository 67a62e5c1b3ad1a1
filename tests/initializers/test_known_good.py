"""Kernels of known filters: which, in which order, how large."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago import filters, layers
from galago.errors import ArgumentError, DataError, UnknownNameError
from galago.initializers import GlorotUniform, KnownGood, fans

SHAPES = [(3, 3, 1, 64), (5, 5, 3, 20), (1, 1, 7, 9), (2, 4, 3, 5), (3, 3, 64, 64)]
SHAPES += [(7, 7, 1, 2), (1, 1, 1, 5)]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_variance_is_that_of_glorot(shape: tuple[int, ...]) -> None:
    kernel = KnownGood(seed=1)(shape, "float64")
    assert kernel.shape == shape
    assert (kernel**2).mean() == pytest.approx(2 / sum(fans(shape)))
    assert len(np.unique(kernel.reshape(-1, shape[-1]).T, axis=0)) == shape[-1]  # all differ


def test_the_bank_comes_first_in_the_middle() -> None:
    kernel = KnownGood(["laplacian", [[1, -1]]], seed=1)((5, 5, 1, 4), "float64")
    first = kernel[..., 0, 0] / -kernel[2, 2, 0, 0] * 4
    np.testing.assert_allclose(first[1:4, 1:4], filters.laplacian(), atol=1e-12)
    assert not first[0].any() and not first[:, 4].any()
    assert np.count_nonzero(kernel[..., 0, 1]) == 2


def test_filters_mix_the_maps_in_front() -> None:
    kernel = KnownGood(["sobel_x"], seed=1)((3, 3, 4, 2), "float64")
    spatial = kernel[..., 0].reshape(9, 4)
    assert np.linalg.matrix_rank(spatial, tol=1e-9) == 1
    assert spatial[5, 0] / spatial[3, 0] == pytest.approx(-1)


def patches(images: np.ndarray[Any, Any], size: int) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), (1, 2))
    return windows.reshape(-1, size * size) / 255.0


def test_whitening_filters_answer_evenly_and_apart() -> None:
    (images, _), _ = galago.datasets.fashion_mnist.load_data(subset=True)
    kernel = KnownGood(data=images, seed=1)((3, 3, 1, 18), "float64").reshape(9, 18)
    np.testing.assert_array_equal(kernel[:, ::2], -kernel[:, 1::2])
    answers = patches(images[:500], 3) @ kernel[:, ::2]
    correlations = np.corrcoef(answers.T)
    assert np.abs(correlations - np.eye(9)).max() < 0.05
    deviations = answers.std(axis=0)
    assert deviations.min() / deviations.max() > 0.6


def test_images_of_floats_and_bytes_are_the_same() -> None:
    (images, _), _ = galago.datasets.fashion_mnist.load_data(subset=True)
    shape = (3, 3, 1, 20)
    of_bytes = KnownGood(data=images, seed=1)(shape)
    np.testing.assert_array_equal(
        KnownGood(data=images[..., None] / 255.0, seed=1)(shape), of_bytes
    )


def test_data_of_other_channels_is_left_aside() -> None:
    data = np.random.default_rng(0).integers(0, 256, (4, 9, 9, 3)).astype(np.uint8)
    with_data, without = KnownGood(data=data, seed=2), KnownGood(seed=2)
    np.testing.assert_array_equal(with_data((3, 3, 8, 6)), without((3, 3, 8, 6)))
    assert (with_data((3, 3, 3, 6)) != without((3, 3, 3, 6))).any()


def test_the_same_bits_everywhere() -> None:
    data = (np.arange(3 * 8 * 8 * 1) * 37 % 251).astype(np.uint8).reshape(3, 8, 8, 1)
    kernel = KnownGood(data=data, seed=7)((3, 3, 1, 40), "float64")
    assert hashlib.sha256(kernel.tobytes()).hexdigest()[:16] == "7c215817d7dd995d"


def test_by_name_in_a_model_and_in_files(tmp_path: Path) -> None:
    model = galago.Sequential(
        [layers.Conv2D(6, 3, kernel_initializer="known_good", input_shape=(8, 8, 1))]
    )
    model.save(tmp_path / "model.keras")
    loaded = galago.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])
    assert isinstance(loaded.layers[0].kernel_initializer, GlorotUniform)
    again = KnownGood.from_config(KnownGood(["sobel"], seed=3).get_config())
    assert (again.bank, again.seed, again.data) == (["sobel"], 3, None)


@pytest.mark.parametrize(
    ("arguments", "shape", "error", "message"),
    [
        ({}, (9, 4), ArgumentError, r"the kernel of a Conv2D.*received \(9, 4\)"),
        ({"bank": ["sobl"]}, None, UnknownNameError, "Did you mean 'sobel'"),
        ({"data": [1, 2]}, None, DataError, r"images \(n, height, width\)"),
        ({"data": np.full((1, 4, 4), np.nan)}, None, DataError, "finite pixels"),
        ({"data": np.zeros((1, 4, 4))}, (5, 5, 1, 3), ArgumentError, "fits into the images"),
        ({"seed": -1}, None, ArgumentError, "seed must be"),
    ],
)
def test_errors(
    arguments: dict[str, Any], shape: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        KnownGood(**arguments)(shape)
