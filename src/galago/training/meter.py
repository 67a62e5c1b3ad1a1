"""What an epoch amounts to so far: the loss, each batch weighted by its size, and the metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.errors import ArgumentError
from galago.metrics import Metric
from galago.metrics.base import MeanOverExamples
from galago.training.events import Logs

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Measured:
    """What is measured of an output: metrics by their names in the logs.

    `weighted` are those that weights of examples count for; `engine` says whether the engine may
    compute an accuracy. `loss` is the name of the output's own loss, where there are several.
    """

    metrics: Mapping[str, Metric]
    weighted: Mapping[str, Metric] = field(default_factory=dict)
    engine: bool = True
    loss: str | None = None

    @cached_property
    def from_engine(self) -> MeanOverExamples | None:
        """The first accuracy, which the engine counts."""
        own = [m for m in self.metrics.values() if isinstance(m, MeanOverExamples) and m.engine]
        return own[0] if own and self.engine else None

    @cached_property
    def extras(self) -> list[Metric]:
        """Those that need labels and outputs."""
        return [metric for metric in self.metrics.values() if metric is not self.from_engine]


class Meter:
    """Adds up the loss and the metrics of all outputs."""

    def __init__(self, outputs: Sequence[Measured]) -> None:
        self.outputs = list(outputs)
        losses = [output.loss for output in outputs if output.loss is not None]
        found: dict[str, Metric] = {}
        for output in outputs:
            found |= {**output.metrics, **output.weighted}
        by_output = sorted(outputs, key=lambda output: output.loss or "")
        listed = [name for output in by_output for name in (*output.metrics, *output.weighted)]
        #: Losses as the outputs come, then metrics by the outputs' names: the order of Keras.
        self.names = ["loss", *losses, *listed]
        self._metrics = found
        self._sorted = sorted(self.names)
        self.reads_outputs = any(output.extras or output.weighted for output in outputs)
        self.start()

    def start(self) -> None:
        """Forget the epoch before."""
        self._rows = 0
        self._losses = {name: 0.0 for name in self.names if name not in self._metrics}
        for metric in self._metrics.values():
            metric.reset_state()

    def add(
        self,
        rows: int,
        result: Sequence[float],
        labels: Sequence[Array],
        outputs: Callable[[], Any],
        weights: Sequence[Array | None] | None = None,
    ) -> None:
        """Add a batch: its size, the engine's numbers, its labels, outputs and weights."""
        self._rows += rows
        self._losses["loss"] += result[0] * rows
        several = len(self.outputs) > 1
        for place, output in enumerate(self.outputs):
            if output.loss is not None:
                self._losses[output.loss] += result[1 + 2 * place] * rows
            if (accuracy := output.from_engine) is not None:
                accuracy.add_sum(result[2 + 2 * place if several else 1] * rows, rows)
        if not self.reads_outputs:
            return
        values = outputs()
        for place, output in enumerate(self.outputs):
            given = values[place] if several else values
            counts = None if weights is None else weights[place]
            for metric in output.extras:
                metric.update_state(labels[place], given)
            for metric in output.weighted.values():
                metric.update_state(labels[place], given, counts)

    def get_state(self) -> dict[str, Any]:
        """Return what was added up so far, for a checkpoint."""
        metrics = [metric.get_state() for metric in self._metrics.values()]
        return {"rows": self._rows, "losses": dict(self._losses), "metrics": metrics}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take over what get_state() returned. Raises ValueError for that of other metrics."""
        losses = {str(name): float(value) for name, value in state["losses"].items()}
        if set(losses) != set(self._losses):
            raise ValueError(f"expected losses {sorted(self._losses)}, received {sorted(losses)}")
        self._rows, self._losses = int(state["rows"]), losses
        for metric, stored in zip(self._metrics.values(), state["metrics"], strict=True):
            metric.set_state(stored)

    def logs(self) -> Logs:
        """Return the means so far, sorted by name as in Keras."""
        found: Logs = {}
        for name in self._sorted:
            metric = self._metrics.get(name)
            found[name] = (
                self._losses[name] / self._rows if metric is None else _number(name, metric)
            )
        return found


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
