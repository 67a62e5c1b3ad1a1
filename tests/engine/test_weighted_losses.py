"""All losses with weights and options: every ISA against galago.losses, and the same bits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from graphs import Chain
from numpy.typing import NDArray
from sessions import ADAM, ALL, ISAS, bits, open_session, weights

from galago import engine, losses
from galago.errors import EngineError

MADE = {
    "smoothed": losses.CategoricalCrossentropy(True, 0.25),
    "binary": losses.BinaryCrossentropy(True, 0.125),
    "ignored": losses.SparseCategoricalCrossentropy(True, ignore_class=2),
    "absolute": losses.MeanAbsoluteError(),
    "percentage": losses.MeanAbsolutePercentageError("sum"),
    "logarithmic": losses.MeanSquaredLogarithmicError(),
    "huber": losses.Huber(0.25, "mean_with_sample_weight"),
    "log_cosh": losses.LogCosh(),
    "kl_divergence": losses.KLDivergence(),
    "poisson": losses.Poisson(),
    "hinge": losses.Hinge(),
    "squared_hinge": losses.SquaredHinge(),
    "categorical_hinge": losses.CategoricalHinge(),
    "cosine": losses.CosineSimilarity(),
    "focal": losses.BinaryFocalCrossentropy(True, gamma=1.5, from_logits=True),
    "categorical_focal": losses.CategoricalFocalCrossentropy(from_logits=True),
    "categorical_focal_shares": losses.CategoricalFocalCrossentropy(gamma=0.0),
}


@pytest.fixture(autouse=True)
def keep_threads() -> Iterator[None]:
    """Restore the number of threads after each test."""
    before = engine.get_threads()
    yield
    engine.set_threads(before)


def opened(loss: losses.Loss, graph: Any, parameters: Any, **options: Any) -> engine.Session:
    session = open_session(graph, parameters, loss=None, **options)
    logits, options, reduction = loss.from_logits, loss.options(), loss.engine_reduction
    spec = engine.OutputLoss(loss.kind, logits, options=options, reduction=reduction)
    session.compile(spec, optimizer=ADAM)
    return session


def data(loss: losses.Loss, rows: int, units: int) -> tuple[NDArray[Any], NDArray[Any], Any]:
    """Outputs above 0, labels and weights."""
    rng = np.random.default_rng(rows)
    x, y = rng.random((rows, units)) + 0.125, rng.random((rows, units))
    if loss.labels == "classes":
        return x, rng.integers(0, units, rows), rng.random(rows)
    return x, (y if "hinge" not in loss.kind else np.round(y)), rng.random(rows)


@pytest.mark.parametrize("isa", ALL)
@pytest.mark.parametrize("name", MADE)
def test_the_engine_and_numpy_agree(name: str, isa: str) -> None:
    loss = MADE[name]
    for rows, units in ((1, 3), (16, 4), (35, 17)):
        x, y, w = data(loss, rows + 2, units)
        graph = Chain(units).activation("linear").graph()
        session = opened(loss, graph, [], isa=isa, dtype="float64")
        found = session.test_step(x, y, 2, rows + 2, w)[0]
        assert found == pytest.approx(loss(y[2:], x[2:], w[2:]), rel=1e-10, abs=1e-12)
        plain = session.test_step(x, y, 2, rows + 2)[0]
        assert plain == pytest.approx(loss(y[2:], x[2:]), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", MADE)
def test_the_same_bits_on_all_isas_and_threads(name: str, dtype: str) -> None:
    loss = MADE[name]
    x, y, w = data(loss, 40, 6)
    x = x.astype(dtype)
    graph = Chain(6).dense(6).activation("softplus").graph()
    parameters = [np.random.default_rng(3).normal(size=p.shape) for p in graph.parameters]

    def trained(isa: str, threads: int) -> list[bytes]:
        engine.set_threads(threads)
        session = opened(loss, graph, parameters, isa=isa, dtype=dtype)
        found = [session.train_step(x, y, np.arange(i, i + 37), 0.01, w)[0] for i in range(3)]
        return [bits(np.array(found)), *(bits(array) for array in weights(session, graph))]

    expected = trained(ISAS[0], 1)
    assert trained(ISAS[0], 3) == expected
    for isa in ISAS[1:]:
        assert trained(isa, 2) == expected


@pytest.mark.parametrize("isa", ALL)
def test_weights_of_one_change_nothing(isa: str) -> None:
    graph = Chain(5).dense(3).graph()
    rng = np.random.default_rng(1)
    parameters = [rng.normal(size=p.shape) for p in graph.parameters]
    x, y = rng.random((20, 5)).astype(np.float32), rng.random((20, 3)).astype(np.float32)
    session = open_session(graph, parameters, isa=isa)
    plain = [session.test_step(x, y, 0, 20)[0], *map(bits, session.gradients(x, y))]
    ones = np.ones(20, np.float32)
    weighted = [session.test_step(x, y, 0, 20, ones)[0], *map(bits, session.gradients(x, y, ones))]
    assert plain == weighted


def test_weights_that_do_not_fit_are_refused() -> None:
    graph = Chain(2).activation("linear").graph()
    session = open_session(graph, [])
    x = np.zeros((4, 2), np.float32)
    for given, message in (
        (np.ones(3, np.float32), "weights must be float32 or float64, one row for each of y."),
        (np.ones(4, np.int64), "weights must be float32 or float64, one row for each of y."),
        (np.ones((4, 2), np.float32), "weights have one value a row, or one for each of its 1"),
    ):
        with pytest.raises(EngineError, match=message):
            session.test_step(x, x, 0, 4, given)
    with pytest.raises(EngineError, match="unknown reduction 'most'"):
        session.compile(engine.OutputLoss("huber", reduction="most"))
    with pytest.raises(EngineError, match="a hinge changes its labels"):
        session.compile(engine.OutputLoss("hinge", accuracy="binary"))
