"""Losses by name and as objects."""

from __future__ import annotations

import pytest

from galago import losses
from galago.errors import ArgumentError, UnknownNameError


@pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("sparse_categorical_crossentropy", losses.SparseCategoricalCrossentropy),
        ("categorical_crossentropy", losses.CategoricalCrossentropy),
        ("binary_crossentropy", losses.BinaryCrossentropy),
        ("mean_squared_error", losses.MeanSquaredError),
        ("mse", losses.MeanSquaredError),
        ("MSE", losses.MeanSquaredError),
    ],
)
def test_get_by_name(name: str, loss: type[losses.Loss]) -> None:
    found = losses.get(name)
    assert type(found) is loss
    assert found.from_logits is False


def test_get_by_object() -> None:
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    assert losses.get(loss) is loss
    assert loss.from_logits is True
    assert loss.kind == "sparse_categorical_crossentropy"


def test_unknown_name() -> None:
    with pytest.raises(UnknownNameError) as caught:
        losses.get("sparse_categorical_crossentrop")
    assert str(caught.value) == (
        "compile(): expected a known loss, received 'sparse_categorical_crossentrop'. Did you mean "
        "'sparse_categorical_crossentropy'? Known: sparse_categorical_crossentropy, "
        "categorical_crossentropy, binary_crossentropy, mean_squared_error, mse."
    )
    with pytest.raises(UnknownNameError, match=r"^compile\(\): expected a known loss, received 3."):
        losses.get(3)


def test_a_class_is_not_a_loss() -> None:
    with pytest.raises(ArgumentError) as caught:
        losses.get(losses.MeanSquaredError)
    assert str(caught.value) == (
        "compile(): expected a loss, received the class MeanSquaredError. "
        "Add parentheses: loss=MeanSquaredError()."
    )


def test_from_logits_is_a_bool() -> None:
    with pytest.raises(ArgumentError, match="BinaryCrossentropy: from_logits must be True or"):
        losses.BinaryCrossentropy(from_logits=1)  # type: ignore[arg-type]
