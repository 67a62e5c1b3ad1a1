"""Galago, through its public calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import galago
from galago import engine
from galago.bench.models import build
from galago.bench.peers.base import Array, Feed, Predict
from galago.bench.work import Work


class OwnPeer:
    """A model of Galago."""

    def __init__(self, work: Work) -> None:
        self._work = work

    @property
    def version(self) -> str:
        """Version and instruction set."""
        return f"Galago {galago.__version__} ({engine.isa()})"

    def predictor(self, batch: int) -> Predict:
        """Return model.predict_on_batch."""
        predict: Predict = self._model().predict_on_batch
        return predict

    def trainer(self, batch: int) -> Feed:
        """Return model.fit, which measures the accuracy besides."""
        model = self._model()
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

        def feed(x: Array, y: Array) -> Callable[[], float]:
            def run() -> float:
                history = model.fit(x, y, batch_size=batch, shuffle=False, verbose=0)
                return float(history.history["loss"][0])

            return run

        return feed

    def _model(self) -> Any:
        model = build(self._work.spec)
        model.set_weights(self._work.weights)
        return model


def open_peer(work: Work, threads: int, options: dict[str, Any]) -> OwnPeer:
    """Make the peer; it has no options."""
    galago.set_threads(threads)
    return OwnPeer(work)
