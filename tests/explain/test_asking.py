from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago.errors import DataError
from galago.explain import asking
from galago.explain.asking import as_batch, in_parts, parts_of


@pytest.mark.parametrize(
    ("count", "numbers"), [(1, 1), (7, 1), (7, 10**9), (10, asking.AT_ONCE // 3)]
)
def test_parts_hold_every_image_once(count: int, numbers: int) -> None:
    parts = parts_of(count, numbers)
    assert [n for part in parts for n in range(part.start, part.stop)] == list(range(count))
    assert all((part.stop - part.start) * numbers <= max(asking.AT_ONCE, numbers) for part in parts)


def test_outputs_in_parts(trained: Any, images: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = [trained.layers[0].output, trained.layers[-1].output]
    x = as_batch(images[0][:10], trained)
    whole = galago.Model(trained.inputs, tensors).predict(x, verbose=0)
    monkeypatch.setattr(asking, "AT_ONCE", 15_000)
    places, found = zip(*in_parts(trained, tensors, x, False, "Asking"), strict=True)
    assert len(places) == 4 and places[-1] == slice(9, 10)
    for output, parts in zip(whole, zip(*found, strict=True), strict=True):
        np.testing.assert_array_equal(np.concatenate(parts), output)


def test_images_of_any_usual_shape(trained: Any) -> None:
    for shape in [(28, 28), (28, 28, 1), (1, 28, 28), (1, 28, 28, 1)]:
        assert as_batch(np.zeros(shape), trained).shape == (1, 28, 28, 1)
    for shape in [(0, 28, 28), (28, 27), (2, 2, 28, 28)]:
        with pytest.raises(DataError, match=r"expected images of shape \(28, 28, 1\)"):
            as_batch(np.zeros(shape), trained)
