"""Whom numbers feed, found by changing them."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.explain.feeding import fed
from galago.explain.probe import Probe, probe
from galago.explain.unit import nodes_of_layers

#: Layers behind another one; some are several operations.
READERS = {
    "conv": lambda: layers.Conv2D(2, 3, 2, activation="tanh"),
    "separable": lambda: layers.SeparableConv2D(3, 3),
    "transposed": lambda: layers.Conv2DTranspose(2, 3, strides=2),
    "prelu": lambda: layers.PReLU(alpha_initializer="ones", shared_axes=[1, 2]),
    "softmax": lambda: layers.Conv2D(3, 1, activation="softmax"),
    "global": lambda: layers.GlobalAveragePooling2D(),
}


def changed(model: galago.Model, x: Any, place: tuple[int, ...]) -> set[tuple[int, ...]]:
    """The outputs that move when a number of the input does."""
    other = x.copy()
    other[(0, *place)] += 0.5
    moved = model.predict(other, verbose=0) != model.predict(x, verbose=0)
    return {tuple(map(int, at[1:])) for at in np.argwhere(moved)}


@pytest.mark.parametrize("name", READERS)
def test_a_layer_of_several_operations_is_gone_through(name: str) -> None:
    galago.config.set_floatx("float64")
    inputs = layers.Input((6, 6, 2), name="image")
    reader = READERS[name]()
    model = galago.Model(inputs, reader(inputs))
    x = np.random.default_rng(0).normal(size=(1, 6, 6, 2))
    found = probe(model, x[0])
    for place in [(0, 0, 0), (3, 2, 1), (5, 5, 0), (2, 3, 1)]:
        one = fed(found, 0, place).get(reader.name)
        if one is None:  # between the strides, at the end
            assert not changed(model, x, place)
            continue
        assert changed(model, x, place) <= set(itertools.product(*(range(*r) for r in one.region)))
        assert len(one.region) == len(reader.output.shape) - 1


@pytest.mark.parametrize("place", [(0, 0, 0), (1, 0, 0), (3, 2, 0), (4, 4, 0)])
def test_pools_take_what_is_largest(place: tuple[int, ...]) -> None:
    model = galago.Sequential([layers.MaxPooling2D(3, 1, input_shape=(5, 5, 1), name="pool")])
    image = np.random.default_rng(3).permutation(25).reshape(5, 5).astype(np.float32)
    found = fed(probe(model, image), 0, place)["pool"]
    outputs = model.predict(image[None], verbose=0)
    assert found.taken == (image[place[:2]] in outputs)


def over_steps() -> tuple[galago.Model, Probe]:
    model = galago.Sequential(
        [
            layers.Input((12, 2), name="sound"),
            layers.Conv1D(3, 3, name="first"),
            layers.MaxPooling1D(2, name="pool"),
            layers.GlobalMaxPooling1D(name="end"),
        ]
    )
    return model, probe(model, np.random.default_rng(1).normal(size=(12, 2)))


def test_layers_over_steps_have_steps() -> None:
    _, found = over_steps()
    nodes = nodes_of_layers(found)
    assert fed(found, nodes["sound"], (5, 1))["first"].region == ((3, 6), (0, 3))
    pool = fed(found, nodes["first"], (5, 1))["pool"]
    values = found.values[nodes["first"]]
    assert pool == (((2, 3), (1, 2)), values[5, 1] > values[4, 1])
    assert fed(found, nodes["pool"], (2, 1))["end"].region == ((1, 2),)


def test_a_layer_that_reads_its_own_output_is_called_twice() -> None:
    inputs = layers.Input((4, 4, 1), name="image")
    shared = layers.Conv2D(1, 2, padding="same", name="shared")
    model = galago.Model(inputs, shared(shared(inputs)))
    found = probe(model, np.ones((4, 4)))
    assert fed(found, 0, (2, 2, 0))["shared"].region == ((1, 3), (1, 3), (0, 1))


def test_nobody_reads_the_end(trained: Any, images: Any) -> None:
    found = probe(trained, images[0][0])
    assert fed(found, found.graph.outputs[0], (3,)) == {}
