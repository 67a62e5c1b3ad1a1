"""The classifier for scikit-learn: its own checks, its tools, and what it says of mistakes."""

from __future__ import annotations

import pickle
import subprocess
import sys
from functools import cache
from typing import Any
from unittest import SkipTest

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

import galago
from galago import random
from galago.sklearn import ConvNetClassifier

#: Rows that are there several times make other batches than rows with weights.
NOT_MET = "check_sample_weight_equivalence_on_dense_data"
#: What checks say that have nothing to look at here.
NOTHING = ("pandas is not installed", "SCIPY_ARRAY_API is not set")


def name(check: Any) -> str:
    return str(check.func.__name__)


CHECKS = [check for _, check in estimator_checks_generator(ConvNetClassifier())]


@pytest.mark.parametrize("check", [c for c in CHECKS if name(c) != NOT_MET], ids=name)
def test_a_check_of_scikit_learn(check: Any) -> None:
    try:
        check(ConvNetClassifier())
    except SkipTest as reason:
        assert str(reason).startswith(NOTHING)


def test_the_check_that_batches_cannot_meet() -> None:
    (check,) = (check for check in CHECKS if name(check) == NOT_MET)
    with pytest.raises(AssertionError, match="`sample_weight` is not equivalent to fitting with"):
        check(ConvNetClassifier())


@cache
def digits() -> tuple[Any, Any]:
    """Rows of 64 pixels of the first 600 digits, and their labels."""
    x, y = load_digits(return_X_y=True)
    return x[:600], y[:600]


def quick(**arguments: Any) -> ConvNetClassifier:
    return ConvNetClassifier(**{"filters": (8,), "epochs": 3, "random_state": 0, **arguments})


def test_digits() -> None:
    x, y = digits()
    network = ConvNetClassifier(epochs=8, random_state=0).fit(x[:500], y[:500])
    assert network.score(x[500:], y[500:]) > 0.93
    assert network.image_shape_ == (8, 8, 1)
    assert network.classes_.tolist() == list(range(10))
    assert list(network.history_) == ["accuracy", "loss"]
    assert len(network.history_["loss"]) == 8


def test_images_and_rows_of_their_pixels_are_the_same() -> None:
    x, y = digits()
    rows = quick().fit(x, y)
    images = quick().fit(x.reshape(-1, 8, 8), y)
    told = quick(image_shape=(8, 8)).fit(x, y)
    expected = rows.predict_proba(x[:9])
    for network in (rows, images, told):
        assert network.image_shape_ == (8, 8, 1)
        for given in (x[:9], x[:9].reshape(-1, 8, 8), x[:9].reshape(-1, 8, 8, 1)):
            np.testing.assert_array_equal(network.predict_proba(given), expected)


def test_colours_other_shapes_and_bytes() -> None:
    generator = np.random.default_rng(0)
    y = np.arange(60) % 3
    x = generator.integers(0, 100, (60, 6, 9, 3)).astype(np.uint8)
    x[np.arange(60), :, :, y] += 100  # the class is the colour
    network = quick(epochs=10).fit(x, y)
    assert network.image_shape_ == (6, 9, 3)
    assert network.score(x, y) == 1.0
    rows = quick(epochs=10, image_shape=(6, 9, 3)).fit(x.reshape(60, -1), y)
    np.testing.assert_array_equal(rows.predict_proba(x), network.predict_proba(x))
    assert quick().fit(x.reshape(60, -1)[:, :50], y).image_shape_ == (1, 50, 1)


def test_labels_of_any_kind() -> None:
    x, y = digits()
    words = np.array(["odd" if label % 2 else "even" for label in y])
    network = quick(epochs=6).fit(x, words)
    assert network.classes_.tolist() == ["even", "odd"]
    assert network.predict_proba(x).shape == (600, 2)
    assert network.score(x, words) > 0.8
    assert set(network.predict(x)) == {"even", "odd"}


def test_grid_search_pipelines_and_cross_validation() -> None:
    x, y = digits()
    steps = make_pipeline(StandardScaler(), quick())
    grid = {"convnetclassifier__filters": [(4,), (8, 8)], "convnetclassifier__epochs": [1, 4]}
    search = GridSearchCV(steps, grid, cv=2).fit(x, y)
    assert search.best_params_["convnetclassifier__epochs"] == 4
    assert search.score(x, y) > 0.8
    flipped = make_pipeline(FunctionTransformer(lambda rows: rows[:, ::-1]), quick(epochs=6))
    assert cross_val_score(flipped, x, y, cv=2).mean() > 0.6


def test_pickles_predict_the_same() -> None:
    x, y = digits()
    network = quick().fit(x, y)
    again = pickle.loads(pickle.dumps(network))
    np.testing.assert_array_equal(again.predict_proba(x), network.predict_proba(x))
    assert again.history_ == network.history_
    assert not hasattr(clone(again), "model_")


def test_the_random_state_decides_and_the_programs_own_goes_on() -> None:
    x, y = digits()
    galago.set_seed(5)
    before = random.get_state()
    first, second = (quick(dropout=0.2).fit(x, y).predict_proba(x) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert random.get_state() == before
    assert (quick(dropout=0.2, random_state=1).fit(x, y).predict_proba(x) != first).any()


def test_early_stopping() -> None:
    x, y = digits()
    network = quick(epochs=60, early_stopping=True, patience=1, learning_rate=0.02)
    network.fit(x, y, sample_weight=np.ones(600))
    losses = network.history_["val_loss"]
    assert len(losses) < 60
    assert losses[-1] > min(losses)
    assert network.score(x, y) > 0.8


def test_weights_of_examples() -> None:
    x, y = digits()
    weights = np.where(y < 5, 1.0, 0.0)
    network = quick(epochs=6).fit(x, y, sample_weight=weights)
    found = network.predict(x)
    assert (found[y < 5] == y[y < 5]).mean() > 0.8
    assert (found < 5).all()


def test_another_network_and_optimizer() -> None:
    x, y = digits()
    optimizer = galago.optimizers.SGD(momentum=0.9)
    network = quick(
        model=galago.applications.small_cnn, optimizer=optimizer, learning_rate=0.02, epochs=6
    ).fit(x, y)
    assert network.model_.get_layer(index=-1).name == "small_cnn"
    assert network.model_.optimizer.learning_rate == 0.02
    assert optimizer.learning_rate == 0.01
    assert network.score(x, y) > 0.7


def test_a_fitted_model_takes_raw_pixels_and_can_be_saved(tmp_path: Any) -> None:
    x, y = digits()
    network = quick().fit(x, y)
    path = tmp_path / "digits.keras"
    network.model_.save(path)
    loaded = galago.models.load_model(path)
    found = loaded.predict(x.reshape(-1, 8, 8, 1), verbose=0)
    np.testing.assert_allclose(found, network.predict_proba(x), atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_shape": (8, 9)}, r"expected image_shape as \(height, width\) or .* of 64 pixels"),
        ({"image_shape": (64,)}, r"of 64 pixels, received \(64,\)\. Correct it, or leave it out"),
        ({"filters": (8, 0)}, "every size of filters must be a whole number of at least 1"),
        ({"kernel_size": 0}, "kernel_size must be one positive int"),
        ({"dropout": 1.5}, "rate must be"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1, received 0"),
        ({"early_stopping": 1}, "early_stopping must be True or False, received 1"),
        ({"optimizer": "adamm"}, "expected a known optimizer, received 'adamm'. Did you mean"),
        (
            {"model": lambda input_shape, classes: galago.applications.dense_baseline()},
            "expected input shape",
        ),
        (
            {"model": lambda input_shape, classes: galago.layers.Flatten()},
            r"expected a model whose output shape is \(None, 10\), a column for each class, rec",
        ),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    x, y = digits()
    with pytest.raises(ValueError, match=message):
        quick(**arguments).fit(x, y)


def test_wrong_data() -> None:
    x, y = digits()
    with pytest.raises(ValueError, match=r"of two classes or more, received one class, 0\. Add"):
        quick().fit(x, np.zeros(600, int))
    network = quick(epochs=1).fit(x, y)
    with pytest.raises(ValueError, match=r"images of shape \(8, 8, 1\), as in fit\(\), received"):
        network.predict(x.reshape(-1, 4, 16))
    with pytest.raises(ValueError, match="X has 16 features, but ConvNetClassifier is expecting 6"):
        network.predict(x.reshape(-1, 16))


def test_without_scikit_learn() -> None:
    code = "import sys; sys.modules['sklearn'] = None; import galago.sklearn"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == (
        "galago.errors.MissingPackageError: Expected scikit-learn 1.6 or newer, which "
        "galago.sklearn works with, but it is not installed. Run: pip install 'galago[sklearn]', "
        "or pip install scikit-learn."
    )
