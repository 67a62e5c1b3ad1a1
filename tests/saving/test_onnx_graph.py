"""Graphs as ONNX models: they compute the same, and as ONNX would have it."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx_reader
import pytest
from graphs import Chain, Weight, reference_model
from naive import ACTIVATIONS, Array
from naive_graph import predict
from problems import FAMILIES, problem, real_data

from galago.errors import ArgumentError
from galago.graph import Graph, GraphBuilder
from galago.saving.onnx_graph import to_onnx


def outputs(graph: Graph, parameters: list[Array], x: Array) -> Array:
    return onnx_reader.run(onnx_reader.read(to_onnx(graph, parameters)), x)


@pytest.mark.parametrize("family", FAMILIES)
def test_generated_graphs(family: str) -> None:
    for number in range(12):
        made = problem(family, number)
        found = outputs(made.graph, made.parameters, made.x)
        np.testing.assert_allclose(found, made.outputs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", [*ACTIVATIONS, "softmax"])
def test_activations(kind: str) -> None:
    chain = Chain(5, 4, 3).activation(kind, 0.3).flatten().dense(7).activation(kind, 0.3)
    parameters, x = real_data(chain.graph(), 1, 3)
    found = outputs(chain.graph(), parameters, 3 * x)
    # alpha and beta of an ONNX operator are float32, whatever the tensors are
    np.testing.assert_allclose(found, predict(chain.graph(), parameters, 3 * x), rtol=1e-6)


def test_a_map_as_the_output_keeps_its_axes() -> None:
    graph = Chain(6, 5, 2).conv(3, (2, 2)).activation("relu").graph()
    parameters, x = real_data(graph, 2, 2)
    np.testing.assert_allclose(outputs(graph, parameters, x), predict(graph, parameters, x))


def test_the_reference_model() -> None:
    graph = reference_model()
    parameters, x = real_data(graph, 3, 2)
    single = [value.astype(np.float32) for value in parameters]
    model = onnx_reader.read(to_onnx(graph, single))
    body = ["Conv", "Relu", "MaxPool"] * 2 + ["Flatten", "Gemm", "Relu", "Gemm", "Softmax"]
    assert model.operators == ["Transpose", *body]
    assert model.inputs == {"input": ["batch", 28, 28, 1]}
    assert list(model.outputs.values()) == [["batch", 10]]
    found = onnx_reader.run(model, x)
    np.testing.assert_allclose(found, predict(graph, parameters, x), rtol=1e-5)


def test_a_flatten_that_others_than_dense_layers_read() -> None:
    graph = Chain(3, 4, 5).conv(5, (1, 1)).flatten().activation("relu").dense(2).graph()
    parameters, x = real_data(graph, 4, 2)
    np.testing.assert_allclose(outputs(graph, parameters, x), predict(graph, parameters, x))


def test_a_pool_over_the_whole_map() -> None:
    graph = Chain(7, 6, 3).average_pool((7, 6)).flatten().dense(4).graph()
    parameters, x = real_data(graph, 5, 2)
    model = onnx_reader.read(to_onnx(graph, parameters))
    assert "GlobalAveragePool" in model.operators
    np.testing.assert_allclose(onnx_reader.run(model, x), predict(graph, parameters, x))


def block(scale: int, center: int) -> tuple[Graph, list[Array]]:
    """Pad, batch normalization, two ways that meet in an add and a concatenate, dropout."""
    rng = np.random.default_rng(6)
    count = 2 + scale + center
    names = ["gamma"] * scale + ["beta"] * center + ["moving_mean", "moving_variance"]
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (3, 4, 5))
    padding = {"padding": (1, 0, 2, 1)}
    pad = builder.add("pad", "pad", (source,), (4, 7, 5), padding)
    attributes: dict[str, Any] = {"momentum": 0.9, "epsilon": 1e-3, "inference": 0}
    attributes |= {"scale": scale, "center": center}
    weights = [Weight(f"bn/{name}", (5,)) for name in names]
    bn = builder.add("batch_norm", "bn", (pad,), (4, 7, 5), attributes, weights)
    add = builder.add("add", "add", (pad, bn, pad), (4, 7, 5))
    both = builder.add("concatenate", "both", (add, pad), (4, 7, 10))
    out = builder.add("dropout", "dropout", (both,), (4, 7, 10), {"rate": 0.5, "seed": 1})
    return builder.finish(out), [rng.random(5) + 0.5 for _ in range(count)]


@pytest.mark.parametrize("scale", [0, 1])
@pytest.mark.parametrize("center", [0, 1])
def test_graphs_that_are_no_chains(scale: int, center: int) -> None:
    graph, parameters = block(scale, center)
    x = np.random.default_rng(7).normal(size=(2, 3, 4, 5))
    padded = np.pad(x, ((0, 0), (1, 0), (2, 1), (0, 0)))
    *rest, mean, variance = parameters
    gamma = rest[0] if scale else 1.0
    beta = rest[-1] if center else 0.0
    normal = (padded - mean) / np.sqrt(variance + 1e-3) * gamma + beta
    expected = np.concatenate([2 * padded + normal, padded], axis=-1)
    np.testing.assert_allclose(outputs(graph, parameters, x), expected, rtol=1e-6)


def test_names_are_unique() -> None:
    graph, parameters = block(1, 1)
    model = onnx_reader.read(to_onnx(graph, parameters))
    made = [*model.inputs, *model.tensors, *(node.output for node in model.nodes)]
    assert len(made) == len(set(made))


def test_other_weights_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"expected weights of shapes \[\(784, 128\), .*model"):
        to_onnx(Chain(28, 28).flatten().dense(128).graph(), [])


def test_an_operation_that_is_not_known_is_refused() -> None:
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (3,))
    graph = builder.finish(builder.add("guess", "grow", (source,), (6,)))
    with pytest.raises(ArgumentError, match="received 'guess' of 'grow'"):
        to_onnx(graph, [])
