"""Large batches go through the engine by micro-batches, which changes nothing but the order."""

from __future__ import annotations

from collections.abc import Iterator

import naive_graph
import numpy as np
import pytest
from graphs import Chain
from problems import real_data, targets
from sessions import ADAM, ISAS, bits, open_session, weights
from test_activity import truth

from galago import engine
from galago.graph import Graph

#: One thread takes these by three micro-batches, seven threads all at once.
BATCH = 50
ONE, MANY = 1, 7


def pooled() -> Graph:
    """Everything that is drawn, weighed or kept for an image, over maps of some size."""
    chain = Chain(28, 28, 2).conv(16, (3, 3)).activation("relu").dropout(0.5, 3, spatial=True)
    chain = chain.activity(0.01, 0.02).conv(16, (3, 3)).activation("relu").max_pool((2, 2))
    chain = chain.dropout(0.25, 5).flatten().dense(70).activation("relu").dropout(0.5, 7)
    return chain.dense(9).activity(0.25, 0.5).activation("softmax").graph()


def merged() -> Graph:
    """Maps that are read twice, norms of each image, and a map that a dense layer reads too."""
    chain = Chain(20, 21, 16).conv(16, (3, 3), padding="same").activation("tanh")
    skip = chain.place()
    chain = chain.layer_norm().conv(16, (3, 3), padding="same").add(skip).activation("relu")
    return chain.average_pool((4, 4)).flatten().dense(70).layer_norm().dense(3).graph()


GRAPHS = {"pooled": pooled, "merged": merged}


@pytest.fixture(autouse=True)
def keep_threads() -> Iterator[None]:
    """Restore the number of threads after each test."""
    before = engine.get_threads()
    yield
    engine.set_threads(before)


def calls(made: Graph, threads: int, dtype: str = "float32") -> int:
    """How often the first dense layer is asked for its input's gradient in a train step."""
    engine.set_threads(threads)
    parameters, x = real_data(made, 1, BATCH)
    session = open_session(made, parameters, dtype=dtype, optimizer=ADAM)
    _, _, lines = session.profile("train", x.astype(dtype), targets(made, 2, BATCH), 1)
    found = [line.calls for line in lines if line.kernel == "dense_backward_input"]
    return found[-1]


@pytest.mark.parametrize("name", GRAPHS)
def test_gradients_are_those_of_the_truth(name: str) -> None:
    made = GRAPHS[name]()
    assert calls(made, ONE, "float64") == 3 * calls(made, MANY, "float64")
    parameters, x = real_data(made, 3, BATCH)
    y = targets(made, 4, BATCH)
    loss, gradients = truth(made, parameters, x, y)
    engine.set_threads(ONE)
    session = open_session(made, parameters, dtype="float64", optimizer=ADAM)
    for found, wanted in zip(session.gradients(x, y), gradients, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-11)
    results = naive_graph.values(made, parameters, x, training=True)
    np.testing.assert_allclose(session.last_outputs(), results[made.outputs[0]], rtol=1e-9)
    assert session.train_step(x, y, np.arange(BATCH), 0.0)[0] == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("name", GRAPHS)
def test_bits_do_not_depend_on_them(name: str, isa: str) -> None:
    made = GRAPHS[name]()
    assert calls(made, ONE) > calls(made, MANY)
    parameters, x = real_data(made, 5, 2 * BATCH)
    x, y = x.astype("float32"), targets(made, 6, 2 * BATCH)
    rng = np.random.default_rng(7)
    steps = [rng.permutation(2 * BATCH)[:rows] for rows in (BATCH, 2 * BATCH, BATCH - 3, 7, 40)]
    found = set()
    for threads in (ONE, 2, MANY):
        engine.set_threads(threads)
        session = open_session(made, parameters, isa=isa, optimizer=ADAM)
        said = [session.train_step(x, y, rows, 0.01)[0] for rows in steps]
        outputs = bits(np.asarray(session.last_outputs()))
        found.add((tuple(said), outputs, *map(bits, weights(session, made))))
    assert len(found) == 1


def test_a_batch_norm_sees_the_whole_batch() -> None:
    chain = Chain(28, 28, 2).conv(16, (3, 3)).batch_norm().activation("relu").flatten()
    made = chain.dense(70).dense(3).graph()
    assert calls(made, ONE) == calls(made, MANY)
