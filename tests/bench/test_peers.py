"""Each installed framework computes what naive loops compute: `pytest -m parity`."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from typing import Any

import naive_graph
import numpy as np
import pytest
from families import BENCHED
from graphs import Chain, Weight, reference_model
from problems import graph, real_data

from galago.bench.contestants import KINDS, OWN, Kind
from galago.bench.peers.base import BETA_1, BETA_2, EPSILON, LEARNING_RATE, Array
from galago.bench.work import Work
from galago.graph import Graph, GraphBuilder
from galago.saving.onnx_graph import to_onnx

pytestmark = pytest.mark.parity

BATCH, STEPS, CLASSES = 8, 5, 10


def installed(kind: Kind) -> bool:
    return kind.name != OWN and all(importlib.util.find_spec(name) for name in kind.packages)


#: (kind, mode, options) of every setting that runs here; compiling takes minutes and is left out.
SETTINGS = [
    pytest.param(kind, setting.options, id=f"{mode}-{kind.name}-{setting.name}")
    for kind in KINDS
    if installed(kind)
    for mode in ("train", "infer")
    for setting in kind.settings(mode, every=True)
    if "compile" not in setting.options and "bfloat16" not in setting.options
]
TRAINED = [one for one in SETTINGS if str(one.id).startswith("train")]
ASKED = [one for one in SETTINGS if str(one.id).startswith("infer")]


def open_peer(kind: Kind, options: Any, work: Work) -> Any:
    module = importlib.import_module(f"galago.bench.peers.{kind.name}")
    return module.open_peer(work, 1, dict(options))


def make_work(made: Graph, weights: list[Array], x: Array, y: Array, expected: Array) -> Work:
    single = [value.astype(np.float32) for value in weights]
    x = x.astype(np.float32)
    return Work("", made, single, x, y, expected, to_onnx(made, single))


def branches(training: bool) -> tuple[Graph, list[Array], Array]:
    """Pad, normalization, two ways that meet, a depthwise convolution, dropout, a global pool."""
    rng = np.random.default_rng(1)
    builder = GraphBuilder()
    window = {"strides": (1, 1), "dilation": (1, 1), "padding": (1, 1, 1, 1)}
    source = builder.add("input", "input", (), (8, 8, 6))
    attributes = {"kernel": (3, 3), "groups": 6} | window
    weights = [Weight("depthwise/kernel", (3, 3, 6, 2))]
    deep = builder.add("conv", "depthwise", (source,), (8, 8, 12), attributes, weights)
    normal = {"momentum": 0.9, "epsilon": 1e-3, "scale": 1, "center": 1, "inference": 0}
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    weights = [Weight(f"bn/{name}", (12,)) for name in names]
    bn = builder.add("batch_norm", "bn", (deep,), (8, 8, 12), normal, weights)
    relu = builder.add("activation", "bn", (bn,), (8, 8, 12), {"kind": "relu", "alpha": 0.0})
    add = builder.add("add", "add", (relu, deep), (8, 8, 12))
    both = builder.add("concatenate", "both", (add, source), (8, 8, 18))
    pad = builder.add("pad", "pad", (both,), (9, 10, 18), {"padding": (1, 0, 2, 0)})
    pool = {"pool": (9, 10), "strides": (9, 10), "padding": (0, 0, 0, 0)}
    last = builder.add("average_pool", "pool", (pad,), (1, 1, 18), pool)
    last = builder.add("flatten", "flatten", (last,), (18,))
    if not training:
        last = builder.add("dropout", "dropout", (last,), (18,), {"rate": 0.5, "seed": 1})
    weights = [Weight("dense/kernel", (18, CLASSES)), Weight("dense/bias", (CLASSES,))]
    last = builder.add("dense", "dense", (last,), (CLASSES,), {}, weights)
    kind = {"kind": "softmax", "alpha": 0.0}
    made = builder.finish(builder.add("activation", "dense", (last,), (CLASSES,), kind))
    parameters = [rng.normal(size=p.shape) * 0.3 for p in made.parameters]
    parameters[1:5] = [np.ones(12), np.zeros(12), np.zeros(12), np.ones(12)]
    return made, parameters, rng.normal(size=(BATCH, 8, 8, 6))


def branches_outputs(parameters: list[Array], x: Array, normalized: Any) -> Array:
    """What branches() gives, written out; `normalized` stands for the batch normalization."""
    kernel, dense, bias = parameters[0], parameters[5], parameters[6]
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    deep = np.zeros((len(x), 8, 8, 6, 2))
    for row in range(3):
        for column in range(3):
            part = padded[:, row : row + 8, column : column + 8]
            deep += part[..., None] * kernel[row, column]
    deep = deep.reshape(len(x), 8, 8, 12)
    both = np.concatenate([np.maximum(normalized(deep), 0) + deep, x], axis=-1)
    logits = both.sum(axis=(1, 2)) / 90 @ dense + bias
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def graphs() -> Iterator[Graph]:
    """Generated ones, but for maps of two axes."""
    for family in BENCHED:
        for number in range(3):
            made = graph(family, 7000 + number)
            if len(made.nodes[0].shape) != 2:
                yield made
    kinds = ("elu", "gelu", "hard_sigmoid", "leaky_relu", "silu", "softplus", "tanh", "selu")
    chain = Chain(6, 5, 4)
    for kind in kinds:
        chain = chain.conv(4, (2, 2), padding="same").activation(kind, 0.3)
    yield chain.flatten().dense(3).activation("softmax").graph()


def keras_has(made: Graph) -> bool:
    """Whether its layers take these strides: no dilation besides, depthwise equal ones only."""
    attributes: list[Any] = [dict(node.attributes) for node in made.nodes if node.op == "conv"]
    return not any(
        max(a["strides"]) > 1
        and (max(a["dilation"]) > 1 or (a["groups"] > 1 and len(set(a["strides"])) > 1))
        for a in attributes
    )


@pytest.mark.parametrize(("kind", "options"), ASKED)
def test_outputs(kind: Kind, options: Any) -> None:
    for made in graphs():
        if kind.name == "tensorflow" and not keras_has(made):
            continue
        parameters, x = real_data(made, 1, BATCH)
        expected = naive_graph.predict(made, parameters, x)
        work = make_work(made, parameters, x, np.zeros(BATCH, np.int64), expected)
        found = open_peer(kind, options, work).predictor(BATCH)(work.x)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4, err_msg=str(made))


@pytest.mark.parametrize(("kind", "options"), ASKED)
def test_graphs_with_branches(kind: Kind, options: Any) -> None:
    made, parameters, x = branches(training=False)
    factor = 1 / np.sqrt(1 + 1e-3)
    expected = branches_outputs(parameters, x, lambda deep: deep * factor)
    work = make_work(made, parameters, x, np.zeros(BATCH, np.int64), expected)
    found = open_peer(kind, options, work).predictor(BATCH)(work.x)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("kind", "options"), TRAINED)
def test_losses_of_a_training(kind: Kind, options: Any) -> None:
    made = reference_model(4)
    parameters, _ = real_data(made, 2, 1)
    rng = np.random.default_rng(3)
    x, y = rng.random((BATCH * STEPS, 28, 28, 1)), rng.integers(0, CLASSES, BATCH * STEPS)
    work = make_work(made, parameters, x, y, x[:0])
    found = open_peer(kind, options, work).trainer(BATCH)(work.x, work.y)()
    assert found == pytest.approx(adam(made, work.weights, x, y), rel=1e-4)


@pytest.mark.parametrize(("kind", "options"), TRAINED)
def test_a_step_normalizes_with_the_batch(kind: Kind, options: Any) -> None:
    made, parameters, x = branches(training=True)
    y = np.arange(BATCH) % CLASSES

    def normalized(deep: Array) -> Array:
        centred = deep - deep.mean(axis=(0, 1, 2))
        scaled: Array = centred / np.sqrt((centred**2).mean(axis=(0, 1, 2)) + 1e-3)
        return scaled

    outputs = branches_outputs(parameters, x, normalized)
    work = make_work(made, parameters, x, y, outputs)
    found = open_peer(kind, options, work).trainer(BATCH)(work.x, work.y)()
    assert found == pytest.approx(-np.log(outputs[np.arange(BATCH), y]).mean(), rel=1e-4)


def adam(made: Graph, weights: Any, x: Array, y: Array) -> float:
    """Mean loss of a training with naive loops, in float64."""
    parameters = [value.astype(np.float64) for value in weights]
    first, second = ([np.zeros(p.shape) for p in parameters] for _ in range(2))
    losses = []
    for step in range(STEPS):
        rows = slice(step * BATCH, (step + 1) * BATCH)
        loss, grads = naive_graph.gradients(
            made, parameters, x[rows], y[rows], "sparse_categorical_crossentropy"
        )
        losses.append(loss)
        rate = LEARNING_RATE * np.sqrt(1 - BETA_2 ** (step + 1)) / (1 - BETA_1 ** (step + 1))
        for place, grad in enumerate(grads):
            first[place] += (1 - BETA_1) * (grad - first[place])
            second[place] += (1 - BETA_2) * (grad**2 - second[place])
            parameters[place] -= rate * first[place] / (np.sqrt(second[place]) + EPSILON)
    return float(np.mean(losses))
