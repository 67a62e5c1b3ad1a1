"""What a model takes, and the parts of a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from galago import losses
from galago.errors import ArgumentError, DataError
from galago.training.format import Format, Given, Labels, unpacked

X, Y = np.zeros((3, 2), np.float32), np.arange(3)
LABELS = Labels("out", (3,), losses.SparseCategoricalCrossentropy(), "Dense 'dense'")
CLASSES = Format({"in": (2,)}, [LABELS])
VALUES = Labels("other", (1,), losses.MeanSquaredError(), "Dense 'value'")
BOTH = Format({"in": (2,)}, [LABELS, VALUES, Labels("rest", (4,), None, "Dense 'rest'")])


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
    assert examples.y[0].tolist() == [0, 1, 2]
    assert Format({"in": (2,)}).examples(Given(X, "no labels"), "predict()").y == ()


def test_labels_of_several_outputs() -> None:
    values = np.ones((3, 1))
    for given in ([Y, values, None], {"other": values, "out": Y, "rest": None}):
        examples = BOTH.examples(Given(X, given), "fit()")
        assert [labels.shape for labels in examples.y] == [(3,), (3, 1), (3, 0)]


def test_weights() -> None:
    weights = np.arange(3, dtype=np.float32)
    found = CLASSES.examples(Given(X, Y, weights), "fit()").weights
    assert found is not None
    assert found[0] is weights
    given = Given(X, [Y, np.ones(3), None], weights)
    found = BOTH.examples(given, "fit()").weights
    assert found is not None
    assert [one is weights for one in found] == [True] * 3
    found = BOTH.examples(given._replace(weights={"out": None, "other": weights, "rest": None}), "")
    assert found.weights is not None
    assert [one is None for one in found.weights] == [True, False, True]
    by_class = Format({"in": (2,)}, [LABELS], {1: 4.0})
    found = by_class.examples(Given(X, Y), "fit()")
    assert found.weights is not None
    assert found.weights[0] is not None
    assert found.weights[0].tolist() == [1.0, 4.0, 1.0]
    assert by_class.validating.examples(Given(X, Y), "fit()").weights is None


@pytest.mark.parametrize(
    ("takes", "given", "message"),
    [
        (
            Format({"in": (2,)}, [LABELS], {0: 1.0}),
            Given(X, Y, np.ones(3)),
            "fit(): expected class_weight or sample_weight, received both. Multiply them into one "
            "sample_weight.",
        ),
        (
            Format({"in": (2,)}, [LABELS, VALUES], {0: 1.0}),
            Given(X, [Y, np.ones(3)]),
            "fit(): expected class_weight for a model with one output, received one with 2. Pass a "
            "sample_weight for each output.",
        ),
        (
            BOTH,
            Given(X, [Y, np.ones((3, 2)), None]),
            "fit(): loss 'mean_squared_error' expects y of 'other' of shape (3, 1), one value for "
            "each output of Dense 'value', received (3, 2). Give the last layer 2 outputs, or "
            "correct the labels.",
        ),
    ],
)
def test_what_does_not_fit(takes: Format, given: Given, message: str) -> None:
    with pytest.raises((ArgumentError, DataError)) as caught:
        takes.examples(given, "fit()")
    assert str(caught.value) == message
