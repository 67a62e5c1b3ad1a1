"""The profile of a step: it names what the plan names, and changes nothing."""

from __future__ import annotations

import re

import numpy as np
import pytest
from graphs import reference_model, residual
from problems import real_data
from sessions import ADAM, ALL, bits, open_session, weights

from galago import engine
from galago.errors import EngineError
from galago.graph import Graph

SPARSE = "sparse_categorical_crossentropy"


def opened(made: Graph, isa: str | None = None) -> tuple[engine.Session, np.ndarray, np.ndarray]:
    """A session, and a batch of six with labels."""
    parameters, x = real_data(made, 0, 6)
    session = open_session(made, parameters, isa=isa, loss=SPARSE, optimizer=ADAM)
    return session, x.astype(np.float32), np.arange(6) % 3


@pytest.mark.parametrize("mode", ["train", "predict"])
def test_every_step_of_the_plan_has_a_line(mode: str) -> None:
    for made in (reference_model(16), residual(17)):
        session, x, y = opened(made)
        seconds, threads, lines = session.profile(mode, x, y, 3)
        planned = re.findall(r"^  (\w+) ([\w+/]+)", session.plan(mode), re.MULTILINE)
        assert sorted((line.kernel, line.unit) for line in lines) == sorted(planned)
        assert threads == engine.get_threads()
        worked = sum(line.seconds for line in lines)
        assert 0 < worked <= seconds * threads
        for line in lines:
            assert line.calls >= 3 or line.stage == "weights", line


def test_products_are_those_of_the_algorithm() -> None:
    session, x, y = opened(reference_model(64))
    _, _, lines = session.profile("predict", x, y, 2)
    found = {line.kernel: line.multiply_adds / 12 for line in lines if line.unit != "dense_6"}
    assert found["conv_relu_maxpool_forward"] == 24 * 24 * 64 * 9  # what the next one reads
    assert found["conv_winograd_relu_maxpool_forward"] == 4 * 49 * 64 * 64
    dense = [line for line in lines if line.kernel == "dense_forward"]
    assert [line.multiply_adds / 12 for line in dense] == [1600 * 128, 128 * 10]


def test_backward_products_are_those_of_living_winners() -> None:
    session, x, y = opened(reference_model(16))
    _, _, lines = session.profile("train", x, y, 2)
    pooled = [line for line in lines if "maxpool_backward" in line.kernel]
    assert len(pooled) == 3
    for line in pooled:
        most = 12 * {"conv_0": 12 * 12 * 16 * 9, "conv_2": 5 * 5 * 16 * 9 * 16}[line.unit[:6]]
        assert 0.1 * most < line.multiply_adds < 0.95 * most


@pytest.mark.parametrize("isa", ALL)
def test_a_profile_changes_nothing(isa: str) -> None:
    made = residual(16)
    session, x, y = opened(made, isa)
    session.train_step(x, y, np.arange(6), 0.01)
    plain, _, _ = opened(made, isa)
    plain.train_step(x, y, np.arange(6), 0.01)
    session.profile("train", x, y, 2)
    session.profile("predict", x, y, 2)
    for s in (session, plain):
        s.train_step(x, y, np.arange(6), 0.01)
    assert session.iterations == 2
    found, expected = ([bits(a) for a in weights(s, made)] for s in (session, plain))
    assert found == expected


def test_refusals() -> None:
    made = reference_model(4)
    parameters, x = real_data(made, 0, 2)
    session = open_session(made, parameters, loss=SPARSE)
    x, y = x.astype(np.float32), np.zeros(2, np.int64)
    with pytest.raises(EngineError, match="repeats must be 1 or more"):
        session.profile("predict", x, y, 0)
    with pytest.raises(EngineError, match="needs an optimizer"):
        session.profile("train", x, y, 1)


def test_peak_is_that_of_a_processor() -> None:
    assert 1e8 < engine.peak() < 1e14
