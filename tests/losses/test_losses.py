"""Losses by name and as objects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from galago import losses
from galago.errors import ArgumentError, DataError, UnknownNameError


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
        "'sparse_categorical_crossentropy'? Known: "
        "sparse_categorical_crossentropy, categorical_crossentropy, binary_crossentropy, "
        "mean_squared_error, mean_absolute_error, mean_absolute_percentage_error, "
        "mean_squared_logarithmic_error, huber, log_cosh, kl_divergence, poisson, hinge, "
        "squared_hinge, categorical_hinge, cosine_similarity, binary_focal_crossentropy, "
        "categorical_focal_crossentropy, bce, kld, mae, mape, mse, msle."
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


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losses.MeanSquaredError(reduction="average"), "expected a known reduction"),
        (lambda: losses.CosineSimilarity(axis=0), "expected axis=-1"),
        (
            lambda: losses.BinaryCrossentropy(label_smoothing=2.0),
            "label_smoothing must be a finite number from 0 to 1",
        ),
        (lambda: losses.MeanSquaredError(name=""), "name must be a string that is not empty"),
        (
            lambda: losses.SparseCategoricalCrossentropy(ignore_class=2**40),
            "ignore_class must be at most 2147483647, received 1099511627776. Pass a label such",
        ),
        (
            lambda: losses.mean_squared_error(np.zeros((2, 3)), np.zeros((2, 4))),
            r"expected y_true and y_pred of one shape, received \(2, 3\) and \(2, 4\). Bring",
        ),
        (
            lambda: losses.MeanSquaredError()(np.zeros((2, 3)), np.zeros((2, 3)), np.ones(3)),
            r"expected sample_weight to have one value for each of \(2,\), received shape \(3,\).",
        ),
    ],
)
def test_wrong_arguments(make: Any, message: str) -> None:
    with pytest.raises((ArgumentError, DataError), match=message):
        make()


def test_a_loss_of_the_users_own_is_refused() -> None:
    class Mine(losses.Loss):
        kind = "mine"

    for loss in (Mine(), losses.Loss.call):
        with pytest.raises(ArgumentError, match="which the engine cannot differentiate"):
            losses.get(loss)


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        ("sum_over_batch_size", 1.25),
        ("mean", 1.25),
        ("sum", 2.5),
        ("mean_with_sample_weight", 1.25 / 0.75),
    ],
)
def test_reductions(reduction: str, expected: float) -> None:
    loss = losses.MeanSquaredError(reduction)
    y, p = np.zeros((2, 1)), np.array([[1.0], [np.sqrt(3)]])
    assert loss(y, p, [1.0, 0.5]) == pytest.approx(expected)
    assert losses.MeanSquaredError("mean_with_sample_weight")(y, p, [0, 0]) == 0


@pytest.mark.parametrize("reduction", [None, "none"])
def test_no_reduction(reduction: str | None) -> None:
    loss = losses.MeanSquaredError(reduction)
    assert loss([[0.0], [0.0]], np.array([[1.0], [2.0]]), [1.0, 0.5]).tolist() == [1.0, 2.0]


def test_ignored_labels_do_not_count() -> None:
    p = np.array([[0.25, 0.75], [0.5, 0.5], [0.125, 0.875]])
    loss = losses.SparseCategoricalCrossentropy(ignore_class=255)
    expected = -(np.log(0.25) + np.log(0.875)) / 2
    assert loss([0, 255, 1], p) == pytest.approx(expected)
    weighted = -(2 * np.log(0.25) + np.log(0.875)) / 2
    assert loss([0, 255, 1], p, [2, 5, 1]) == pytest.approx(weighted)
    assert loss([255, 255, 255], p) == 0
    summed = losses.SparseCategoricalCrossentropy(ignore_class=255, reduction="sum")
    assert summed([0, 255, 1], p) == pytest.approx(2 * expected)


def test_functions_and_class_names_are_known() -> None:
    assert type(losses.get(losses.huber)) is losses.Huber
    assert type(losses.get("KLDivergence")) is losses.KLDivergence
    assert losses.get("huber").name == "huber_loss"
