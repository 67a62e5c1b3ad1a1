"""Activations as layers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from galago import layers
from galago.errors import ArgumentError, UnknownNameError
from galago.graph import GraphBuilder


def lowered(layer: layers.Layer) -> tuple[str, ...]:
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (4,))
    graph = builder.finish(layer.lower(builder, source, (4,)))
    return tuple(str(node) for node in graph.nodes[1:])


@pytest.mark.parametrize(
    ("layer", "kind", "alpha"),
    [
        (lambda: layers.Activation("tanh"), "tanh", 0.0),
        (lambda: layers.Activation("leaky_relu"), "leaky_relu", 0.2),
        (lambda: layers.Activation("swish"), "silu", 0.0),
        (lambda: layers.ReLU(), "relu", 0.0),
        (lambda: layers.ReLU(6.0), "relu6", 0.0),
        (lambda: layers.ReLU(negative_slope=0.1), "leaky_relu", 0.1),
        (lambda: layers.LeakyReLU(), "leaky_relu", 0.3),
        (lambda: layers.ELU(2), "elu", 2.0),
        (lambda: layers.Softmax(), "softmax", 0.0),
    ],
)
def test_lowering(layer: Callable[[], layers.Layer], kind: str, alpha: float) -> None:
    made = layer()
    assert lowered(made) == (f"activation {made.name} (%0) alpha={alpha} kind={kind} -> 4",)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"max_value": 3}, "alpha=0.0 beta=0.0 kind=clipped_relu limit=3.0"),
        ({"max_value": 6, "negative_slope": 0.5}, "alpha=0.5 beta=0.0 kind=clipped_relu limit=6.0"),
        ({"threshold": 2}, "alpha=0.0 beta=2.0 kind=clipped_relu"),
        ({"negative_slope": 0.5, "threshold": 2}, "alpha=0.5 beta=2.0 kind=clipped_relu"),
    ],
)
def test_a_relu_of_other_corners(settings: dict[str, float], words: str) -> None:
    assert lowered(layers.ReLU(name="r", **settings)) == (f"activation r (%0) {words} -> 4",)


def test_linear_leaves_nothing_behind() -> None:
    assert lowered(layers.Activation("linear")) == ()


def test_unknown_activation() -> None:
    with pytest.raises(UnknownNameError) as caught:
        layers.Dense(10, activation="rellu", name="last")
    assert str(caught.value) == (
        "Dense 'last': expected a known activation, received 'rellu'. Did you mean 'relu'? Known: "
        "linear, relu, softmax, sigmoid, tanh, relu6, leaky_relu, elu, selu, gelu, silu, swish, "
        "softplus, softsign, hard_sigmoid, exponential."
    )
    with pytest.raises(UnknownNameError, match="Activation 'activation': expected the name of"):
        layers.Activation(max)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: layers.ReLU(max_value=-3),
            "ReLU 're_lu': max_value must be a finite number of at least 0, received -3. Pass a "
            "float for max_value.",
        ),
        (
            lambda: layers.ReLU(6, 0.1, -1),
            "ReLU 're_lu': threshold must be a finite number of at least 0, received -1. Pass a "
            "float for threshold.",
        ),
        (
            lambda: layers.LeakyReLU(-1),
            "LeakyReLU 'leaky_re_lu': negative_slope must be a finite number of at least 0, "
            "received -1. Pass a float for negative_slope.",
        ),
        (
            lambda: layers.ELU("x"),  # type: ignore[arg-type]
            "ELU 'elu': alpha must be a finite number of at least 0, received 'x'. "
            "Pass a float for alpha.",
        ),
    ],
)
def test_wrong_settings(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == message
