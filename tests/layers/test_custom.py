"""Layers with code of their own: what a class gets, weights, shapes, training, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from own_layers import Counter, OwnDense, OwnMean, OwnReLU, SqueezeAndExcite, data

import galago as gl
from galago import layers
from galago.errors import ArgumentError, ShapeError
from galago.layers.custom import CustomLayer

Array = NDArray[Any]


@pytest.fixture
def float64() -> None:
    gl.config.set_floatx("float64")


def trained(*stack: layers.Layer, optimizer: Any = "adam", epochs: int = 3) -> gl.Sequential:
    """A model of these layers after some epochs."""
    x, y = data()
    gl.set_seed(7)
    model = gl.Sequential([layers.Input((6,)), *stack])
    model.compile(optimizer, "mse", metrics=["mae"])
    model.fit(x, y, batch_size=16, epochs=epochs, verbose=0)
    return model


def test_a_class_with_a_call_gets_another_base() -> None:
    assert issubclass(OwnDense, CustomLayer)
    assert isinstance(OwnDense(1), layers.Layer)
    assert not isinstance(layers.Dense(1), CustomLayer)

    class Half(layers.Layer):
        def doubled(self) -> int:
            return 2

    class Whole(Half):
        def call(self, inputs: Array) -> Array:
            return self.doubled() * inputs

    assert issubclass(Whole, CustomLayer)
    assert Whole().compute_output_shape((None, 3)) == (None, 3)


@pytest.mark.parametrize(
    ("base", "message"),
    [
        (layers.Dense, "received one of Dense, which the engine computes. Subclass galago.layers"),
        (gl.Model, "received one of Model, which the engine computes. Put its layers into"),
    ],
)
def test_other_classes_cannot_have_a_call(base: type, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        type("Other", (base,), {"call": lambda self, inputs: inputs})


OPTIMIZERS = [
    gl.optimizers.SGD(0.1, momentum=0.9),
    gl.optimizers.Adam(0.01, clipnorm=0.5),
    gl.optimizers.Adam(0.01, use_ema=True),
    gl.optimizers.AdamW(0.01),
    gl.optimizers.RMSprop(0.01, centered=True),
    gl.optimizers.Adagrad(0.1),
    gl.optimizers.Adadelta(1.0),
    gl.optimizers.Adamax(0.01),
    gl.optimizers.Nadam(0.01),
    gl.optimizers.Lion(0.001),
]


@pytest.mark.parametrize("number", range(len(OPTIMIZERS)))
def test_dense_in_numpy_trains_as_the_engines(float64: None, number: int) -> None:
    optimizer = OPTIMIZERS[number]
    found, exact = (
        trained(
            kind(5),
            layers.ReLU(),
            kind(3),
            optimizer=type(optimizer).from_config(optimizer.get_config()),
        )
        for kind in (OwnDense, layers.Dense)
    )
    for a, b in zip(found.get_weights(), exact.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    x, y = data()
    np.testing.assert_allclose(found.evaluate(x, y, verbose=0), exact.evaluate(x, y, verbose=0))


def test_float32_is_as_near_as_float32_is() -> None:
    found, exact = (trained(kind(5), layers.ReLU(), kind(3)) for kind in (OwnDense, layers.Dense))
    for a, b in zip(found.get_weights(), exact.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def image_model(own: layers.Layer, seed: int = 3) -> gl.Model:
    gl.set_seed(seed)
    inputs = layers.Input((9, 7, 1))
    x = layers.Conv2D(4, 3, padding="same")(inputs)
    x = own(x)
    x = layers.Conv2D(4, 3, activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    outputs = layers.Dense(3, activation="softmax")(layers.Flatten()(x))
    model = gl.Model(inputs, outputs)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def images(count: int = 20) -> tuple[Array, Array]:
    rng = np.random.default_rng(count)
    return rng.random((count, 9, 7, 1)).astype(gl.config.floatx()), rng.integers(0, 3, count)


def test_in_the_middle_of_convolutions(float64: None) -> None:
    x, y = images()
    found, exact = image_model(OwnReLU()), image_model(layers.ReLU())
    for model in (found, exact):
        model.fit(x, y, epochs=2, batch_size=8, verbose=0)
    for a, b in zip(found.get_weights(), exact.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.predict(x[:1], verbose=0), exact.predict(x[:1], verbose=0))


def test_the_same_bits_for_any_threads() -> None:
    x, y = images(33)
    before, found = gl.get_threads(), []
    try:
        for threads in (1, 3):
            gl.set_threads(threads)
            model = image_model(SqueezeAndExcite())
            model.fit(x, y, epochs=2, batch_size=8, verbose=0)
            found.append([w.tobytes() for w in model.get_weights()])
    finally:
        gl.set_threads(before)
    assert found[0] == found[1]


def test_several_inputs(float64: None) -> None:
    x, y = data()

    def model(mean: layers.Layer) -> gl.Model:
        gl.set_seed(1)
        start = layers.Input((6,))
        parts = [layers.Dense(3)(start), layers.Dense(3)(start)]
        found = gl.Model(start, mean(parts))
        found.compile("sgd", "mse")
        found.fit(x, y, epochs=2, verbose=0)
        return found

    found, exact = model(OwnMean()), model(layers.Average())
    for a, b in zip(found.get_weights(), exact.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_a_list_of_one_is_that_one() -> None:
    start = layers.Input((4,))
    assert OwnReLU()([start]).shape == (None, 4)
    assert OwnMean()([start, start]).shape == (None, 4)


def test_a_layer_in_two_places_shares_its_weights(float64: None) -> None:
    x, y = data(outputs=6)

    def model(kind: Any) -> gl.Model:
        gl.set_seed(1)
        start = layers.Input((6,))
        dense = kind(6)
        found = gl.Model(start, dense(layers.ReLU()(dense(start))))
        found.compile("adam", "mse")
        found.fit(x, y, epochs=2, verbose=0)
        return found

    found, exact = model(OwnDense), model(layers.Dense)
    assert len(found.weights) == 2
    for a, b in zip(found.get_weights(), exact.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_in_models_in_models() -> None:
    inner = gl.Sequential([layers.Input((6,)), OwnDense(4)], name="inner")
    model = gl.Sequential([layers.Input((6,)), inner, OwnDense(3)])
    model.compile("sgd", "mse")
    x, y = data()
    before = model.get_weights()
    model.fit(x, y, verbose=0)
    assert all((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))
    np.testing.assert_array_equal(
        inner.predict(x, verbose=0), x @ inner.get_weights()[0] + inner.get_weights()[1]
    )


def test_a_frozen_layer_stays_as_it_is_and_gradients_pass() -> None:
    own = OwnDense(3)
    model = gl.Sequential([layers.Input((6,)), layers.Dense(6), own])
    own.trainable = False
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(*data(), verbose=0)
    changed = [bool((a != b).any()) for a, b in zip(before, model.get_weights(), strict=True)]
    assert changed == [True, True, False, False]
    assert own.trainable_weights == []
    assert model.count_params() == 6 * 7 + 7 * 3


def test_weights_that_no_optimizer_changes() -> None:
    counter = Counter()
    model = gl.Sequential([layers.Input((6,)), layers.Dense(3), counter])
    assert [w.name for w in counter.weights] == ["bias", "seen"]  # the order of Keras's files
    model.compile("sgd", "mse")
    x, y = data()
    model.fit(x, y, batch_size=8, epochs=3, verbose=0)
    model.evaluate(x, y, verbose=0)
    model.predict(x, verbose=0)
    assert float(counter.seen.numpy()) == 15
    assert (counter.bias.numpy() != 0).all()


def test_a_regularizer_and_a_constraint_count() -> None:
    class Bounded(OwnDense):
        def build(self, input_shape: Any) -> None:
            self.kernel = self.add_weight(
                (input_shape[-1], self.units),
                regularizer="l2",
                constraint="non_neg",
                name="kernel",
            )
            self.bias = self.add_weight((self.units,), "zeros", name="bias")

    found = trained(Bounded(3), epochs=1)
    exact = trained(layers.Dense(3, kernel_regularizer="l2", kernel_constraint="non_neg"), epochs=1)
    assert found.get_weights()[0].min() == 0
    np.testing.assert_allclose(found.get_weights()[0], exact.get_weights()[0], atol=1e-6)


def test_weights_made_by_the_constructor() -> None:
    class Scale(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.scale = self.add_weight((1,), "ones", name="scale")

        def call(self, inputs: Array) -> Array:
            return inputs * self.scale

        def gradient(self, inputs: Array, grad: Array) -> tuple[Array, Array]:
            return grad * self.scale, (grad * inputs).sum(keepdims=True).reshape(1)

    layer = Scale()
    assert not layer.built
    assert layer.weights[0].name == "scale"
    model = gl.Sequential([layers.Input((6,)), layers.Dense(3), layer])
    assert layer.built
    model.compile("sgd", "mse")
    model.fit(*data(), verbose=0)
    assert layer.scale.numpy() != 1
    again = Scale.from_config({"name": "other", "trainable": False, "dtype": "float32"})
    assert (again.name, again.trainable, again.weights[0].path) == ("other", False, "other/scale")


def test_the_output_shape_is_found_by_a_call() -> None:
    class Halves(layers.Layer):
        def call(self, inputs: Array) -> Array:
            return inputs[:, ::2]

    assert Halves().compute_output_shape((None, 5, 4)) == (None, 3, 4)
    assert OwnDense(4)(layers.Input((6,))).shape == (None, 4)
    layer = OwnDense(4)
    assert layer.compute_output_shape((None, 6)) == (None, 4)
    assert layer.weights == []
    assert not layer.built


def test_finding_the_shape_draws_nothing() -> None:
    gl.set_seed(1)
    first = OwnDense(4)
    first.compute_output_shape((None, 6))
    first.build((None, 6))
    gl.set_seed(1)
    second = layers.Dense(4)
    second.build((None, 6))
    np.testing.assert_array_equal(first.get_weights()[0], second.get_weights()[0])


def test_another_input_shape_needs_other_weights() -> None:
    layer = OwnDense(4)
    layer(layers.Input((6,)))
    with pytest.raises(ShapeError, match=r"need weights of shapes \[\(5, 4\), \(4,\)\], but"):
        layer(layers.Input((5,)))
    relu = OwnReLU()
    assert relu(layers.Input((6,))).shape == (None, 6)
    assert relu(layers.Input((3, 3, 2))).shape == (None, 3, 3, 2)


def test_what_the_constructor_was_given_is_the_configuration() -> None:
    layer = SqueezeAndExcite(4, name="gates")
    config = layer.get_config()
    assert config == {"name": "gates", "trainable": True, "dtype": "float32", "ratio": 4}
    again = SqueezeAndExcite.from_config(config)
    assert (again.name, again.ratio, again.get_config()) == ("gates", 4, config)
    assert SqueezeAndExcite(trainable=False).get_config()["trainable"] is False


def test_a_configuration_of_its_own() -> None:
    class Named(OwnDense):
        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    config = Named(3, name="n").get_config()
    assert config == {"name": "n", "trainable": True, "dtype": "float32", "units": 3}
    assert Named.from_config(config).units == 3


def test_a_profile_shows_it() -> None:
    model = trained(OwnDense(5), layers.ReLU(), layers.Dense(3), epochs=1)
    x, y = data()
    kernels = {cost.kernel for cost in model.profile(x, y).kernels if "own_dense" in cost.name}
    assert {"host_forward", "host_backward"} <= kernels
    (cost,) = (c for c in model.profile(x).kernels if c.kernel == "host_forward")
    assert cost.microseconds > 0


def test_it_may_use_another_model() -> None:
    """A loss in the eyes of a teacher: its outputs are added in the middle of a step."""
    teacher = trained(layers.Dense(3), epochs=1)

    class Taught(layers.Layer):
        def call(self, inputs: Array) -> Array:
            return inputs[:, :3] + teacher.predict(inputs, verbose=0)

        def gradient(self, inputs: Array, grad: Array) -> Array:
            kernel = teacher.get_weights()[0]
            return np.pad(grad, ((0, 0), (0, 3))) + grad @ kernel.T

    model = gl.Sequential([layers.Input((6,)), layers.Dense(6), Taught()])
    model.compile("sgd", "mse")
    x, y = data()
    losses = model.fit(x, y, epochs=3, verbose=0).history["loss"]
    assert losses[2] < losses[0]
