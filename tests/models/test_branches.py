"""Models that branch and join in every way compute what the naive graph says, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import naive_graph
import numpy as np
import pytest
from naive import Array
from sessions import ISAS, open_session

import galago
from galago import applications
from galago import layers as L
from galago.graph import Graph
from galago.layers import KerasTensor

SHAPE = (6, 6, 3)
LOSS = "mean_squared_error"
Build: TypeAlias = Callable[[KerasTensor], KerasTensor]


def flat(x: KerasTensor) -> KerasTensor:
    return L.Dense(2)(L.Flatten()(x))


def squeezed(x: KerasTensor) -> KerasTensor:
    x = L.Conv2D(5, 3, activation="relu")(x)
    mean = L.Conv2D(2, 1, activation="sigmoid")(L.GlobalAveragePooling2D(keepdims=True)(x))
    return flat(L.Concatenate()([mean, L.GlobalMaxPooling2D(keepdims=True)(x)]))


def shared_activation(x: KerasTensor) -> KerasTensor:
    x, relu = L.Conv2D(4, 3)(x), L.ReLU()
    return flat(L.Add()([x, relu(x), L.MaxPooling2D(1)(relu(x))]))


def read_behind_the_activation(x: KerasTensor) -> KerasTensor:
    x = L.Conv2D(4, 3, activation="relu")(x)
    return L.Dense(2)(L.Concatenate()([L.Flatten()(L.MaxPooling2D(2)(x)), L.Flatten()(x)]))


def read_before_the_activation(x: KerasTensor) -> KerasTensor:
    x = L.Conv2D(4, 3)(x)
    pooled = L.Flatten()(L.MaxPooling2D(2)(L.ReLU()(x)))
    return L.Dense(2)(L.Concatenate()([pooled, L.Flatten()(x)]))


def dense_read_twice(x: KerasTensor) -> KerasTensor:
    x = L.Dense(6)(L.Flatten()(x))
    return L.Dense(2)(L.Add()([x, L.ReLU()(x)]))


def three_of_features(x: KerasTensor) -> KerasTensor:
    row = L.Flatten()(x)
    parts = [row, L.GlobalMaxPooling2D()(x), L.Dense(5, activation="relu")(row)]
    return L.Dense(2)(L.Concatenate()(parts))


CASES: dict[str, Build] = {
    "an addition at the end": lambda x: L.Add()([flat(x), L.Dense(2)(L.GlobalMaxPooling2D()(x))]),
    "no weights": lambda x: L.Flatten()(x),
    "a global pool at the end": lambda x: L.GlobalAveragePooling2D()(L.Conv2D(4, 3)(x)),
    "softmax of a global pool": lambda x: L.Softmax()(L.GlobalMaxPooling2D()(L.Conv2D(4, 3)(x))),
    "norm first": lambda x: flat(L.BatchNormalization()(x)),
    "norm last": lambda x: L.BatchNormalization()(flat(x)),
    "norm between convolution and pool": lambda x: flat(
        L.MaxPooling2D(2)(L.ReLU()(L.BatchNormalization()(L.Conv2D(5, 3)(x))))
    ),
    "norm of a pointwise layer": lambda x: flat(
        L.BatchNormalization()(L.Dense(4, activation="relu")(x))
    ),
    "frozen norm": lambda x: flat(L.BatchNormalization(trainable=False)(L.Conv2D(2, 3)(x))),
    "dropout first": lambda x: flat(L.Dropout(0.5, seed=1)(x)),
    "dropout last": lambda x: L.Dropout(0.5, seed=1)(flat(x)),
    "dropout twice": lambda x: flat(L.Dropout(0.3)(L.Dropout(0.5)(x))),
    "two dropouts of one map": lambda x: flat(L.Add()([L.Dropout(0.3)(x), L.Dropout(0.5)(x)])),
    "border first": lambda x: flat(L.Conv2D(4, 3)(L.ZeroPadding2D(1)(x))),
    "border and pool": lambda x: flat(
        L.MaxPooling2D(2)(L.ZeroPadding2D(1)(L.Conv2D(4, 3, activation="relu")(x)))
    ),
    "two borders": lambda x: flat(L.ZeroPadding2D(2)(L.ZeroPadding2D(((0, 1), (2, 0)))(x))),
    "squeezed": squeezed,
    "three of features": three_of_features,
    "one map twice": lambda x: flat(L.Add()([x, x])),
    "joined twice": lambda x: flat(L.Concatenate()([L.Concatenate()([x, L.Conv2D(2, 1)(x)]), x])),
    "shared activation": shared_activation,
    "read behind the activation": read_behind_the_activation,
    "read before the activation": read_before_the_activation,
    "dense read twice": dense_read_twice,
    "depthwise": lambda x: flat(L.DepthwiseConv2D(3, depth_multiplier=3, activation="relu")(x)),
    "separable and pool": lambda x: flat(
        L.MaxPooling2D(2)(L.SeparableConv2D(5, 3, activation="relu")(x))
    ),
    "softmax of a map": lambda x: flat(L.Add()([L.Softmax()(L.Conv2D(3, 1)(x)), x])),
    "overlapping means": lambda x: flat(L.Add()([L.AveragePooling2D(3, 1, "same")(x), x])),
}


def random_weights(graph: Graph) -> list[Array]:
    """Normal numbers, scaled by the fan of each output; variances are positive."""
    rng = np.random.default_rng(1)
    values = []
    for parameter in graph.parameters:
        fan = np.prod(parameter.shape[:-1]) if len(parameter.shape) > 1 else 4
        value = rng.normal(size=parameter.shape) / np.sqrt(fan)
        positive = parameter.name.endswith(("gamma", "variance"))
        values.append(np.abs(value) + 0.5 if positive else value)
    return values


def compare(model: galago.Model, rows: int) -> None:
    """Outputs, and the gradients of everything that is trained."""
    graph = model.to_graph()
    weights = random_weights(graph)
    model.set_weights(weights)
    rng = np.random.default_rng(2)
    x = rng.normal(size=(rows, *model.input_shape[1:]))
    y = rng.random((rows, model.output_shape[-1] or 0))
    outputs = naive_graph.predict(graph, weights, x)
    np.testing.assert_allclose(model.predict(x, verbose=0), outputs, rtol=1e-10, atol=1e-10)
    found = open_session(graph, weights, dtype="float64").gradients(x, y)
    truth = naive_graph.gradients(graph, weights, x, y, LOSS)[1]
    trained = {variable.path for variable in model.trainable_weights}
    for parameter, one, other in zip(graph.parameters, found, truth, strict=True):
        if parameter.name in trained:
            largest = max(float(np.abs(other).max()), 1e-3)
            assert np.abs(one - other).max() < 1e-9 * largest, parameter.name


@pytest.mark.parametrize("name", CASES)
def test_outputs_and_gradients(name: str) -> None:
    galago.config.set_floatx("float64")
    inputs = galago.Input(SHAPE)
    compare(galago.Model(inputs, CASES[name](inputs)), rows=7)


@pytest.mark.parametrize("name", ["lenet5", "vgg_like", "resnet20", "mobilenet_like"])
def test_the_zoo(name: str) -> None:
    galago.config.set_floatx("float64")
    compare(getattr(applications, name)(), rows=2)


@pytest.mark.parametrize("name", ["vgg_like", "resnet20", "mobilenet_like"])
def test_the_zoo_trains_to_the_same_bits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = set()
    before = galago.get_threads()
    for threads, isa in ((1, ISAS[0]), (3, ISAS[0]), (2, "scalar")):
        monkeypatch.setenv("GALAGO_ISA", isa)
        galago.set_threads(threads)
        galago.set_seed(4)
        model = getattr(applications, name)()
        rng = np.random.default_rng(5)
        x = rng.random((6, *model.input_shape[1:]), np.float32)
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(x, rng.integers(0, 10, 6), batch_size=4, verbose=0)
        found.add(
            b"".join(
                value.tobytes() for value in [*model.get_weights(), model.predict(x, verbose=0)]
            )
        )
    galago.set_threads(before)
    assert len(found) == 1


def pointwise() -> galago.Model:
    """Return a model whose 1x1 convolutions stand behind all that is split into rows."""
    inputs = galago.Input((24, 24, 16))
    x = inputs
    for before in (
        L.Conv2D(48, 3, padding="same", use_bias=False),
        L.DepthwiseConv2D(3, padding="same"),
        L.DepthwiseConv2D(5, 2, padding="same"),
        L.Conv2D(48, 5, padding="valid"),
        L.Conv2D(48, 1, activation="relu"),
    ):
        x = L.Conv2D(48, 1, activation="relu")(before(x))
    x = L.BatchNormalization()(L.Conv2D(48, 1, strides=2)(x))
    return galago.Model(inputs, L.GlobalAveragePooling2D()(L.ReLU()(x)))


@pytest.mark.parametrize("build", [pointwise, applications.mobilenet_like])
def test_rows_of_one_image_may_go_through_several_layers(
    build: Callable[[], galago.Model],
) -> None:
    galago.set_seed(4)
    model = build()
    images = np.random.default_rng(5).random((12, *model.input_shape[1:]), np.float32)
    before = galago.get_threads()
    found = {model.predict(images, verbose=0).tobytes()}
    for threads in (1, 2, 3, 7):
        galago.set_threads(threads)
        found.add(b"".join(model.predict(one[None], verbose=0).tobytes() for one in images))
    galago.set_threads(before)
    assert len(found) == 1


@pytest.mark.parametrize("name", [name for name in CASES if name != "no weights"])
def test_training_lowers_the_loss(name: str) -> None:
    inputs = galago.Input(SHAPE)
    model = galago.Model(inputs, CASES[name](inputs))
    rng = np.random.default_rng(3)
    x, y = rng.random((12, *SHAPE)), rng.random((12, model.output_shape[-1] or 0))
    model.compile("adam", "mse")
    before = model.evaluate(x, y, verbose=0)
    model.fit(x, y, epochs=40, batch_size=4, verbose=0)
    assert model.evaluate(x, y, verbose=0) < before
