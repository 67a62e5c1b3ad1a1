from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago.explain import explain_unit
from galago.explain.patches import patches


def test_windows_of_a_convolution_are_slices_of_its_input_and_kernel() -> None:
    layer = galago.layers.Conv2D(2, (2, 3), dilation_rate=2, input_shape=(7, 9, 3), name="maps")
    model = galago.Sequential([layer])
    image = np.random.default_rng(0).normal(size=(7, 9, 3)).astype(np.float32)
    unit = explain_unit(model, image, "maps", 3, 2, 1)
    found = patches(unit.source)
    kernel = layer.get_weights()[0].astype(np.float64)
    assert sorted(patch.channel for patch in found) == [0, 1, 2]
    for patch in found:
        values = image[3:6:2, 2:7:2, patch.channel].astype(np.float64)
        np.testing.assert_array_equal(patch.values, values)
        np.testing.assert_array_equal(patch.weights, kernel[:, :, patch.channel, 1])
        assert patch.total == pytest.approx((patch.values * patch.weights).sum())
        assert patch.winner is None
    sizes = [abs(patch.total) for patch in found]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(patch.total for patch in found) == pytest.approx(unit.value, abs=1e-6)


def test_the_winner_of_a_pool() -> None:
    model = galago.Sequential([galago.layers.MaxPooling2D(2, input_shape=(4, 4, 1), name="pool")])
    (patch,) = patches(explain_unit(model, np.arange(16.0).reshape(4, 4), "pool", 0, 1, 0).source)
    assert patch.values.tolist() == [[2, 3], [6, 7]] and patch.winner == (1, 1)


def test_at_a_border_a_window_is_smaller() -> None:
    layer = galago.layers.Conv2D(1, 3, padding="same", input_shape=(4, 4, 1), name="maps")
    model = galago.Sequential([layer])
    (patch,) = patches(explain_unit(model, np.ones((4, 4)), "maps", 0, 3, 0).source)
    np.testing.assert_allclose(patch.weights, layer.get_weights()[0][1:, :2, 0, 0])


@pytest.mark.parametrize("layer", ["dense", "flatten", "input_layer"])
def test_what_reads_no_window_has_none(layer: str, trained: Any, images: Any) -> None:
    place = (14, 14, 0) if layer == "input_layer" else (3,)
    assert patches(explain_unit(trained, images[0][0], layer, *place).source) == []
