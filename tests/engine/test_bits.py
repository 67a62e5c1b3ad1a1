"""The same bits on every ISA, for any number of threads and in any batch, on real-valued data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from graphs import Chain, dense_baseline, layer_normed_graphs, noisy_graphs, reference_model
from naive import ACTIVATIONS
from problems import FAMILIES, graph, numbers, real_data, targets
from sessions import ADAM, ALL, ISAS, bits, open_session, weights

from galago import engine
from galago.graph import Graph

THREADS = (1, 2, 3, 4, 7)
SGD = ("sgd", {"momentum": 0.9, "nesterov": True})


@pytest.fixture(autouse=True)
def keep_threads() -> Iterator[None]:
    """Restore the number of threads after each test."""
    before = engine.get_threads()
    yield
    engine.set_threads(before)


def activation_graphs() -> list[Graph]:
    """Every activation behind a convolution and behind a dense layer; layer norms and noise."""
    found = [*layer_normed_graphs(), *noisy_graphs()]
    for kind in (*ACTIVATIONS, "softmax"):
        chain = Chain(6, 5, 2).conv(19, (2, 3)).activation(kind, 0.3).flatten()
        found.append(chain.dense(21).activation(kind, 0.3).dense(4).graph())
    return found


def sample(family: str) -> list[Graph]:
    """Some graphs of a family."""
    last = 1004 if family == "large" else 1020
    return [graph(family, number) for number in numbers(1000, last)]


def all_bits(made: Graph, isa: str, dtype: str, optimizer: Any = ADAM) -> list[bytes]:
    """Predictions, gradients and weights after two steps."""
    batch = 9
    parameters, x = real_data(made, 5, batch)
    y = targets(made, 6, batch).astype(dtype)
    x = x.astype(dtype)
    session = open_session(made, parameters, isa=isa, dtype=dtype, optimizer=optimizer)
    found = [session.predict(x, 0, batch), *session.gradients(x, y)]
    for indices in (np.arange(batch), np.array([3, 1, 4, 1])):
        loss, _ = session.train_step(x, y, indices.astype(np.int64), 0.01)
        found.append(np.array(loss))
    return [bits(a) for a in [*found, *weights(session, made)]]


def assert_same(found: list[bytes], expected: list[bytes], made: Graph) -> None:
    """Fail with the graph and which of predict, gradients, losses, weights differ."""
    differ = [i for i, (a, b) in enumerate(zip(found, expected, strict=True)) if a != b]
    assert not differ, f"arrays {differ} of {len(found)} differ\n{made}"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("family", FAMILIES)
def test_isas_agree(family: str, dtype: str) -> None:
    for made in sample(family):
        expected = all_bits(made, ISAS[0], dtype)
        for isa in ISAS[1:]:
            assert_same(all_bits(made, isa, dtype), expected, made)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_isas_agree_on_activations(dtype: str) -> None:
    for made in activation_graphs():
        expected = all_bits(made, ISAS[0], dtype, SGD)
        for isa in ISAS[1:]:
            assert_same(all_bits(made, isa, dtype, SGD), expected, made)


@pytest.mark.parametrize("family", FAMILIES)
def test_reference_has_the_same_chains(family: str) -> None:
    for made in sample(family)[:12]:
        parameters, x = real_data(made, 5, 5)
        found = []
        for isa in ("reference", ISAS[0]):
            session = open_session(made, parameters, isa=isa)
            found.append([bits(session.predict(x.astype(np.float32), 0, 5))])
        assert_same(found[0], found[1], made)


@pytest.mark.parametrize("threads", THREADS[1:])
def test_threads_do_not_matter(threads: int) -> None:
    made_of_all = [g for family in FAMILIES for g in sample(family)[:8]] + activation_graphs()[::4]
    for made in made_of_all:
        engine.set_threads(1)
        expected = all_bits(made, engine.isa(), "float32")
        engine.set_threads(threads)
        assert_same(all_bits(made, engine.isa(), "float32"), expected, made)


@pytest.mark.parametrize("isa", ALL)
def test_batch_does_not_matter(isa: str) -> None:
    filters = 4 if isa == "reference" else 24
    for made in (reference_model(filters), dense_baseline()):
        count = 33 if isa == "reference" else 256
        parameters, x = real_data(made, 7, count)
        x = x.astype(np.float32)
        session = open_session(made, parameters, isa=isa)
        together = session.predict(x, 0, count)
        for first, last in ((0, 1), (17, 18), (count - 1, count), (3, 8), (5, 22)):
            assert bits(session.predict(x, first, last)) == bits(together[first:last])


@pytest.mark.parametrize("threads", THREADS)
def test_batch_of_any_size_for_any_threads(threads: int) -> None:
    made = reference_model(16)
    parameters, x = real_data(made, 8, 40)
    x = x.astype(np.float32)
    session = open_session(made, parameters)
    engine.set_threads(1)
    expected = session.predict(x, 0, 40)
    engine.set_threads(threads)
    for size in (1, 2, 3, 5, 8, 13, 40):
        parts = [session.predict(x, i, min(i + size, 40)) for i in range(0, 40, size)]
        assert bits(np.concatenate(parts)) == bits(expected)


@pytest.mark.parametrize("threads", (1, 3))
@pytest.mark.parametrize("isa", ALL)
def test_training_sees_the_outputs_of_a_prediction(isa: str, threads: int) -> None:
    """Also of dense layers whose inputs are summed in parts, which only training leaves apart."""
    engine.set_threads(threads)
    made, batch = Chain(1640).dense(70).activation("relu").dense(3).graph(), 19
    parameters, x = real_data(made, 14, batch)
    session = open_session(made, parameters, isa=isa, optimizer=ADAM)
    expected = session.predict(x, 0, batch)
    session.train_step(x, targets(made, 15, batch), np.arange(batch), 0.01)
    assert bits(session.last_outputs()) == bits(expected)


def test_a_step_is_repeatable() -> None:
    made = reference_model(16)
    assert all_bits(made, engine.isa(), "float32") == all_bits(made, engine.isa(), "float32")


def test_an_input_that_is_the_output_is_loaded() -> None:
    made = Chain(5, 4).flatten().graph()
    x = np.arange(60, dtype=np.float32).reshape(3, 5, 4)
    session = open_session(made, [])
    assert bits(session.predict(x, 0, 3)) == bits(x)


@pytest.mark.parametrize("threads", (1, 3))
@pytest.mark.parametrize("isa", ALL)
def test_samples_read_in_place_are_as_those_that_are_loaded(isa: str, threads: int) -> None:
    engine.set_threads(threads)
    made, batch = dense_baseline(), 53
    parameters, x = real_data(made, 11, batch)
    y = targets(made, 12, batch)
    x32 = x.astype(np.float32)
    rows = np.random.default_rng(13).integers(0, batch, 41)
    found = []
    for given in (x32, x32.astype(np.float64)):  # in place; converted
        session = open_session(made, parameters, isa=isa, optimizer=ADAM)
        arrays = [session.predict(given, 0, batch), session.predict(given, 5, 6)]
        session.train_step(given, y, rows, 0.01)
        arrays += [session.last_outputs(), *weights(session, made)]
        found.append([bits(a) for a in arrays])
    assert_same(found[0], found[1], made)
