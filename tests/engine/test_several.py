"""Several inputs, several outputs, and layers that are called again: against naive loops."""

from __future__ import annotations

from typing import Any

import naive
import naive_graph
import numpy as np
import pytest
from graphs import Weight
from numpy.typing import NDArray
from sessions import ADAM, ALL, ISAS, bits

from galago import engine
from galago.engine import OutputLoss, Session
from galago.graph import Attribute, Graph, GraphBuilder

Array = NDArray[Any]
MSE, SPARSE = "mean_squared_error", "sparse_categorical_crossentropy"
RELU: dict[str, Attribute] = {"kind": "relu", "alpha": 0.0}
SOFTMAX: dict[str, Attribute] = {"kind": "softmax", "alpha": 0.0}
CONV: dict[str, Attribute] = {
    "kernel": (3, 3),
    "strides": (1, 1),
    "dilation": (1, 1),
    "padding": (0, 0, 0, 0),
    "groups": 1,
}
POOL: dict[str, Attribute] = {"pool": (2, 2), "strides": (2, 2), "padding": (0, 0, 0, 0)}
NORM: dict[str, Attribute] = {
    "scale": 1,
    "center": 1,
    "inference": 0,
    "momentum": 0.75,
    "epsilon": 2.0**-10,
}


def twins(pooled: bool = True, normed: bool = False) -> Graph:
    """Two images through the same convolution and dense layer; their classes and distance."""
    kernel, bias = Weight("conv/kernel", (3, 3, 1, 20)), Weight("conv/bias", (20,))
    norms = [Weight(f"norm/{name}", (20,)) for name in ("gamma", "beta", "mean", "variance")]
    wide, narrow = Weight("dense/kernel", (3 * 3 * 20, 12)), Weight("dense/bias", (12,))
    builder = GraphBuilder()
    inputs = [builder.add("input", name, (), (8, 8, 1)) for name in ("left", "right")]
    ends = []
    for place, image in enumerate(inputs):
        maps = builder.add("conv", "conv", (image,), (6, 6, 20), CONV, [kernel, bias])
        if normed:
            maps = builder.add("batch_norm", "norm", (maps,), (6, 6, 20), NORM, norms)
        maps = builder.add("activation", "relu", (maps,), (6, 6, 20), RELU)
        kind = "max_pool" if pooled or place else "average_pool"
        maps = builder.add(kind, "pool", (maps,), (3, 3, 20), POOL)
        flat = builder.add("flatten", "flatten", (maps,), (180,))
        ends.append(builder.add("dense", "dense", (flat,), (12,), {}, [wide, narrow]))
    joined = builder.add("concatenate", "joined", tuple(ends), (24,))
    head = [Weight("head/kernel", (24, 5)), Weight("head/bias", (5,))]
    classes = builder.add("dense", "head", (joined,), (5,), {}, head)
    classes = builder.add("activation", "head", (classes,), (5,), SOFTMAX)
    return builder.finish(classes, ends[0])


def inner_maps() -> Graph:
    """A network whose maps on the way are outputs too, one of them the input itself."""
    builder = GraphBuilder()
    image = builder.add("input", "image", (), (7, 7, 3))
    weights = [Weight("conv/kernel", (3, 3, 3, 18)), Weight("conv/bias", (18,))]
    maps = builder.add("conv", "conv", (image,), (5, 5, 18), CONV, weights)
    active = builder.add("activation", "relu", (maps,), (5, 5, 18), RELU)
    pooled = builder.add("max_pool", "pool", (active,), (2, 2, 18), POOL)
    flat = builder.add("flatten", "flatten", (pooled,), (72,))
    weights = [Weight("dense/kernel", (72, 4)), Weight("dense/bias", (4,))]
    scores = builder.add("dense", "dense", (flat,), (4,), {}, weights)
    return builder.finish(scores, active, image, flat, pooled)


def random_parameters(graph: Graph, seed: int) -> list[Array]:
    random = np.random.default_rng(seed)
    return [
        np.abs(random.normal(size=p.shape)) + 0.5
        if p.name == "norm/variance"
        else random.normal(scale=0.3, size=p.shape)
        for p in graph.parameters
    ]


def batch(graph: Graph, rows: int, seed: int = 1) -> tuple[list[Array], list[Array]]:
    """Random samples of every input, and class numbers and rows of numbers to compare with."""
    random = np.random.default_rng(seed)
    shapes = [node.shape for node in graph.nodes if node.op == "input"]
    x: list[Array] = [random.normal(size=(rows, *shape)) for shape in shapes]
    return x, [random.integers(0, 5, rows), random.normal(size=(rows, 12))]


def made(graph: Graph, parameters: list[Array], dtype: str = "float64", isa: str = "") -> Session:
    session = Session(graph, dtype=dtype, isa=isa or None)
    for place, value in enumerate(parameters):
        session.set_parameter(place, value.astype(dtype))
    return session


LOSSES = OutputLoss(SPARSE, accuracy="sparse"), OutputLoss(MSE, weight=0.25)


@pytest.mark.parametrize("isa", ALL)
@pytest.mark.parametrize("rows", [1, 5])
def test_every_output(isa: str, rows: int) -> None:
    graph = inner_maps()
    parameters = random_parameters(graph, 0)
    x, _ = batch(graph, rows)
    found = made(graph, parameters, isa=isa).predict(x, 0, rows)
    truth = naive_graph.values(graph, parameters, x)
    for place, output in zip(graph.outputs, found, strict=True):
        np.testing.assert_allclose(output, truth[place], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("pooled", [True, False])
@pytest.mark.parametrize("normed", [True, False])
@pytest.mark.parametrize("isa", ALL)
def test_losses_and_gradients_meet(pooled: bool, normed: bool, isa: str) -> None:
    graph = twins(pooled, normed)
    parameters = random_parameters(graph, 2)
    x, y = batch(graph, 9)
    session = made(graph, parameters, isa=isa)
    session.compile(*LOSSES, optimizer=("sgd", {}))
    results = naive_graph.values(graph, parameters, x, training=True)
    classes, row = (results[place] for place in graph.outputs)
    first, grad = naive.loss(SPARSE, classes, y[0], False)
    second, other = naive.loss(MSE, row, y[1], False)
    truth = naive_graph.backward(graph, parameters, results, grad, 0.25 * other)
    for found, exact in zip(session.gradients(x, y), truth, strict=True):
        np.testing.assert_allclose(found, exact, rtol=1e-9, atol=1e-9)
    learned = session.train_step(x, y, np.arange(9), 0.1)
    right = np.mean(classes.argmax(axis=1) == y[0])
    total = first.mean() + 0.25 * second.mean()
    expected = [total, first.mean(), right, second.mean()]
    np.testing.assert_allclose(learned[:4], expected, rtol=1e-9)
    assert np.isnan(learned[4])
    moving = graph.moving
    for place, exact in enumerate(truth):
        if place not in moving:
            after = parameters[place] - 0.1 * exact
            np.testing.assert_allclose(session.get_parameter(place), after, rtol=1e-9, atol=1e-9)


def test_a_norm_that_is_called_again_goes_on_from_the_call_before() -> None:
    graph = twins(normed=True)
    parameters = random_parameters(graph, 3)
    x, y = batch(graph, 6)
    session = made(graph, parameters)
    session.compile(*LOSSES, optimizer=("sgd", {}))
    session.train_step(x, y, np.arange(6), 0.0)
    results = naive_graph.values(graph, parameters, x, training=True)
    calls = [node.inputs[0] for node in graph.nodes if node.op == "batch_norm"]
    for place in sorted(graph.moving):
        moving = parameters[place]
        for maps in (results[call] for call in calls):
            of_batch = maps.mean(axis=(0, 1, 2)), maps.var(axis=(0, 1, 2))
            variance = graph.parameters[place].name == "norm/variance"
            moving = 0.75 * moving + 0.25 * of_batch[variance]
        np.testing.assert_allclose(session.get_parameter(place), moving, rtol=1e-9)


def test_bits_do_not_depend_on_threads_and_instruction_sets() -> None:
    graph = twins(normed=True)
    parameters = random_parameters(graph, 4)
    x, y = batch(graph, 24)
    x = [images.astype(np.float32) for images in x]
    y = [y[0], y[1].astype(np.float32)]
    before, seen = engine.get_threads(), set()
    try:
        for isa in ISAS:
            for threads in (1, 2, 3):
                engine.set_threads(threads)
                session = made(graph, parameters, "float32", isa)
                session.compile(*LOSSES, optimizer=ADAM)
                for _ in range(3):
                    session.train_step(x, y, np.arange(24), 0.01)
                arrays = [session.get_parameter(i) for i in range(len(parameters))]
                seen.add(b"".join(map(bits, [*arrays, *session.predict(x, 0, 24)])))
    finally:
        engine.set_threads(before)
    assert len(seen) == 1


def test_an_output_without_a_loss_is_not_trained() -> None:
    graph = twins()
    parameters = random_parameters(graph, 5)
    x, y = batch(graph, 4)
    session = made(graph, parameters)
    session.compile(OutputLoss(""), OutputLoss(MSE), optimizer=("sgd", {}))
    learned = session.train_step(x, [np.zeros((0, 5)), y[1]], np.arange(4), 0.1)
    assert np.isnan(learned[1])
    assert learned[0] == learned[3] > 0
    names = [parameter.name for parameter in graph.parameters]
    head = names.index("head/kernel")
    np.testing.assert_array_equal(session.get_parameter(head), parameters[head])
    dense = names.index("dense/kernel")
    assert not np.array_equal(session.get_parameter(dense), parameters[dense])


def test_lists_must_fit() -> None:
    graph = twins()
    session = made(graph, random_parameters(graph, 6))
    session.compile(*LOSSES, optimizer=ADAM)
    x, y = batch(graph, 4)
    with pytest.raises(engine.EngineError, match="x must have 2 arrays"):
        session.predict(x[0], 0, 4)
    with pytest.raises(engine.EngineError, match="y must have 2 arrays"):
        session.train_step(x, y[:1], np.arange(4), 0.1)
    with pytest.raises(engine.EngineError, match="row 3 is outside x or y, which have 3 rows"):
        session.train_step([x[0], x[1][:3]], y, np.arange(4), 0.1)
