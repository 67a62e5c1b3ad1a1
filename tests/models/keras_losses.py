"""Small models with every loss, with weights of examples, for Keras and for Galago alike.

`tools/make_keras_losses.py` trains them with Keras; test_keras_losses.py does the same with Galago
and compares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROWS, VALIDATION, BATCH, EPOCHS, CLASSES = 11, 5, 4, 2, 3


class Case(NamedTuple):
    """A loss, made with `k` (keras or galago); the last activation and the kind of labels."""

    loss: Callable[[Any], Any]
    activation: str
    labels: str
    metrics: tuple[str, ...] = ()
    weights: str = "examples"  # "examples", "classes", "none" or, of maps, "places"
    map: bool = False


def named(name: str, **options: Any) -> Callable[[Any], Any]:
    """A loss by its class name."""
    return lambda k: getattr(k.losses, name)(**options)


CASES: dict[str, Case] = {
    "mean_squared_error": Case(named("MeanSquaredError"), "linear", "numbers", ("mae",)),
    "mean_absolute_error": Case(named("MeanAbsoluteError"), "linear", "numbers", ("mse",)),
    "percentage": Case(named("MeanAbsolutePercentageError"), "linear", "positive"),
    "logarithmic": Case(named("MeanSquaredLogarithmicError"), "linear", "positive"),
    "huber": Case(named("Huber", delta=0.5), "linear", "numbers"),
    "log_cosh": Case(named("LogCosh"), "linear", "numbers"),
    "poisson": Case(named("Poisson"), "softplus", "positive"),
    "kl_divergence": Case(named("KLDivergence"), "softmax", "shares"),
    "hinge": Case(named("Hinge"), "linear", "yes", ("binary_accuracy",)),
    "squared_hinge": Case(named("SquaredHinge"), "tanh", "signs"),
    "categorical_hinge": Case(named("CategoricalHinge"), "linear", "one_hot", ("accuracy",)),
    "cosine_similarity": Case(named("CosineSimilarity"), "linear", "numbers"),
    "focal": Case(named("BinaryFocalCrossentropy"), "sigmoid", "yes"),
    "focal_balanced": Case(
        named(
            "BinaryFocalCrossentropy",
            apply_class_balancing=True,
            alpha=0.75,
            gamma=1.5,
            from_logits=True,
            label_smoothing=0.125,
        ),
        "linear",
        "yes",
    ),
    "categorical_focal": Case(named("CategoricalFocalCrossentropy"), "softmax", "one_hot"),
    "categorical_focal_logits": Case(
        named(
            "CategoricalFocalCrossentropy",
            alpha=0.5,
            gamma=2.5,
            from_logits=True,
            label_smoothing=0.25,
        ),
        "linear",
        "one_hot",
    ),
    "binary_smoothed": Case(
        named("BinaryCrossentropy", label_smoothing=0.25), "sigmoid", "yes", ("accuracy",)
    ),
    "categorical_smoothed": Case(
        named("CategoricalCrossentropy", label_smoothing=0.25, from_logits=True),
        "linear",
        "one_hot",
    ),
    "sparse": Case(
        named("SparseCategoricalCrossentropy"),
        "softmax",
        "classes",
        ("accuracy", "sparse_categorical_crossentropy"),
    ),
    "sparse_ignored": Case(
        named("SparseCategoricalCrossentropy", ignore_class=1), "softmax", "classes", ("accuracy",)
    ),
    "classes_sparse": Case(
        named("SparseCategoricalCrossentropy"), "softmax", "classes", ("accuracy",), "classes"
    ),
    "classes_one_hot": Case(
        named("CategoricalCrossentropy"), "softmax", "one_hot", ("accuracy",), "classes"
    ),
    "sum": Case(named("MeanSquaredError", reduction="sum"), "linear", "numbers"),
    "weighted_mean": Case(
        named("MeanSquaredError", reduction="mean_with_sample_weight"), "linear", "numbers"
    ),
    "unweighted": Case(named("LogCosh"), "linear", "numbers", ("mae",), "none"),
    "map": Case(named("MeanSquaredError"), "linear", "numbers", ("mae",), "none", True),
    "map_of_classes": Case(
        named("SparseCategoricalCrossentropy"), "softmax", "classes", ("accuracy",), "none", True
    ),
    "map_of_places": Case(named("Huber"), "linear", "numbers", ("mse",), "places", True),
}
CLASS_WEIGHT = {0: 2.0, 2: 0.5}


def make(k: Any, case: Case) -> Any:
    """The model of a case."""
    if case.map:
        layers = [k.layers.Input((4, 5, 2)), k.layers.Conv2D(4, 2, activation="tanh")]
        last = k.layers.Conv2D(CLASSES, 2, padding="same", activation=case.activation)
    else:
        layers = [k.layers.Input((5,)), k.layers.Dense(4, activation="tanh")]
        last = k.layers.Dense(CLASSES, activation=case.activation)
    return k.Sequential([*layers, last])


def labels(case: Case, shape: tuple[int, ...]) -> NDArray[Any]:
    """Labels of a kind for outputs of a shape."""
    rng = np.random.default_rng(5)
    size = (ROWS + VALIDATION, *shape)
    classes = rng.integers(0, CLASSES, size[:-1])
    kinds: dict[str, Callable[[], NDArray[Any]]] = {
        "classes": lambda: classes,
        "one_hot": lambda: np.eye(CLASSES)[classes],
        "numbers": lambda: rng.normal(size=size),
        "positive": lambda: rng.random(size) + 0.25,
        "shares": lambda: rng.dirichlet(np.ones(CLASSES), size[:-1]),
        "yes": lambda: rng.integers(0, 2, size).astype(np.float64),
        "signs": lambda: 2.0 * rng.integers(0, 2, size) - 1,
    }
    return kinds[case.labels]()


def train(k: Any, name: str) -> dict[str, Array]:
    """What a case gives: the history, an evaluation, and the weights at the end."""
    case = CASES[name]
    model = make(k, case)
    shape = tuple(model.output_shape[1:])
    rng = np.random.default_rng(6)
    x = rng.normal(size=(ROWS + VALIDATION, *model.input_shape[1:]))
    y = labels(case, shape)
    model.set_weights([rng.normal(size=w.shape) / 2 for w in model.get_weights()])
    places = shape[:-1] if case.weights == "places" else ()
    w = rng.random((ROWS + VALIDATION, *places)) * 2
    listed = list(case.metrics)
    model.compile(
        optimizer=k.optimizers.SGD(0.125),
        loss=case.loss(k),
        metrics=listed,
        weighted_metrics=listed[::-1],
    )
    weighted = case.weights in ("examples", "places")
    how: dict[str, Any] = {"sample_weight": w[:ROWS]} if weighted else {}
    if case.weights == "classes":
        how = {"class_weight": CLASS_WEIGHT}
    rest = (x[ROWS:], y[ROWS:], w[ROWS:]) if weighted else (x[ROWS:], y[ROWS:])
    history = model.fit(
        x[:ROWS],
        y[:ROWS],
        batch_size=BATCH,
        epochs=EPOCHS,
        verbose=0,
        shuffle=False,
        validation_data=rest,
        **how,
    ).history
    again = model.evaluate(
        x,
        y,
        batch_size=BATCH,
        verbose=0,
        return_dict=True,
        sample_weight=w if weighted else None,
    )
    found = {key: np.array(values, np.float64) for key, values in history.items()}
    found |= {f"again_{key}": np.array(value, np.float64) for key, value in again.items()}
    return found | {f"weight{i}": np.asarray(w) for i, w in enumerate(model.get_weights())}
