"""What all tests share: a fresh start, and a session without an engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from galago import config, naming, random
from galago.graph import Graph


@pytest.fixture(autouse=True)
def fresh_start() -> Iterator[None]:
    """Names, seed and settings as in a new process, before and after."""
    naming.reset()
    random.set_seed(20)
    yield
    config.set_floatx("float32")
    config.set_check_inputs(False)


class FakeSession:
    """Records every call. A train step takes 1 off each trainable weight; the loss falls as 1/step.

    Outputs are the mean of each example in every column, so they can be told apart.
    """

    losses: list[float] = []  # noqa: RUF012  (what train steps return first, set by a test)

    def __init__(self, graph: Graph, *, dtype: str = "float32", host: Any = None) -> None:
        self.graph, self.dtype = graph, np.dtype(dtype)
        self.values: list[Any] = [None] * len(graph.parameters)
        self.calls: list[tuple[Any, ...]] = []
        self.iterations = 0
        self.pushes = self.pulls = 0
        self._outputs = np.empty(0)

    def get_parameter(self, index: int) -> Any:
        self.pulls += 1
        return self.values[index].copy()

    def set_parameter(self, index: int, value: Any) -> None:
        self.pushes += 1
        self.values[index] = value.copy()

    def compile(self, *losses: Any, **settings: Any) -> None:
        self.settings = {"losses": losses, **settings}
        self.iterations = 0

    def train_steps(
        self, x: Any, y: Any, indices: Any, batch: int, learning_rate: Any, weights: Any = None
    ) -> list[tuple[float, float]]:
        batches = [indices[first : first + batch] for first in range(0, len(indices), batch)]
        rates = np.broadcast_to(learning_rate, len(batches)).tolist()
        return [self._train_step(x, rows, r) for rows, r in zip(batches, rates, strict=True)]

    def _train_step(self, x: Any, indices: Any, learning_rate: float) -> tuple[float, float]:
        self.calls.append(("train", indices.tolist(), learning_rate))
        for index, trainable in enumerate(self.settings["trainable"]):
            if trainable:
                self.values[index] = self.values[index] - 1
        self._outputs = self._mean(x[0][indices])
        self.iterations += 1
        loss = self.losses.pop(0) if self.losses else 1.0 / self.iterations
        return loss, 0.5

    def test_step(
        self, x: Any, y: Any, start: int, stop: int, weights: Any = None
    ) -> tuple[float, float]:
        self.calls.append(("test", start, stop))
        self._outputs = self._mean(x[0][start:stop])
        return float(stop - start), 0.25

    def predict(self, x: Any, start: int, stop: int) -> Any:
        self.calls.append(("predict", start, stop))
        return self._mean(x[0][start:stop])

    def last_outputs(self) -> Any:
        return self._outputs

    def _mean(self, rows: Any) -> Any:
        means = rows.reshape(len(rows), -1).mean(axis=1).astype(self.dtype)
        return np.broadcast_to(means[:, None], (len(rows), *self.graph.nodes[-1].shape)).copy()


@pytest.fixture
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> type[FakeSession]:
    """Models made in this test compute nothing; see FakeSession."""
    monkeypatch.setattr("galago.training.binding.Session", FakeSession)
    monkeypatch.setattr(FakeSession, "losses", [])
    return FakeSession
