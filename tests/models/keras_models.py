"""Small models of every layer, written for Keras and for Galago alike, and how to train them.

`tools/make_keras_training.py` trains them with Keras; test_keras_training.py does the same with
Galago and compares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROWS, VALIDATION, BATCH, EPOCHS = 10, 4, 4, 3


class Case(NamedTuple):
    """A model, made with `k` (keras or galago), its loss and optimizer, and its kind of labels.

    Keras rounds some settings of optimizers to float32; those here have few bits.
    """

    make: Callable[[Any], Any]
    loss: str
    optimizer: Callable[[Any], Any]
    labels: str


def residual(k: Any) -> Any:
    inputs = k.layers.Input((7, 6, 2))
    x = k.layers.Conv2D(4, 3, padding="same", use_bias=False)(inputs)
    first = k.layers.ReLU()(k.layers.BatchNormalization(momentum=0.9)(x))
    x = k.layers.DepthwiseConv2D(3, padding="same")(first)
    x = k.layers.BatchNormalization(momentum=0.8, epsilon=0.01)(x)
    x = k.layers.ReLU()(k.layers.Add()([x, first]))
    shortcut = k.layers.Conv2D(6, 1, 2)(x)
    x = k.layers.DepthwiseConv2D(3, 2, padding="same", depth_multiplier=2)(x)
    x = k.layers.Concatenate()([x, shortcut])
    x = k.layers.GlobalAveragePooling2D()(x)
    return k.Model(inputs, k.layers.Dense(3, activation="softmax")(x))


def inception(k: Any) -> Any:
    inputs = k.layers.Input((6, 6, 2))
    x = k.layers.ZeroPadding2D(((1, 0), (0, 2)))(inputs)
    wide = k.layers.Conv2D(3, 3, activation="tanh")(x)
    pooled = k.layers.MaxPooling2D(3, 1)(x)
    x = k.layers.Concatenate()([pooled, wide, pooled])
    x = k.layers.SeparableConv2D(4, 3, activation="relu", depth_multiplier=2)(x)
    x = k.layers.BatchNormalization(center=False)(x)
    high, mean = k.layers.GlobalMaxPooling2D()(x), k.layers.GlobalAveragePooling2D()(x)
    return k.Model(inputs, k.layers.Dense(2)(k.layers.Add()([high, mean, mean])))


def frozen(k: Any) -> Any:
    layers = [
        k.layers.Input((6, 6, 2)),
        k.layers.Conv2D(4, 3),
        k.layers.BatchNormalization(trainable=False),
        k.layers.ReLU(),
        k.layers.Conv2D(3, 3, trainable=False),
        k.layers.BatchNormalization(scale=False),
        k.layers.GlobalMaxPooling2D(keepdims=True),
        k.layers.Flatten(),
        k.layers.Dense(3, activation="softmax"),
    ]
    return k.Sequential(layers)


def features(k: Any) -> Any:
    layers = [
        k.layers.Input((5,)),
        k.layers.Dense(7),
        k.layers.BatchNormalization(scale=False, center=False, momentum=0.5),
        k.layers.Activation("relu"),
        k.layers.Dropout(0.0),
        k.layers.Dense(1, activation="sigmoid"),
    ]
    return k.Sequential(layers)


CASES: dict[str, Case] = {
    "residual": Case(
        residual, "sparse_categorical_crossentropy", lambda k: k.optimizers.SGD(0.125), "classes"
    ),
    "inception": Case(inception, "mse", lambda k: k.optimizers.SGD(0.0625), "numbers"),
    "frozen": Case(
        frozen,
        "sparse_categorical_crossentropy",
        lambda k: k.optimizers.SGD(0.125, momentum=0.875),
        "classes",
    ),
    "features": Case(
        features,
        "binary_crossentropy",
        lambda k: k.optimizers.Adam(0.0078125, beta_1=0.875, beta_2=0.96875),
        "yes",
    ),
}


def data(case: Case, shape: tuple[int, ...], outputs: int) -> tuple[Array, NDArray[Any]]:
    """Examples and labels, the last ones for validation."""
    rng = np.random.default_rng(1)
    rows = ROWS + VALIDATION
    x = rng.normal(size=(rows, *shape))
    if case.labels == "classes":
        return x, np.asarray(rng.integers(0, outputs, rows))
    if case.labels == "yes":
        return x, rng.integers(0, 2, (rows, outputs)).astype(np.float64)
    return x, rng.normal(size=(rows, outputs))


def weights(paths: list[str], shapes: list[tuple[int, ...]]) -> list[Array]:
    """Starting values for weights of these names and shapes; variances are positive."""
    rng = np.random.default_rng(2)
    values = [rng.normal(size=shape) / 2 for shape in shapes]
    return [
        np.abs(value) + 0.5 if path.endswith(("gamma", "variance")) else value
        for path, value in zip(paths, values, strict=True)
    ]


def train(k: Any, name: str) -> dict[str, Array]:
    """What a case gives: losses, the model's outputs before and after, the weights at the end."""
    case = CASES[name]
    model = case.make(k)
    x, y = data(case, model.input_shape[1:], model.output_shape[-1])
    paths, shapes = [w.path for w in model.weights], [tuple(w.shape) for w in model.weights]
    model.set_weights(weights(paths, shapes))
    model.compile(optimizer=case.optimizer(k), loss=case.loss)
    found = {"before": model.predict(x, verbose=0)}
    history = model.fit(
        x[:ROWS],
        y[:ROWS],
        batch_size=BATCH,
        epochs=EPOCHS,
        verbose=0,
        shuffle=False,
        validation_data=(x[ROWS:], y[ROWS:]),
    ).history
    found |= {"loss": np.array(history["loss"]), "val_loss": np.array(history["val_loss"])}
    found |= {"after": model.predict(x, verbose=0)}
    return found | {f"weight{i}": np.asarray(w) for i, w in enumerate(model.get_weights())}
