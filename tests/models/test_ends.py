"""Models that start in the middle of others, and models of several outputs inside of others."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx_reader
import pytest

import galago
from galago import layers
from galago.errors import ArgumentError
from galago.layers import Input
from galago.models import load_model
from galago.models.ends import in_order

X = np.random.default_rng(0).normal(size=(5, 6, 6, 2)).astype(np.float32)


def whole() -> galago.Model:
    """A model with a shortcut and a layer that is called twice."""
    inputs = Input((6, 6, 2))
    relu = layers.ReLU(name="relu")
    first = relu(layers.Conv2D(4, 3, name="first")(inputs))
    second = relu(layers.Conv2D(4, 3, padding="same", name="second")(first))
    joined = layers.Add(name="joined")([first, second])
    return galago.Model(inputs, layers.Dense(3, name="end")(layers.Flatten()(joined)))


def features() -> galago.Model:
    """Two outputs by name, in another order than that of their names."""
    start = Input((6, 6, 2))
    wide = layers.Conv2D(4, 3, activation="relu")(start)
    return galago.Model(start, {"wide": wide, "flat": layers.Flatten()(wide)}, name="features")


def test_a_model_from_the_middle_to_the_end() -> None:
    model = whole()
    hidden = model.get_layer("first").output
    head = galago.Model(hidden, model.output)
    assert head.layers[0].name == f"{hidden.name}CLONE"
    assert [layer.name for layer in head.layers[1:]] == [
        "relu",
        "second",
        "joined",
        "flatten",
        "end",
    ]
    assert head.input_shape == (None, 4, 4, 4)
    maps = galago.Model(model.input, hidden).predict(X, verbose=0)
    np.testing.assert_array_equal(head.predict(maps, verbose=0), model.predict(X, verbose=0))
    head.get_layer("end").bias.assign(np.ones(3))
    np.testing.assert_array_equal(head.predict(maps, verbose=0), model.predict(X, verbose=0))


def test_several_starts_one_of_them_an_input() -> None:
    model = whole()
    second = model.get_layer("second").output
    cut = galago.Model([second, model.input], [model.output, second])
    maps = galago.Model(model.input, second).predict(X, verbose=0)
    end, same = cut.predict([maps, X], verbose=0)
    np.testing.assert_allclose(end, model.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(same, maps)


def test_a_cut_leaves_the_model_as_it_is() -> None:
    model = whole()
    before = model.to_graph()
    galago.Model(model.get_layer("first").output, model.output)
    assert model.to_graph() == before
    other = Input((4, 4, 4))
    with pytest.raises(ArgumentError, match="Add that to the model's inputs"):
        galago.Model(other, layers.Add()([other, model.get_layer("first").output]))
    with pytest.raises(ArgumentError, match="that depend on all inputs, but none depends on Dense"):
        galago.Model([model.input, model.output], model.get_layer("second").output)


def test_outputs_of_a_model_inside() -> None:
    inner = features()
    image = Input((6, 6, 2))
    maps = inner(image)
    assert list(maps) == ["wide", "flat"]
    assert (maps["flat"].place, maps["wide"].place) == (0, 1)  # Keras counts them by name
    assert maps["wide"].shape == (None, 4, 4, 4)
    assert inner.compute_output_shape((None, 6, 6, 2)) == {
        "wide": (None, 4, 4, 4),
        "flat": (None, 64),
    }
    model = galago.Model(image, [maps["flat"], layers.GlobalMaxPooling2D()(maps["wide"])])
    flat, most = model.predict(X, verbose=0)
    np.testing.assert_array_equal(flat, inner.predict(X, verbose=0)["flat"])
    np.testing.assert_array_equal(most, flat.reshape(5, 16, 4).max(axis=1))


def test_a_list_of_outputs_of_a_model_inside() -> None:
    model = whole()
    inner = galago.Model(model.input, [model.output, model.get_layer("second").output])
    end, maps = inner(Input((6, 6, 2)))
    assert (end.shape, maps.shape) == ((None, 3), (None, 4, 4, 4))
    assert inner.compute_output_shape((None, 6, 6, 2)) == [(None, 3), (None, 4, 4, 4)]


@pytest.mark.parametrize("how", ["config", "file", "onnx"])
def test_copies(how: str, tmp_path: Any) -> None:
    image = Input((6, 6, 2))
    inner, tail = features(), whole()
    maps = inner(image)
    end = galago.Model(tail.get_layer("first").output, tail.output, name="tail")(maps["wide"])
    model = galago.Model(image, [layers.Dense(2)(maps["flat"]), end])
    wanted = model.predict(X, verbose=0)
    if how == "config":
        again = galago.Model.from_config(model.get_config())
        again.set_weights(model.get_weights())
        found = again.predict(X, verbose=0)
        assert again.to_json() == model.to_json()
    elif how == "onnx":
        model.export(tmp_path / "m.onnx")
        read = onnx_reader.read((tmp_path / "m.onnx").read_bytes())
        assert list(read.outputs.values()) == [["batch", 2], ["batch", 3]]
        found = [onnx_reader.run(read, X[:1], output) for output in read.outputs]
        wanted = [one[:1] for one in wanted]
    else:
        model.save(tmp_path / "m.keras")
        again = load_model(tmp_path / "m.keras")
        found = again.predict(X, verbose=0)
        assert again.to_json() == model.to_json()
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_tensors_by_name_stand_in_the_order_of_their_names() -> None:
    one, other = Input((1,)), Input((2,))
    assert in_order({"b": one, "a": other}) == [other, one]
    assert in_order({0: one, 1: other}) == [one, other]
