"""What explanations say of every kind of layer is what the engine computed."""

from __future__ import annotations

import itertools
from typing import Any

import layer_cases
import numpy as np
import pytest

import galago
from galago.errors import DataError
from galago.explain.probe import Probe, probe
from galago.explain.steps import step_of
from galago.windows import feeds, point, reads

CASES = sorted(layer_cases.CASES)


def probed(name: str) -> Probe:
    """The small model around a layer, run on one example in float64."""
    galago.config.set_floatx("float64")
    _, model = layer_cases.layer_and_model(galago, name)
    layer_cases.start(model)
    return probe(model, layer_cases.data()[0][3])


def places(shape: tuple[int, ...]) -> Any:
    return itertools.product(*map(range, shape))


@pytest.mark.parametrize("name", CASES)
def test_terms_add_up_to_the_engines_number(name: str) -> None:
    found = probed(name)
    for node, one in enumerate(found.graph.nodes):
        if one.op == "input":
            assert step_of(found, node, (0,)) is None
            continue
        for place in places(one.shape):
            step = step_of(found, node, place)
            assert step is not None
            size = 1 + sum(abs(term.product) for term in step.terms)
            assert step.total == pytest.approx(step.value, abs=1e-12 * size), (str(one), place)


@pytest.mark.parametrize("name", CASES)
def test_who_reads_a_number_is_whom_it_feeds(name: str) -> None:
    graph = probed(name).graph
    for one in graph.nodes:
        shapes = [graph.nodes[source].shape for source in one.inputs]
        for which, shape in enumerate(shapes):
            pairs = {
                (cell, place)
                for place in places(one.shape)
                for cell in itertools.product(
                    *(range(*part) for part in reads(one, shapes, point(place))[which])
                )
            }
            back = {
                (cell, place)
                for cell in places(shape)
                for place in itertools.product(
                    *(range(*part) for part in feeds(one, shapes, which, point(cell)))
                )
            }
            if one.op in ("conv", "max_pool", "average_pool"):
                # Strides, dilation and dilated maps leave gaps; what is read lies in the hull.
                assert pairs <= back or back <= pairs, str(one)
            else:
                assert pairs == back, str(one)


@pytest.mark.parametrize("name", CASES)
def test_terms_lie_in_what_is_read(name: str) -> None:
    """Every term lies in what the windows say is read."""
    found = probed(name)
    for node, one in enumerate(found.graph.nodes):
        step = step_of(found, node, tuple(n // 2 for n in one.shape))
        if step is None:
            continue
        shapes = [found.graph.nodes[source].shape for source in one.inputs]
        regions = reads(one, shapes, point(step.place))
        for term in step.terms:
            inside = [
                all(first <= n < end for n, (first, end) in zip(term.place, region, strict=True))
                for source, region in zip(one.inputs, regions, strict=True)
                if source == term.source
            ]
            assert any(inside), str(one)


def test_the_winner_of_a_pool() -> None:
    model = galago.Sequential([galago.layers.MaxPooling2D(2, input_shape=(4, 4, 1))])
    image = np.arange(16.0).reshape(4, 4)[::-1]
    step = step_of(probe(model, image), 1, (0, 0, 0))
    assert step is not None and step.winner == 1
    assert [term.value for term in step.terms] == [12, 13, 8, 9]


def test_wrong_examples() -> None:
    model = galago.applications.reference(4)
    with pytest.raises(DataError, match=r"one example of shape \(28, 28, 1\).*\(2, 28, 28, 1\)"):
        probe(model, np.zeros((2, 28, 28, 1)))
    with pytest.raises(DataError, match="received <U4"):
        probe(model, "text")
    assert probe(model, np.zeros((28, 28), np.uint8)).values[0].shape == (28, 28, 1)


def test_several_inputs() -> None:
    inputs = [galago.Input((2,)), galago.Input((2,))]
    model = galago.Model(inputs, galago.layers.Subtract()(inputs))
    step = step_of(probe(model, [np.array([5.0, 1]), np.array([3.0, 4])]), 2, (0,))
    assert step is not None and step.value == 2
    assert [term.weight for term in step.terms] == [1, -1]
    with pytest.raises(DataError, match="expected 2 inputs, received 1"):
        probe(model, np.zeros(2))
