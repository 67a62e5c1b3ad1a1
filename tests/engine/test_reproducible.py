"""300 training steps end in the same weights for any number of threads and on every ISA."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pytest
from graphs import reference_model
from problems import real_data, targets
from sessions import ADAM, ISAS, bits, open_session, weights

from galago import engine

STEPS = 300
THREADS = (1, 2, 3, 4, 7)


@pytest.fixture(autouse=True)
def keep_threads() -> Iterator[None]:
    """Restore the number of threads after each test."""
    before = engine.get_threads()
    yield
    engine.set_threads(before)


def trained_hash(filters: int, batch: int, isa: str | None = None) -> str:
    """SHA-256 of all weights after training on images whose bright spot tells the label."""
    made = reference_model(filters)
    parameters, _ = real_data(made, 1, 1)
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 10, 1000)
    images = rng.random((1000, 28, 28, 1), dtype=np.float32)
    images[np.arange(1000), 2 + 2 * labels, 5:20] += 1
    session = open_session(
        made, parameters, isa=isa, loss="sparse_categorical_crossentropy", optimizer=ADAM
    )
    for step in range(STEPS):
        indices = (np.arange(batch) * 7 + step * batch) % 1000
        loss, _ = session.train_step(images, labels, indices, 0.001)
    assert loss < 1.0  # it has learned, so the weights went a long way
    return hashlib.sha256(b"".join(w.tobytes() for w in weights(session, made))).hexdigest()


def test_weights_do_not_depend_on_threads() -> None:
    found = {}
    for threads in THREADS:
        engine.set_threads(threads)
        found[threads] = trained_hash(filters=64, batch=32)
    assert len(set(found.values())) == 1, found


def test_a_resumed_training_ends_in_the_same_weights() -> None:
    made = reference_model(5)
    parameters, x = real_data(made, 1, 24)
    y = targets(made, 2, 24)
    whole = open_session(made, parameters, dtype="float64", optimizer=ADAM)
    first = open_session(made, parameters, dtype="float64", optimizer=ADAM)
    for step in range(10):
        whole.train_step(x, y, np.arange(step, step + 9), 0.01)
    for step in range(4):
        first.train_step(x, y, np.arange(step, step + 9), 0.01)
    second = open_session(made, weights(first, made), dtype="float64", optimizer=ADAM)
    second.set_optimizer_state(first.get_optimizer_state())
    for step in range(4, 10):
        second.train_step(x, y, np.arange(step, step + 9), 0.01)
    assert second.iterations == whole.iterations == 10
    for found, expected in zip(weights(second, made), weights(whole, made), strict=True):
        assert bits(found) == bits(expected)


def test_steps_in_one_call_are_the_same_as_one_by_one() -> None:
    made = reference_model(5)
    parameters, x = real_data(made, 1, 24)
    y = targets(made, 2, 24)
    one_by_one = open_session(made, parameters, optimizer=ADAM)
    together = open_session(made, parameters, optimizer=ADAM)
    indices = np.random.default_rng(0).permutation(24)
    batches = [indices[:9], indices[9:18], indices[18:]]
    expected = [one_by_one.train_step(x, y, rows, 0.01) for rows in batches]
    np.testing.assert_array_equal(together.train_steps(x, y, indices, 9, 0.01), expected)
    assert together.iterations == 3
    for found, wanted in zip(weights(together, made), weights(one_by_one, made), strict=True):
        assert bits(found) == bits(wanted)


def test_last_outputs_are_those_before_the_step() -> None:
    made = reference_model(5)
    parameters, x = real_data(made, 1, 12)
    session = open_session(made, parameters, optimizer=ADAM)
    indices = np.array([3, 1, 4, 1, 5])
    expected = session.predict(x, 0, 12)[indices]
    session.train_step(x, targets(made, 2, 12), indices, 0.01)
    assert bits(session.last_outputs()) == bits(expected)
    session.test_step(x, targets(made, 2, 12), 2, 9)
    assert bits(session.last_outputs()) == bits(session.predict(x, 2, 9))


def test_weights_do_not_depend_on_the_isa() -> None:
    found = {isa: trained_hash(filters=8, batch=8, isa=isa) for isa in ISAS}
    assert len(set(found.values())) == 1, found
