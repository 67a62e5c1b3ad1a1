"""BatchNormalization: weights, lowering, errors. What it computes: tests/engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from galago import initializers, layers
from galago.errors import ArgumentError, ShapeError, UnknownNameError
from galago.graph import GraphBuilder


def built(**arguments: Any) -> layers.BatchNormalization:
    layer = layers.BatchNormalization(**arguments)
    layer.build((None, 4, 4, 3))
    return layer


@pytest.mark.parametrize(
    ("arguments", "learned"),
    [
        ({}, ["gamma", "beta"]),
        ({"scale": False}, ["beta"]),
        ({"center": False}, ["gamma"]),
        ({"scale": False, "center": False}, []),
    ],
)
def test_weights_stand_in_keras_order(arguments: dict[str, bool], learned: list[str]) -> None:
    layer = built(**arguments)
    names = [variable.name for variable in layer.weights]
    assert names == [*learned, "moving_mean", "moving_variance"]
    assert [variable.name for variable in layer.trainable_weights] == learned
    assert [variable.name for variable in layer.non_trainable_weights] == names[-2:]
    assert layer.count_params() == 3 * len(names)


def test_starting_values() -> None:
    values = [value.tolist() for value in built().get_weights()]
    assert values == [[1.0] * 3, [0.0] * 3, [0.0] * 3, [1.0] * 3]
    chosen = built(
        gamma_initializer=initializers.Constant(2.0),
        beta_initializer="ones",
        moving_mean_initializer=initializers.Constant(3.0),
        moving_variance_initializer=initializers.Constant(4.0),
    )
    assert [value[0] for value in chosen.get_weights()] == [2.0, 1.0, 3.0, 4.0]


@pytest.mark.parametrize(("frozen", "inference"), [(False, 0), (True, 1)])
def test_lowering(frozen: bool, inference: int) -> None:
    layer, other = (built(name="n", momentum=0.9, center=False) for _ in range(2))
    builder = GraphBuilder([layer if frozen else other])
    source = builder.add("input", "input", (), (4, 4, 3))
    graph = builder.finish(layer.lower(builder, source, (4, 4, 3)))
    assert str(graph).splitlines()[1] == (
        f"%1 = batch_norm n (%0) center=0 epsilon=0.001 inference={inference} momentum=0.9 "
        "scale=1 -> 4x4x3"
    )
    assert [parameter.name for parameter in graph.parameters] == [
        "n/gamma",
        "n/moving_mean",
        "n/moving_variance",
    ]
    assert graph.moving == (frozenset() if inference else {1, 2})


def test_steps_are_an_image_of_one_row() -> None:
    layer = layers.BatchNormalization(name="n")
    layer.build((None, 9, 4))
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (9, 4))
    graph = builder.finish(layer.lower(builder, source, (9, 4)))
    assert [weight.shape for weight in layer.weights] == [(4,)] * 4
    assert str(graph).splitlines()[1:] == [
        "%1 = reshape n (%0) -> 1x9x4",
        "%2 = batch_norm n (%1) center=1 epsilon=0.001 inference=0 momentum=0.99 scale=1 -> 1x9x4",
        "%3 = reshape n (%2) -> 9x4",
    ]


def test_features_steps_and_images() -> None:
    assert layers.BatchNormalization(axis=1).compute_output_shape((None, 7)) == (None, 7)
    assert layers.BatchNormalization(axis=2).compute_output_shape((None, 9, 7)) == (None, 9, 7)
    assert layers.BatchNormalization(axis=3).compute_output_shape((None, 2, 3, 7))[-1] == 7


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: built(axis=1),
            ArgumentError,
            "BatchNormalization 'batch_normalization': expected axis -1 or 3, the axis of the "
            "channels, received 1. Leave axis out.",
        ),
        (
            lambda: built(axis=True),
            ArgumentError,
            "BatchNormalization 'batch_normalization': expected axis -1 or 3, the axis of the "
            "channels, received True. Leave axis out.",
        ),
        (
            lambda: built(momentum=1.5),
            ArgumentError,
            "BatchNormalization 'batch_normalization': momentum must be a finite number from 0 to "
            "1, received 1.5. Pass a float for momentum.",
        ),
        (
            lambda: built(epsilon=-1),
            ArgumentError,
            "BatchNormalization 'batch_normalization': epsilon must be a finite number of at "
            "least 0, received -1. Pass a float for epsilon.",
        ),
        (
            lambda: built(epsilon=0),
            ArgumentError,
            "BatchNormalization 'batch_normalization': epsilon must be greater than 0, since a "
            "variance may be 0, received 0. Pass for example epsilon=0.001.",
        ),
        (
            lambda: built(scale=1),
            ArgumentError,
            "BatchNormalization 'batch_normalization': scale must be True or False, received 1. "
            "Pass one of them.",
        ),
        (
            lambda: built(gamma_initializer="one"),
            UnknownNameError,
            "BatchNormalization 'batch_normalization': expected a known initializer, received "
            "'one'. Did you mean 'ones'? Known: glorot_uniform, glorot_normal, he_uniform, "
            "he_normal, lecun_uniform, lecun_normal, random_uniform, random_normal, "
            "truncated_normal, variance_scaling, orthogonal, identity, known_good, zeros, ones, "
            "constant.",
        ),
        (
            lambda: layers.BatchNormalization().build((None, 8, 28, 28, 3)),
            ShapeError,
            "BatchNormalization 'batch_normalization': expected features (n,), sequences (steps, "
            "channels) or images (height, width, channels), received (8, 28, 28, 3). Leave the "
            "batch axis out of input_shape.",
        ),
        (
            lambda: layers.BatchNormalization(axis=1).build((None, 9, 4)),
            ArgumentError,
            "BatchNormalization 'batch_normalization': expected axis -1 or 2, the axis of the "
            "channels, received 1. Leave axis out.",
        ),
    ],
)
def test_errors(make: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message
