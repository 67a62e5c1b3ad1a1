"""The graph: plain, immutable, equal when it says the same."""

from __future__ import annotations

import dataclasses
import json
import pickle

import pytest

import galago
from galago import layers
from galago.graph import Graph, Node, Parameter


def reference_model() -> galago.Sequential:
    galago.utils.clear_session()
    return galago.Sequential(
        [
            layers.Conv2D(64, (3, 3), activation="relu", input_shape=(28, 28, 1)),
            layers.MaxPooling2D(2, 2),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D(2, 2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def test_the_reference_model_in_print() -> None:
    assert str(reference_model().to_graph()).splitlines() == [
        "%0 = input input_layer () -> 28x28x1",
        "%1 = conv conv2d (%0) dilation=(1, 1) groups=1 kernel=(3, 3) padding=(0, 0, 0, 0) "
        "strides=(1, 1) -> 26x26x64",
        "%2 = activation conv2d (%1) alpha=0.0 kind=relu -> 26x26x64",
        "%3 = max_pool max_pooling2d (%2) padding=(0, 0, 0, 0) pool=(2, 2) strides=(2, 2) "
        "-> 13x13x64",
        "%4 = conv conv2d_1 (%3) dilation=(1, 1) groups=1 kernel=(3, 3) padding=(0, 0, 0, 0) "
        "strides=(1, 1) -> 11x11x64",
        "%5 = activation conv2d_1 (%4) alpha=0.0 kind=relu -> 11x11x64",
        "%6 = max_pool max_pooling2d_1 (%5) padding=(0, 0, 0, 0) pool=(2, 2) strides=(2, 2) "
        "-> 5x5x64",
        "%7 = flatten flatten (%6) -> 1600",
        "%8 = dense dense (%7) -> 128",
        "%9 = activation dense (%8) alpha=0.0 kind=relu -> 128",
        "%10 = dense dense_1 (%9) -> 10",
        "%11 = activation dense_1 (%10) alpha=0.0 kind=softmax -> 10",
    ]


def test_parameters_stand_in_the_order_of_the_model() -> None:
    model = reference_model()
    graph = model.to_graph()
    assert graph.parameters[:3] == (
        Parameter("conv2d/kernel", (3, 3, 1, 64)),
        Parameter("conv2d/bias", (64,)),
        Parameter("conv2d_1/kernel", (3, 3, 64, 64)),
    )
    assert [p.name for p in graph.parameters] == [variable.path for variable in model.weights]
    assert [node.parameters for node in graph.nodes if node.parameters] == [
        (0, 1),
        (2, 3),
        (4, 5),
        (6, 7),
    ]
    assert graph.outputs == (11,)


def test_equal_models_give_equal_graphs() -> None:
    first, second = reference_model().to_graph(), reference_model().to_graph()
    assert first == second
    assert hash(first) == hash(second)
    assert first.to_json() == second.to_json()
    assert pickle.loads(pickle.dumps(first)) == first


def test_json_holds_everything() -> None:
    stored = json.loads(reference_model().to_graph().to_json())
    assert stored["nodes"][3] == {
        "op": "max_pool",
        "name": "max_pooling2d",
        "inputs": [2],
        "shape": [13, 13, 64],
        "attributes": [["padding", [0, 0, 0, 0]], ["pool", [2, 2]], ["strides", [2, 2]]],
        "parameters": [],
    }
    assert stored["parameters"][1] == {"name": "conv2d/bias", "shape": [64]}


def test_json_comes_back() -> None:
    graph = reference_model().to_graph()
    assert Graph.from_json(graph.to_json()) == graph


@pytest.mark.parametrize(
    "value", [Graph((), (), ()), Node("flatten", "f", (0,), (4,)), Parameter("p", (1,))]
)
def test_nothing_can_be_changed(value: object) -> None:
    field = dataclasses.fields(value)[0].name  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field, ())
