"""What a model takes, and the parts of a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from galago import losses
from galago.errors import ArgumentError, DataError
from galago.training.format import Format, Given, unpacked

X, Y = np.zeros((3, 2), np.float32), np.arange(3)
CLASSES = Format({"in": (2,)}, losses.SparseCategoricalCrossentropy(), 3, "Dense 'dense'")


@pytest.mark.parametrize(
    ("batch", "parts"),
    [
        (X, Given(X)),
        ((X,), Given(X)),
        ([X], Given(X)),
        ((X, Y), Given(X, Y)),
        ([X, Y], Given(X, Y)),
        ((X, Y, None), Given(X, Y)),
        ((X, Y, Y), Given(X, Y, Y)),
    ],
)
def test_a_batch(batch: Any, parts: Given) -> None:
    found = unpacked(batch, "fit()")
    assert all(one is other for one, other in zip(found, parts, strict=True))


@pytest.mark.parametrize("count", [0, 4])
def test_a_batch_of_something_else(count: int) -> None:
    with pytest.raises(DataError) as caught:
        unpacked((X,) * count, "fit(), batch 2")
    assert str(caught.value) == (
        "fit(), batch 2: expected a batch as (x, y) or (x, y, sample_weight), received "
        f"{count} values. Yield one tuple for each batch."
    )


def test_labels_are_read_where_there_is_a_loss() -> None:
    examples = CLASSES.examples(Given(X, Y), "fit()")
    assert examples.x[0] is X
    assert examples.y.tolist() == [0, 1, 2]
    assert Format({"in": (2,)}).examples(Given(X, "no labels"), "predict()").y.size == 0


@pytest.mark.parametrize(
    ("takes", "given", "name"),
    [
        (CLASSES, Given(X, Y, np.ones(3)), "validation sample_weight"),
        (Format({"in": (2,)}, CLASSES.loss, 3, "", {0: 1.0}), Given(X, Y), "class_weight"),
    ],
)
def test_weights_are_refused(takes: Format, given: Given, name: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        takes.examples(given, "fit()", "validation ")
    assert str(caught.value) == (
        f"fit(): expected examples of equal weight, received {name}. Weights are not supported; "
        "leave them out."
    )
    assert takes.validating.examples(given._replace(weights=None), "fit()").rows == 3
