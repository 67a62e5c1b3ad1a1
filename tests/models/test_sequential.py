"""Layers in a row: adding, removing, shapes, errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.errors import ArgumentError, FileFormatError, NotBuiltError, ShapeError


def test_input_shape_in_every_way() -> None:
    models = [
        galago.Sequential([layers.Dense(3, input_shape=(4,))]),
        galago.Sequential([galago.Input(shape=(4,)), layers.Dense(3)]),
        galago.Sequential([layers.InputLayer((4,)), layers.Dense(3)]),
    ]
    later = galago.Sequential([layers.Dense(3)])
    assert not later.built
    later.build((None, 4))
    for model in [*models, later]:
        assert model.built
        assert (model.input_shape, model.output_shape) == ((None, 4), (None, 3))
        assert model.count_params() == 15
        assert len(model.layers) == 1


def test_adding_one_by_one_is_the_same_as_a_list() -> None:
    def make() -> list[layers.Layer]:
        galago.set_seed(1)
        galago.utils.clear_session()
        return [layers.Conv2D(2, 3, input_shape=(6, 6, 1)), layers.Flatten(), layers.Dense(2)]

    listed = galago.Sequential(make())
    added = galago.Sequential()
    for layer in make():
        added.add(layer)
    assert listed.to_graph() == added.to_graph()
    for one, other in zip(listed.get_weights(), added.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_weights_depend_on_the_seed_and_on_the_layer() -> None:
    def make() -> Any:
        model = galago.Sequential(
            [layers.Dense(4, input_shape=(4,)), layers.Dense(4), layers.Dense(4)]
        )
        return [variable.numpy().tolist() for variable in model.weights[::2]]

    galago.set_seed(3)
    first = make()
    galago.set_seed(3)
    assert make() == first
    galago.set_seed(4)
    assert make() != first
    assert first[0] != first[1] != first[2]


def test_pop() -> None:
    model = galago.Sequential([layers.Dense(3, input_shape=(4,)), layers.Dense(2)])
    last = model.pop()
    assert last.name == "dense_1"
    assert model.output_shape == (None, 3)
    model.add(layers.Dense(7))
    assert model.output_shape == (None, 7)
    assert [variable.shape for variable in model.weights] == [(4, 3), (3,), (3, 7), (7,)]


def test_what_does_not_fit_is_not_added() -> None:
    model = galago.Sequential([layers.Flatten(input_shape=(28, 28))])
    with pytest.raises(ShapeError):
        model.add(layers.Conv2D(3, 3))
    assert [layer.name for layer in model.layers] == ["flatten"]
    assert model.output_shape == (None, 784)
    empty = galago.Sequential()
    with pytest.raises(ShapeError):
        empty.add(layers.Conv2D(3, 3, input_shape=(28, 28)))
    assert empty.layers == []
    assert not empty.built


def test_a_layer_can_be_shared() -> None:
    shared = layers.Dense(3, input_shape=(4,))
    one = galago.Sequential([shared, layers.Dense(2)])
    other = galago.Sequential([shared])
    shared.set_weights([np.ones((4, 3)), np.zeros(3)])
    assert one.get_weights()[0].tolist() == other.get_weights()[0].tolist() == [[1.0] * 3] * 4


@pytest.mark.parametrize("third", [False, True])
def test_an_image_that_shrinks_to_nothing(third: bool) -> None:
    stack: list[layers.Layer] = [
        layers.Conv2D(64, (3, 3), input_shape=(28, 28, 1)),
        layers.MaxPooling2D(2, 2),
        layers.Conv2D(64, (3, 3)),
        layers.MaxPooling2D(2, 2),
        layers.Conv2D(64, (3, 3)),
        layers.MaxPooling2D(2, 2),
    ]
    assert galago.Sequential([*stack, layers.Flatten(), layers.Dense(10)]).output_shape[1] == 10
    fourth: layers.Layer = layers.MaxPooling2D(2, 2) if third else layers.Conv2D(64, (3, 3))
    window = "pool_size (2, 2)" if third else "kernel_size (3, 3)"
    with pytest.raises(ShapeError) as caught:
        galago.Sequential([*stack, fourth])
    assert str(caught.value) == (
        f"{fourth.label}: {window} is larger than its input 1x1, which is what is left of 28x28 "
        "after conv2d (26x26), max_pooling2d (13x13), conv2d_1 (11x11), max_pooling2d_1 (5x5), "
        "conv2d_2 (3x3) and max_pooling2d_2 (1x1). Remove a pooling layer or use padding='same'."
    )


def two_inputs() -> galago.Sequential:
    return galago.Sequential([galago.Input((3,)), layers.Dense(2), galago.Input((4,))])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: galago.Sequential(layers.Dense(3)),  # type: ignore[arg-type]
            ArgumentError,
            "Sequential 'sequential': expected a list of layers, received <Dense name=dense, "
            "built=False>. Write Sequential([layer, ...]).",
        ),
        (
            lambda: galago.Sequential(3),  # type: ignore[arg-type]
            ArgumentError,
            "Sequential 'sequential': expected a list of layers, received 3. "
            "Write Sequential([layer, ...]).",
        ),
        (
            lambda: galago.Sequential([layers.Dense]),  # type: ignore[list-item]
            ArgumentError,
            "Sequential 'sequential': expected a layer, received <class "
            "'galago.layers.dense.Dense'>. Add parentheses: Dense(...).",
        ),
        (
            lambda: galago.Sequential(["dense"]),  # type: ignore[list-item]
            ArgumentError,
            "Sequential 'sequential': expected a layer, received 'dense'. "
            "Add objects such as galago.layers.Dense(10).",
        ),
        (
            lambda: galago.Sequential([layers.Dense(2, name="d"), layers.Dense(2, name="d")]),
            ArgumentError,
            "Sequential 'sequential': expected layers with different names, received 'd' twice. "
            "Give one of them another name='d_2'.",
        ),
        (
            two_inputs,
            ArgumentError,
            "Sequential 'sequential': expected one input shape, (3,), received another: (4,). "
            "Remove one of them.",
        ),
        (
            lambda: galago.Sequential().pop(),
            ArgumentError,
            "Sequential 'sequential': expected a layer to remove, but the model has none. "
            "Add one first.",
        ),
        (
            lambda: galago.Sequential([layers.Dense(2, input_shape=(3,))]).build((None, 4)),
            ShapeError,
            "Sequential 'sequential': expected input shape (3,), for which the model is built, "
            "received (4,). Make a new model for the new shape.",
        ),
        (
            lambda: galago.Sequential([layers.Dense(2)]).to_graph(),
            NotBuiltError,
            "Sequential 'sequential': expected a built model, but it does not know its input "
            "shape yet. Add layers and start with Input(shape), or call build((None, ...)) or "
            "fit().",
        ),
        (
            lambda: galago.Sequential().output_shape,
            NotBuiltError,
            "Sequential 'sequential': expected a built model, but it has no layers. Add layers "
            "and start with Input(shape), or call build((None, ...)) or fit().",
        ),
        (
            lambda: galago.Sequential([layers.Conv2D(2, 3, input_shape=(28, 28))]),
            ShapeError,
            "Conv2D 'conv2d': expected images of shape (height, width, channels), received "
            "(28, 28). The channel axis is missing: use input_shape=(28, 28, 1) and pass "
            "x[..., None].",
        ),
        (
            lambda: galago.Sequential.from_config(
                {
                    "name": "m",
                    "layers": [
                        {"module": "keras.layers", "class_name": "Lambda"},
                        {"module": "keras.layers", "class_name": "GRU"},
                    ],
                }
            ),
            FileFormatError,
            "from_config(): Galago cannot take this over:\n- Lambda None: no layer of Galago\n"
            "- GRU None: no layer of Galago\nPass what get_config() of a model returned.",
        ),
    ],
)
def test_errors(make: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message


def test_a_configuration_makes_an_equal_model() -> None:
    model = galago.Sequential(
        [layers.Conv2D(2, 3, activation="relu", input_shape=(8, 8, 1)), layers.MaxPooling2D()],
        name="net",
    )
    stored = json.loads(json.dumps(model.get_config()))
    again = galago.Sequential.from_config(stored)
    assert again.name == "net"
    assert again.to_graph() == model.to_graph()
    assert again.get_config() == model.get_config()


def test_a_configuration_of_a_model_without_its_input_shape() -> None:
    model = galago.Sequential([layers.Dense(2), layers.ReLU()], name="net")
    again = galago.Sequential.from_config(json.loads(model.to_json())["config"])
    assert not again.built
    assert again.get_config() == model.get_config()
    again.build((None, 3))
    assert again.output_shape == (None, 2)


def test_repr() -> None:
    assert repr(galago.Sequential(name="net")) == "<Sequential name=net, built=False>"
