"""Dropout: lowering, seeds, errors; penalties of outputs. What they compute: tests/engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago import layers, regularizers
from galago.errors import ArgumentError, UnknownNameError
from galago.graph import Graph, GraphBuilder
from galago.layers import Input


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


def penalized() -> galago.Model:
    """A layer that is called twice, and one in a model of its own, each with a penalty."""
    inputs = Input((3,))
    twice = layers.Dense(3, activity_regularizer=regularizers.L2(0.5), name="twice")
    inner = galago.Sequential([layers.Dense(2, name="in", activity_regularizer="l1")], name="m")
    return galago.Model(inputs, inner(twice(twice(inputs))))


def test_every_call_of_a_layer_has_its_penalty() -> None:
    model, x = penalized(), np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    model.compile("sgd", "mse")
    first, second = layer_outputs(model, x)
    y = model.predict(x, verbose=0)
    wanted = 0.5 * (np.square(first).sum() + np.square(second).sum()) + 0.01 * np.abs(y).sum()
    assert model.evaluate(x, y, verbose=0) == pytest.approx(wanted / 6, rel=1e-5)
    assert model.train_on_batch(x, y) == pytest.approx(wanted / 6, rel=1e-5)


def layer_outputs(model: galago.Model, x: Any) -> tuple[Any, Any]:
    """What the two calls of the first layer give."""
    calls = model.structure.calls_of[model.get_layer("twice")]
    first, last = galago.Model(model.inputs, list(calls)).predict(x, verbose=0)
    return first, last


def test_a_file_of_a_model_with_penalties(tmp_path: Path) -> None:
    model, x = penalized(), np.ones((4, 3), np.float32)
    model.compile("sgd", "mse")
    model.save(tmp_path / "m.keras")
    again = galago.models.load_model(tmp_path / "m.keras")
    y = np.zeros((4, 2))
    assert again.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
    assert repr(again.get_layer("twice").activity_regularizer) == "L2(l2=0.5)"


def test_configurations_say_only_what_there_is() -> None:
    assert "activity_regularizer" not in layers.Dense(2).get_config()
    stored = layers.Dense(2, activity_regularizer="l2").get_config()["activity_regularizer"]
    assert stored == {"class_name": "L2", "config": {"l2": 0.01}}
    again = layers.Dense.from_config(layers.Dense(2, activity_regularizer="l2").get_config())
    assert repr(again.activity_regularizer) == "L2(l2=0.01)"
    config = layers.ActivityRegularization(0.5, name="a").get_config()
    assert config == {"l1": 0.5, "l2": 0.0, "name": "a", "trainable": True}


def test_what_takes_no_penalty() -> None:
    spatial = (layers.SpatialDropout1D, layers.SpatialDropout2D)
    for make in (*spatial, layers.ActivityRegularization, layers.InputLayer):
        with pytest.raises(ArgumentError, match="received 'activity_regularizer'"):
            make(0.5, activity_regularizer="l2")
    with pytest.raises(UnknownNameError, match="Dense 'dense': expected a known regularizer"):
        layers.Dense(2, activity_regularizer="l3")
    with pytest.raises(ArgumentError, match="L1L2: l1 must be"):
        layers.ActivityRegularization(-1.0)


def test_a_penalty_of_nothing_is_none() -> None:
    inputs = Input((3,))
    model = galago.Model(inputs, layers.ActivityRegularization()(inputs))
    assert [node.op for node in model.to_graph().nodes] == ["input"]
