"""Compiled models whose files go between Galago and each version of Keras: `k` is either.

Every layer, optimizer, schedule, regularizer, constraint, loss, metric, initializer and activation,
most of them from the cases of other tests, and models that branch, nest and share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import keras_file_cases
import keras_losses
import keras_metrics
import keras_models
import keras_optimizers
import layer_cases
import numpy as np
import several_outputs

ROWS, FEATURES = 8, 5
#: Of SGD: small enough for three steps of any layer.
RATE = 2.0**-9
SPARSE = "sparse_categorical_crossentropy"


class Case(NamedTuple):
    """How to make a compiled model, and its examples and labels, which follow from the model."""

    make: Callable[[Any], Any]
    data: Callable[[Any], tuple[Any, Any]]
    #: Whether training draws random numbers, which are other ones in Keras.
    random: bool = False


ACTIVATIONS = (
    "linear",
    "relu",
    "softmax",
    "sigmoid",
    "tanh",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "softplus",
    "softsign",
    "hard_sigmoid",
    "exponential",
)
INITIALIZERS: Mapping[str, dict[str, Any]] = {
    "Constant": {"value": 0.25},
    "GlorotNormal": {"seed": 1},
    "GlorotUniform": {"seed": 2},
    "HeNormal": {"seed": 3},
    "HeUniform": {},
    "Identity": {"gain": 0.5},
    "LecunNormal": {},
    "LecunUniform": {"seed": 4},
    "Ones": {},
    "Orthogonal": {"gain": 1.5, "seed": 5},
    "RandomNormal": {"mean": 0.125, "stddev": 0.25},
    "RandomUniform": {"minval": -0.25, "maxval": 0.5, "seed": 6},
    "TruncatedNormal": {"stddev": 0.25},
    "VarianceScaling": {"scale": 2.0, "mode": "fan_out", "distribution": "uniform"},
    "Zeros": {},
}
#: The last activation of a metric's model, by the kind of its outputs.
OUTPUTS = {
    "answers": "relu",
    "chances": "sigmoid",
    "numbers": "linear",
    "others": "linear",
    "shares": "softmax",
}


def numbers(model: Any) -> tuple[Any, Any]:
    """Examples and labels of a model with one input and one output of numbers."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(ROWS, *model.input_shape[1:])).astype(np.float32)
    return x, rng.normal(size=(ROWS, *model.output_shape[1:])).astype(np.float32)


def row(k: Any, units: int, activation: str, **options: Any) -> Any:
    """Two dense layers; the arguments are those of the first."""
    first = k.layers.Dense(FEATURES, activation="tanh", **options)
    return k.Sequential([k.Input((FEATURES,)), first, k.layers.Dense(units, activation=activation)])


def _compiled(model: Any, *arguments: Any, **options: Any) -> Any:
    model.compile(*arguments, **options)
    return model


def _layer(name: str) -> Case:
    def make(k: Any) -> Any:
        model = layer_cases.layer_and_model(k, name)[1]
        layer_cases.start(model)
        return _compiled(model, k.optimizers.SGD(RATE), "mse")

    return Case(make, numbers, layer_cases.CASES[name].random)


def _optimizer(name: str) -> Case:
    case = keras_optimizers.CASES[name]

    def make(k: Any) -> Any:
        model = keras_optimizers.model(k, case)
        return _compiled(model, case.optimizer(k), "mse")

    return Case(make, numbers)


def _loss(name: str) -> Case:
    case = keras_losses.CASES[name]

    def make(k: Any) -> Any:
        listed = list(case.metrics)
        model = keras_losses.make(k, case)
        return _compiled(model, "sgd", case.loss(k), metrics=listed, weighted_metrics=listed)

    def data(model: Any) -> tuple[Any, Any]:
        return numbers(model)[0], keras_losses.labels(case, tuple(model.output_shape[1:]))[:ROWS]

    return Case(make, data)


def _metric(name: str) -> Case:
    case = keras_metrics.CASES[name]
    answers = case.outputs == "answers"
    sparse = case.labels == "classes" and not answers

    def make(k: Any) -> Any:
        metric = getattr(k.metrics, case.name)(**case.options)
        model = row(k, 1 if answers else keras_metrics.CLASSES, OUTPUTS[case.outputs])
        if answers:  # has to be whole numbers
            model.layers[-1].set_weights([np.zeros((FEATURES, 1)), np.full(1, 2.0)])
            model.layers[-1].trainable = False
        logits = case.outputs == "others"
        loss = k.losses.SparseCategoricalCrossentropy(from_logits=logits) if sparse else "mse"
        return _compiled(model, "sgd", loss, metrics=[metric])

    def data(model: Any) -> tuple[Any, Any]:
        y = keras_metrics.made(case.labels, np.random.default_rng(4), ROWS)
        return numbers(model)[0], y[:, None] if answers else y

    return Case(make, data)


def _initializer(name: str) -> Case:
    def make(k: Any) -> Any:
        made = getattr(k.initializers, name)(**INITIALIZERS[name])
        return _compiled(row(k, 2, "linear", kernel_initializer=made), "sgd", "mse")

    return Case(make, numbers)


def _activation(name: str) -> Case:
    def make(k: Any) -> Any:
        model = row(k, 4, name)
        model.add(k.layers.Dense(3, activation="tanh"))
        model.add(k.layers.Activation(name))
        return _compiled(model, k.optimizers.SGD(RATE), "mse")

    return Case(make, numbers)


def _training(name: str) -> Case:
    case = keras_models.CASES[name]

    def make(k: Any) -> Any:
        return _compiled(case.make(k), k.optimizers.SGD(RATE, momentum=0.5), case.loss)

    def data(model: Any) -> tuple[Any, Any]:
        x, y = keras_models.data(case, model.input_shape[1:], model.output_shape[-1])
        return x.astype(np.float32), y

    return Case(make, data)


def _several(name: str) -> Case:
    told, named, _ = several_outputs.CASES[name]

    def data(model: Any) -> tuple[Any, Any]:
        x, y, _ = several_outputs.data()
        return x, dict(zip("abc", y, strict=True)) if named else y

    return Case(
        lambda k: _compiled(several_outputs.model(k, named=named), k.optimizers.SGD(RATE), **told),
        data,
    )


def _file(name: str) -> Case:
    def make(k: Any) -> Any:
        optimizer = keras_file_cases.OPTIMIZERS.get(name, lambda k: "adam")(k)
        return _compiled(keras_file_cases.CASES[name](k), optimizer, SPARSE, metrics=["accuracy"])

    return Case(make, lambda model: keras_file_cases.data(model.input_shape))


def _without(known: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    return {name: case for name, case in known.items() if name not in names}


#: Metrics that give several numbers are not for compile() of Galago.
SEVERAL_NUMBERS = (
    "Precision thresholds=[0.75, 0.25]",
    "Recall thresholds=[0.125, 0.5, 0.875]",
    "FalsePositives thresholds=[0.25, 0.5]",
    "F1Score",
    "R2Score class_aggregation=None",
)

# What an optimizer leaves out of its decay is in no file.
_FAMILIES: Mapping[str, tuple[Callable[[str], Case], Mapping[str, Any]]] = {
    "model": (_file, keras_file_cases.CASES),
    "training": (_training, keras_models.CASES),
    "several": (_several, several_outputs.CASES),
    "layer": (_layer, layer_cases.CASES),
    "activation": (_activation, dict.fromkeys(ACTIVATIONS)),
    "initializer": (_initializer, INITIALIZERS),
    "optimizer": (_optimizer, _without(keras_optimizers.CASES, "adamw_excluded")),
    "loss": (_loss, keras_losses.CASES),
    "metric": (_metric, _without(keras_metrics.CASES, *SEVERAL_NUMBERS)),
}
CASES: Mapping[str, Case] = {
    f"{family} {name}": make(name) for family, (make, known) in _FAMILIES.items() for name in known
}
