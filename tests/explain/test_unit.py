"""explain_unit on a trained network, and what it prints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago.errors import ArgumentError, UnknownNameError
from galago.explain import explain_unit, journey, saliency

PLACES = {
    "conv2d": (10, 12, 3),
    "max_pooling2d": (5, 6, 2),
    "conv2d_1": (6, 6, 5),
    "max_pooling2d_1": (2, 3, 4),
    "flatten": (77,),
    "dense": (4,),
    "dense_1": (9,),
}


@pytest.mark.parametrize("layer", PLACES)
def test_the_terms_give_what_the_layer_gave(layer: str, trained: Any, images: Any) -> None:
    image, place = images[0][0], PLACES[layer]
    found = explain_unit(trained, image, layer, *place)
    assert found.value == pytest.approx(
        float(journey(trained, image)[layer][(0, *place)]), abs=1e-6
    )
    size = 1 + sum(abs(term.product) for term in found.terms)
    assert found.total == pytest.approx(found.steps[-1].value, abs=1e-6 * size)


@pytest.mark.parametrize(
    ("layer", "size"),
    [("conv2d", 3), ("max_pooling2d", 4), ("conv2d_1", 8), ("max_pooling2d_1", 10)],
)
def test_receptive_fields_of_the_reference_model(
    layer: str, size: int, trained: Any, images: Any
) -> None:
    found = explain_unit(trained, images[0][0], layer, 2, 3, 1)
    rows, cols, channels = found.receptive_field["input_layer"]
    assert (rows[1] - rows[0], cols[1] - cols[0], channels) == (size, size, (0, 1))


@pytest.mark.parametrize("layer", ["conv2d", "conv2d_1", "max_pooling2d_1"])
def test_only_the_receptive_field_counts(layer: str, trained: Any, images: Any) -> None:
    image, place = images[0][0], (3, 2, 1)
    found = explain_unit(trained, image, layer, *place)
    rows, cols, _ = found.receptive_field["input_layer"]
    outside = np.ones_like(image)
    outside[slice(*rows), slice(*cols)] = image[slice(*rows), slice(*cols)]
    assert explain_unit(trained, outside, layer, *place).value == pytest.approx(
        found.value, abs=1e-6
    )


def test_whom_a_number_feeds(trained: Any, images: Any) -> None:
    def fed(layer: str, *place: int) -> Any:
        return explain_unit(trained, images[0][0], layer, *place).feeds

    assert fed("conv2d", 10, 11, 3) == {"max_pooling2d": ((5, 6), (5, 6), (3, 4))}
    assert fed("max_pooling2d", 5, 5, 2) == {"conv2d_1": ((3, 6), (3, 6), (0, 6))}
    assert fed("conv2d_1", 10, 3, 0) == {}  # the last row and column never reach the pool
    assert fed("max_pooling2d_1", 1, 2, 3) == {"flatten": ((45, 46),)}
    assert fed("dense", 1) == {"dense_1": ((0, 10),)}


def test_the_chain_ends_at_a_pixel(trained: Any, images: Any) -> None:
    found = explain_unit(trained, images[0][0], "dense_1", 9)
    end = found.chain[-1]
    assert found.probed.node(end.node).op == "input"
    assert end.value == pytest.approx(float(images[0][0][end.place[:2]]))
    for before, after in zip(found.chain, found.chain[1:], strict=False):
        assert before.main is not None and before.main.place == after.place


def test_text(trained: Any, images: Any) -> None:
    text = str(explain_unit(trained, images[0][0], "max_pooling2d_1", 2, 3, 4))
    first, second, *rest = text.splitlines()
    assert first.startswith("max_pooling2d_1 (row 2, column 3, channel 4) = ")
    assert "= the largest of 4: conv2d_1 (" in second
    assert rest[0] == "sees rows 8 to 17, columns 12 to 21, channel 0 of input_layer"
    assert rest[1] == "feeds unit 82 of flatten"
    assert "relu(" in text and "= bias " in text and text.count("input_layer") == 2


def test_inputs_are_explained_as_what_they_are(trained: Any, images: Any) -> None:
    found = explain_unit(trained, images[0][0], "input_layer", 14, 14, 0)
    assert found.chain == () and found.value == pytest.approx(float(images[0][0][14, 14]))
    assert found.feeds == {"conv2d": ((12, 15), (12, 15), (0, 6))}


def test_whether_a_pool_takes_a_number(trained: Any, images: Any) -> None:
    image, maps = images[0][0], journey(trained, images[0][0])
    window = maps["conv2d"][0, 10:12, 10:12, 3]
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        found = explain_unit(trained, image, "conv2d", 10 + row, 10 + column, 3)
        wins = divmod(int(np.argmax(window)), 2) == (row, column)
        assert found.taken == {"max_pooling2d": wins}
        assert f"of max_pooling2d, which takes {'it' if wins else 'another'}" in str(found)


def test_branches_and_several_nodes() -> None:
    inputs = galago.Input((6, 6, 2), name="image")
    x = galago.layers.SeparableConv2D(3, 3, padding="same", name="separable")(inputs)
    y = galago.layers.Conv2D(3, 1, name="side")(inputs)
    outputs = galago.layers.Add(name="join")([x, y])
    model = galago.Model(inputs, outputs)
    image = np.random.default_rng(0).normal(size=(6, 6, 2)).astype(np.float32)
    found = explain_unit(model, image, "join", 0, 5, 1)
    assert found.receptive_field == {"image": ((0, 2), (4, 6), (0, 2))}
    inner = explain_unit(model, image, "separable", 0, 5, 1)
    assert len(inner.steps) == 2 and len(inner.terms) == 4  # at a corner


@pytest.mark.parametrize(
    ("layer", "place", "error", "message"),
    [
        ("conv2", (1, 1, 1), UnknownNameError, "Did you mean 'conv2d'"),
        ("conv2d", (1, 1), ArgumentError, r"a row, a column and a channel.*\(26, 26, 6\)"),
        ("conv2d", (26, 0, 0), ArgumentError, r"received \(26, 0, 0\)"),
        ("dense", (128,), ArgumentError, "a unit of 'dense'"),
        ("dense", (-1,), ArgumentError, "whole number of at least 0"),
    ],
)
def test_errors(
    layer: str,
    place: tuple[int, ...],
    error: type[Exception],
    message: str,
    trained: Any,
    images: Any,
) -> None:
    with pytest.raises(error, match=message):
        explain_unit(trained, images[0][0], layer, *place)


def test_a_layer_behind_itself_is_explained_call_by_call() -> None:
    inputs = galago.Input((2,), name="pixels")
    shared = galago.layers.Dense(2, use_bias=False, name="shared")
    model = galago.Model(inputs, shared(shared(inputs)))
    model.set_weights([np.array([[2.0, 0], [0, 3]])])
    found = explain_unit(model, np.array([1.0, 1]), "shared", 1)
    assert found.value == 9 and len(found.steps) == 1
    assert [who for who, _ in found.way_back()] == ["shared (unit 1)", "pixels (unit 1)"]


class Doubled(galago.layers.Layer):
    """A layer with code of its own."""

    def call(self, x: Any, training: bool = False) -> Any:
        return x * (3 if training else 2)

    def gradient(self, x: Any, grad: Any, training: bool = False) -> Any:
        return grad * (3 if training else 2)


def test_layers_of_the_user() -> None:
    inputs = galago.Input((4, 4, 1), name="image")
    x = Doubled(name="doubled")(inputs)
    outputs = galago.layers.Dense(1, name="end")(galago.layers.Flatten(name="row")(x))
    model = galago.Model(inputs, outputs)
    image = np.arange(16.0).reshape(4, 4)
    found = explain_unit(model, image, "doubled", 1, 2, 0)
    assert found.value == 12 and found.chain == ()
    assert "12 = Doubled of all its inputs" in str(found)
    assert found.receptive_field == {"image": ((0, 4), (0, 4), (0, 1))}
    kernel = model.get_layer("end").get_weights()[0]
    asked = saliency(model, image)  # as in a prediction: twice, not three times
    np.testing.assert_allclose(asked.values.ravel(), 2 * np.abs(kernel[:, 0]), rtol=1e-6)


@pytest.mark.parametrize("name", ["steps", "normed", "pooled"])
def test_layers_over_steps_show_what_they_multiply_or_choose(name: str) -> None:
    model = galago.Sequential(
        [
            galago.layers.Conv1D(3, 3, input_shape=(10, 2), name="steps"),
            galago.layers.BatchNormalization(name="normed"),
            galago.layers.MaxPooling1D(2, name="pooled"),
        ]
    )
    image = np.random.default_rng(0).normal(size=(10, 2)).astype(np.float32)
    found = explain_unit(model, image, name, 2, 1)
    assert len(found.terms) == {"steps": 6, "normed": 1, "pooled": 2}[name]
    assert found.total == pytest.approx(found.value, abs=1e-6)


def nested_model() -> galago.Model:
    """A model called twice, with one in it, and one of two outputs."""
    layers = galago.layers
    deepest = galago.Sequential(
        [layers.Input((4,)), layers.Dense(3, name="wide"), layers.ReLU(name="bent")], name="deepest"
    )
    encoder = galago.Sequential(
        [layers.Input((4,)), deepest, layers.Dense(4, name="code"), layers.Dropout(0.0)],
        name="encoder",
    )
    start = layers.Input((4,), name="start")
    two = galago.Model(
        start, [layers.ReLU(name="up")(start), layers.ELU(name="down")(start)], name="two"
    )
    inputs = layers.Input((4,), name="inputs")
    return galago.Model(inputs, layers.Add(name="sum")(two(encoder(encoder(inputs)))))


def test_the_name_of_a_model_within_the_model_means_its_output() -> None:
    model, x = nested_model(), np.array([0.5, -1.0, 2.0, 0.25])
    encoder = model.get_layer("encoder")
    wanted = encoder.predict(encoder.predict(x[None], verbose=0), verbose=0)[0]
    found = explain_unit(model, x, "encoder", 2)
    assert found.value == pytest.approx(wanted[2], abs=1e-6)
    assert str(found).startswith("encoder (unit 2) = ") and len(found.terms) == 3
    assert found.made() == explain_unit(model, x, "code", 2).made()
    assert found.feeds.keys() == {"up", "down"}
    deepest = explain_unit(model, x, "deepest", 1)
    assert deepest.value == explain_unit(model, x, "bent", 1).value


def test_a_model_of_several_outputs_is_no_number() -> None:
    with pytest.raises(ArgumentError) as caught:
        explain_unit(nested_model(), np.ones(4), "two", 0)
    assert str(caught.value) == (
        "explain_unit: expected the name of a layer, received 'two', which is a model of 2 "
        "outputs. Name the layer that gives one: 'up', 'down'."
    )
    with pytest.raises(UnknownNameError, match=r"received 'encode'\. Did you mean 'encoder'\?"):
        explain_unit(nested_model(), np.ones(4), "encode", 0)
