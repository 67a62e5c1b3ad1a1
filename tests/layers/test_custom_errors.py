"""What layers with code of their own may do wrong, and what is said of it."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from own_layers import OwnDense, OwnReLU, data, returning

import galago as gl
from galago import layers
from galago.errors import ArgumentError, EngineError, ShapeError

Array = NDArray[Any]


def built(layer: layers.Layer) -> gl.Sequential:
    model = gl.Sequential([layers.Input((6,)), layers.Dense(6), layer])
    model.compile("sgd", "mse")
    return model


OUTPUTS: list[tuple[Any, str]] = [
    (lambda x: None, r"call\(\) to return an array of shape \(32, 6\) as float32; received None"),
    (lambda x: x[:, :3], r"of shape \(32, 6\) as float32; received one of shape \(32, 3\)"),
    (lambda x: x[:3], r"received one of shape \(3, 6\)"),
    (lambda x: [x, x], r"received a list of 2 \(one of shape"),
    (lambda x: x.astype("float64"), r"an array of float32; received float64. Write .astype"),
]


@pytest.mark.parametrize(("output", "message"), OUTPUTS)
def test_outputs_are_checked(output: Any, message: str) -> None:
    model = built(returning(output))
    with pytest.raises(ShapeError, match="Returning 'returning': expected " + ".*" + message):
        model.predict(data(32)[0], verbose=0)


GRADIENTS: list[tuple[Any, str]] = [
    (lambda x, g: None, r"for the input, an array of shape \(32, 6\) as float32; received None"),
    (lambda x, g: g[:, :3], r"for the input, .* received one of shape \(32, 3\)"),
    (lambda x, g: g.astype("float64"), "for the input, an array of float32; received float64"),
    (lambda x, g: (g, g), "the gradient: of the input; received a tuple of 2"),
]


@pytest.mark.parametrize(("gradient", "message"), GRADIENTS)
def test_gradients_are_checked_and_nothing_has_changed(gradient: Any, message: str) -> None:
    model = built(returning(gradient=gradient))
    before = model.get_weights()
    with pytest.raises(ShapeError, match="Returning 'returning': expected " + ".*" + message):
        model.fit(data(32)[0], data(32, outputs=6)[1], verbose=0)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_training_needs_a_gradient() -> None:
    class OneWay(layers.Layer):
        def call(self, inputs: Array) -> Array:
            return inputs

    model = built(OneWay(name="one_way"))
    x, y = data(outputs=6)
    with pytest.raises(ArgumentError, match=r"OneWay 'one_way': expected a gradient\(\) to"):
        model.fit(x, y, verbose=0)
    assert model.predict(x, verbose=0).shape == (40, 6)
    model.layers[0].trainable = False
    last = gl.Sequential([layers.Input((6,)), model, layers.Dense(2)])
    last.compile("sgd", "mse")
    last.fit(x, data(outputs=2)[1], verbose=0)  # nothing in front of it learns


class Own(Exception):
    """The user's."""


@pytest.mark.parametrize("where", ["call", "gradient"])
@pytest.mark.parametrize("kind", [Own, KeyboardInterrupt])
def test_what_it_raises_comes_through_with_its_name(where: str, kind: type[BaseException]) -> None:
    error, raising = kind("mine"), True

    def maybe(x: Any, result: Any) -> Any:
        if raising:
            raise error
        return result

    layer = (
        returning(lambda x: maybe(x, x))
        if where == "call"
        else returning(gradient=lambda x, grad: maybe(x, grad))
    )
    model = built(layer)
    x, y = data(outputs=6)
    with pytest.raises(type(error)) as raised:
        model.fit(x, y, verbose=0)
    assert raised.value is error
    assert f"in {where}() of Returning 'returning'" in raised.value.__notes__
    raising = False
    model.fit(x, y, verbose=0)
    assert model.optimizer.iterations == 2


def test_steps_before_an_error_count() -> None:
    """A burst of steps that breaks off leaves what the steps before it have trained."""
    calls = 0

    def third_time(x: Array, grad: Array) -> Array:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Own
        return grad

    model = built(returning(gradient=third_time))
    x, y = data(outputs=6)
    before = model.get_weights()
    with pytest.raises(Own):
        model.fit(x, y, batch_size=8, shuffle=False, verbose=0)
    assert model.iterations == model.optimizer.iterations == 2
    calls = 100
    same = built(returning())
    same.set_weights(before)
    same.fit(x[:16], y[:16], batch_size=8, shuffle=False, verbose=0)
    for a, b in zip(same.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_it_cannot_use_its_own_model() -> None:
    models: list[gl.Sequential] = []
    layer = returning(lambda x: models[0].predict(x, verbose=0) if models else x)
    models.append(built(layer))
    with pytest.raises(EngineError, match="in the middle of a step"):
        models[0].predict(data()[0], verbose=0)


def test_a_constructor_has_to_call_the_one_of_layer() -> None:
    class Forgetful(layers.Layer):
        def __init__(self) -> None:
            self.strength = 1

        def call(self, inputs: Array) -> Array:
            return inputs

    with pytest.raises(ArgumentError, match=r"Begin __init__\(\) with super\(\).__init__"):
        gl.Sequential([layers.Input((6,)), Forgetful()])


BAD_CALLS: list[tuple[Any, type[Exception], str]] = [
    (lambda: OwnReLU(dtype="float16"), ArgumentError, "expected dtype='float32'"),
    (lambda: OwnReLU(nmae="x"), ArgumentError, "received 'nmae'. Did you mean 'name'"),
    (lambda: OwnReLU()(np.zeros((2, 3))), ArgumentError, "a symbolic tensor or a list of them"),
    (lambda: OwnReLU()([]), ArgumentError, "received a list of 0"),
    (lambda: OwnReLU().add_weight((2, -1)), ArgumentError, "every size of shape"),
    (lambda: OwnReLU().add_weight((2,), "zeroes"), ArgumentError, "Did you mean 'zeros'"),
    (lambda: OwnReLU().add_weight((2,), dtype="int8"), ArgumentError, "received dtype='int8'"),
    (lambda: OwnReLU().add_weight((2,), name=3), ArgumentError, "name must be a string"),
    (lambda: OwnReLU.from_config({"units": 3}), ArgumentError, "received 'units'"),
    (lambda: OwnDense.from_config({"name": "a"}), ArgumentError, "missing 1 required"),
    (lambda: OwnDense(object()).get_config(), ArgumentError, "arguments that JSON can hold"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD_CALLS)
def test_wrong_calls(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_weight_has_one_name() -> None:
    layer = OwnReLU()
    layer.add_weight((2,), "zeros", name="w")
    with pytest.raises(ArgumentError, match="different names, received 'w' twice"):
        layer.add_weight((2,), "zeros", name="w")
    assert layer.add_weight((2,), "zeros").name == "variable_1"


def test_a_call_that_loses_the_batch_axis() -> None:
    class Sum(layers.Layer):
        def call(self, inputs: Array) -> Array:
            return inputs.sum(axis=0)

    with pytest.raises(ShapeError, match="a row for each of 2 examples, received shape"):
        Sum()(layers.Input((6,)))


def test_an_error_while_the_shape_is_found_says_so() -> None:
    class Broken(layers.Layer):
        def call(self, inputs: Array) -> Array:
            raise Own

    with pytest.raises(Own) as raised:
        Broken(name="b")(layers.Input((6,)))
    assert raised.value.__notes__ == [
        "call() of Broken 'b' was tried on zeros, to find its output shape"
    ]


def test_large_inputs_need_a_shape_that_is_said() -> None:
    with pytest.raises(ShapeError, match=r"expected a compute_output_shape\(\) for inputs of"):
        OwnReLU()(layers.Input((4096, 4096, 3)))
    assert returning()(layers.Input((4096, 4096, 1))).shape == (None, 4096, 4096, 1)


def test_a_build_that_fails_can_be_tried_again() -> None:
    class Unsure(OwnDense):
        tries = 0

        def build(self, input_shape: Any) -> None:
            super().build(input_shape)
            Unsure.tries += 1
            if Unsure.tries == 1:
                raise Own

    layer = Unsure(2)
    with pytest.raises(Own):
        layer.build((None, 3))
    assert not layer.weights
    layer.build((None, 3))
    assert len(layer.weights) == 2


def test_weights_can_be_read_while_another_thread_trains() -> None:
    model = built(OwnReLU())
    x, y = data(400, outputs=6)
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            model.layers[0].get_weights()

    reading = threading.Thread(target=read)
    reading.start()
    model.fit(x, y, epochs=5, verbose=0)
    done.set()
    reading.join(10)
    assert not reading.is_alive()
