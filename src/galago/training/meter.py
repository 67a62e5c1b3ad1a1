"""What an epoch amounts to so far: the loss, each batch weighted by its size, and the metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.errors import ArgumentError
from galago.metrics import Metric
from galago.metrics.base import MeanOverExamples
from galago.training.events import Logs


class Meter:
    """Adds up loss and metrics; the first accuracy comes from the engine, the rest from NumPy.

    Arguments: the metrics; by their keys those that weights of examples count for; whether the
    engine may compute an accuracy.
    """

    def __init__(
        self,
        metrics: Sequence[Metric],
        weighted: Mapping[str, Metric] | None = None,
        engine: bool = True,
    ) -> None:
        self.from_engine = next(
            (m for m in metrics if engine and m.engine and isinstance(m, MeanOverExamples)), None
        )
        #: Those that need labels and outputs.
        self.extras = [metric for metric in metrics if metric is not self.from_engine]
        self.weighted = dict(weighted or {})
        #: "loss" and the metrics, in the order of compile().
        self.names = ["loss", *(metric.name for metric in metrics), *self.weighted]
        found = {metric.name: metric for metric in metrics} | self.weighted
        self._metrics = sorted(found.items())
        #: How many of them come before the loss.
        self._before = sum(name < "loss" for name in found)
        self.start()

    @property
    def reads_outputs(self) -> bool:
        """Whether any metric needs the outputs of each batch."""
        return bool(self.extras or self.weighted)

    def start(self) -> None:
        """Forget the epoch before."""
        self._loss, self._rows = 0.0, 0
        for _, metric in self._metrics:
            metric.reset_state()

    def add(
        self,
        rows: int,
        result: tuple[float, float],
        labels: npt.NDArray[Any],
        outputs: Callable[[], npt.NDArray[Any]],
        weights: npt.NDArray[Any] | None = None,
    ) -> None:
        """Add a batch: its size, the engine's (loss, accuracy), its labels, outputs and weights."""
        self._rows += rows
        self._loss += result[0] * rows
        if self.from_engine is not None:
            self.from_engine.add_sum(result[1] * rows, rows)
        if self.reads_outputs:
            values = outputs()
            for metric in self.extras:
                metric.update_state(labels, values)
            for metric in self.weighted.values():
                metric.update_state(labels, values, weights)

    def logs(self) -> Logs:
        """Return the means so far, sorted by name as in Keras."""
        logs = {name: _number(name, metric) for name, metric in self._metrics[: self._before]}
        logs["loss"] = self._loss / self._rows
        for name, metric in self._metrics[self._before :]:
            logs[name] = _number(name, metric)
        return logs


def _number(name: str, metric: Metric) -> float:
    value = metric.result()
    if isinstance(value, float):
        return value
    if np.ndim(value) != 0:
        raise ArgumentError(
            f"compile(): expected metrics that give one number, received {name!r}, whose result "
            f"has shape {np.shape(value)}. Return a single number from result()."
        )
    return float(value)
