"""Trainings of models with several inputs and outputs, in Keras and in Galago: `k` is either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

#: Three whole batches: a smaller last one counts in Keras's means of outputs' losses as much as the
#: others on TensorFlow, by its size on JAX.
ROWS, CLASSES = 12, 3


def model(k: Any, *, named: bool) -> Any:
    """Two inputs through one layer, three outputs of which one is on the way to another."""
    la = k.layers
    left, right = k.Input((4,), name="left"), k.Input((4,), name="right")
    shared = la.Dense(5, activation="tanh", name="shared")
    joined = la.Concatenate(name="joined")([shared(left), shared(right)])
    classes = la.Dense(CLASSES, activation="softmax", name="zeta")(joined)
    value = la.Dense(1, name="beta")(la.Dense(4, activation="relu", name="hidden")(joined))
    outputs = {"a": classes, "b": value, "c": joined} if named else [classes, value, joined]
    return k.Model([left, right], outputs)


def weights(shapes: list[tuple[int, ...]]) -> list[Any]:
    """The same start for both."""
    random = np.random.default_rng(5)
    return [random.normal(scale=0.5, size=shape) for shape in shapes]


def data() -> tuple[list[Any], list[Any], list[Any]]:
    """Inputs, labels and weights of examples."""
    random = np.random.default_rng(6)
    x = [random.normal(size=(ROWS, 4)) for _ in range(2)]
    y = [random.integers(0, CLASSES, ROWS), random.random((ROWS, 1)), random.random((ROWS, 10))]
    return x, y, [random.random(ROWS) + 0.5 for _ in range(3)]


SPARSE = "sparse_categorical_crossentropy"
#: What compile() is told, whether outputs have names, and whether examples have weights.
CASES: Mapping[str, tuple[dict[str, Any], bool, bool]] = {
    "lists": (
        {
            "loss": [SPARSE, "mse", "mse"],
            "loss_weights": [1.0, 0.5, 0.25],
            "metrics": [["accuracy"], ["mae", "mse"], []],
        },
        False,
        False,
    ),
    "names": (
        {
            "loss": {"a": SPARSE, "b": "mae", "c": "mse"},
            "metrics": {"b": ["mse"], "a": ["accuracy"]},
            "weighted_metrics": {"a": ["accuracy"]},
        },
        True,
        True,
    ),
    "layers": ({"loss": {"zeta": SPARSE, "beta": "mse", "joined": "mse"}}, False, True),
    "in part": ({"loss": [SPARSE, None, "mse"]}, False, False),
}


def trained(k: Any, case: str) -> dict[str, Any]:
    """History, evaluation and weights of two epochs."""
    told, named, weighted = CASES[case]
    made = model(k, named=named)
    made.set_weights(weights([weight.shape for weight in made.weights]))
    made.compile(k.optimizers.SGD(0.125), **told)
    x, y, counts = data()
    names = ["a", "b", "c"]  # in order: Keras takes weights in a dictionary by their sorted names
    labels: Any = dict(zip(names, y, strict=True)) if named else y
    given: Any = dict(zip(names, counts, strict=True)) if named else counts
    options = {"sample_weight": given} if weighted else {}
    history = made.fit(x, labels, batch_size=4, epochs=2, shuffle=False, verbose=0, **options)
    evaluated = made.evaluate(x, labels, batch_size=4, verbose=0)
    return {
        "history": {name: [float(v) for v in values] for name, values in history.history.items()},
        "evaluated": [float(value) for value in evaluated],
        "weights": [np.asarray(weight).tolist() for weight in made.get_weights()],
    }
