"""Dropout: lowering, seeds, errors. What it computes: tests/engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import galago
from galago import layers
from galago.errors import ArgumentError
from galago.graph import Graph, GraphBuilder


def lowered(layer: layers.Dropout) -> Graph:
    builder = GraphBuilder()
    source = builder.add("input", "input", (), (4,))
    return builder.finish(layer.lower(builder, source, (4,)))


def seed(layer: layers.Dropout) -> Any:
    return dict(lowered(layer).nodes[1].attributes)["seed"]


def test_lowering() -> None:
    line = str(lowered(layers.Dropout(0.25, seed=7, name="d"))).splitlines()[1]
    assert line == "%1 = dropout d (%0) rate=0.25 seed=7 -> 4"


def test_nothing_is_dropped_at_rate_0() -> None:
    assert lowered(layers.Dropout(0.0)).outputs == (0,)


def test_a_seed_of_its_own() -> None:
    galago.set_seed(5)
    first, second = layers.Dropout(0.5), layers.Dropout(0.5)
    drawn = [seed(first), seed(second)]
    assert drawn[0] != drawn[1]
    assert [seed(first), seed(second)] == drawn
    galago.set_seed(5)
    assert [seed(layers.Dropout(0.5)), seed(layers.Dropout(0.5))] == drawn
    galago.set_seed(6)
    assert seed(layers.Dropout(0.5)) not in drawn
    assert all(0 <= number < 2**64 for number in drawn)
    assert first.get_config()["seed"] is None


def test_a_large_seed_fits_the_engine() -> None:
    assert seed(layers.Dropout(0.5, seed=2**64 + 3)) == 3


def test_weights_do_not_depend_on_a_dropout_before_them() -> None:
    def kernel(with_dropout: bool) -> Any:
        galago.set_seed(1)
        dropout = [layers.Dropout(0.5)] if with_dropout else []
        model = galago.Sequential([galago.Input((4,)), *dropout, layers.Dense(2)])
        model.to_graph()
        return model.get_weights()[0].tolist()

    assert kernel(True) == kernel(False)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: layers.Dropout(1.5),
            "Dropout 'dropout': rate must be a finite number from 0 to 1, received 1.5. "
            "Pass a float for rate.",
        ),
        (
            lambda: layers.Dropout(1),
            "Dropout 'dropout': rate must be less than 1, at which nothing would be left, "
            "received 1. Pass for example rate=0.5.",
        ),
        (
            lambda: layers.Dropout(0.5, seed=-1),
            "Dropout 'dropout': seed must be a whole number of at least 0, received -1. Pass an "
            "int, such as seed=1.",
        ),
    ],
)
def test_errors(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == message
