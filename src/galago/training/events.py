"""What the training loop tells, and what it may be told.

    TrainBegin
      EpochBegin
        StepBegin StepEnd ...
        EvaluateBegin (EvaluateStepBegin EvaluateStepEnd ...) EvaluateEnd      with validation data
      EpochEnd ...
    TrainEnd

evaluate() gives EvaluateBegin ... EvaluateEnd alone, predict() PredictBegin ... PredictEnd. An
exception out of any of them gives Aborted. Epochs and steps count from 0; `steps` is None while
only the end of the data can tell how many there are; `logs` are running means over the epoch so
far, sorted by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from galago.optimizers import Optimizer

Logs: TypeAlias = dict[str, float]


class TrainBegin(NamedTuple):
    """fit() starts: it will run epochs first_epoch to epochs - 1, each of `steps` steps."""

    first_epoch: int
    epochs: int
    steps: int | None


class EpochBegin(NamedTuple):
    """An epoch starts."""

    epoch: int
    epochs: int
    steps: int | None


class StepBegin(NamedTuple):
    """A batch is about to be trained on."""

    epoch: int
    step: int


class StepEnd(NamedTuple):
    """A batch has been trained on."""

    epoch: int
    step: int
    steps: int | None
    logs: Logs


class EpochEnd(NamedTuple):
    """An epoch ended; its logs hold the validation's too, named "val_..."."""

    epoch: int
    epochs: int
    steps: int
    logs: Logs


class TrainEnd(NamedTuple):
    """fit() ended; the logs are the last epoch's."""

    logs: Logs


class EvaluateBegin(NamedTuple):
    """An evaluation starts, within fit() (`training`) or by itself."""

    steps: int | None
    training: bool


class EvaluateStepBegin(NamedTuple):
    """A batch is about to be evaluated."""

    step: int


class EvaluateStepEnd(NamedTuple):
    """A batch has been evaluated."""

    step: int
    steps: int | None
    logs: Logs
    training: bool


class EvaluateEnd(NamedTuple):
    """An evaluation ended."""

    steps: int
    logs: Logs
    training: bool


class PredictBegin(NamedTuple):
    """predict() starts."""

    steps: int | None


class PredictStepBegin(NamedTuple):
    """A batch is about to be predicted."""

    step: int


class PredictStepEnd(NamedTuple):
    """A batch has been predicted."""

    step: int
    steps: int | None
    outputs: Any  # an array, or a list of them for a model of several outputs


class PredictEnd(NamedTuple):
    """predict() ended."""

    steps: int


class Aborted(NamedTuple):
    """An exception, such as Ctrl-C, ended the run."""


Event: TypeAlias = (
    TrainBegin
    | EpochBegin
    | StepBegin
    | StepEnd
    | EpochEnd
    | TrainEnd
    | EvaluateBegin
    | EvaluateStepBegin
    | EvaluateStepEnd
    | EvaluateEnd
    | PredictBegin
    | PredictStepBegin
    | PredictStepEnd
    | PredictEnd
    | Aborted
)
Handler: TypeAlias = Callable[[Any], None]


class Watcher(Protocol):
    """Whatever watches a run: progress, history, callbacks."""

    def handlers(self) -> Mapping[type[Event], Handler]:
        """Return what to call for which events; a missing event costs the loop nothing."""


class Control:
    """All that a watcher may change of a running training: stop it, set the learning rate.

    Besides, whoever has the model may assign its variables: they go to the engine before the next
    step.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.stop = False

    @property
    def learning_rate(self) -> float:
        """The optimizer's learning rate; setting it takes effect at the next step."""
        return self.optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self.optimizer.learning_rate = value

    def learning_rates(self, first: int, count: int) -> list[float]:
        """Return the rates of some steps from `first` on, which differ where a schedule says so."""
        return self.optimizer.learning_rates(first, count)


def run(events: Iterator[Event], watchers: Sequence[Watcher]) -> Event | None:
    """Show every event to the watchers in their order; return the last event."""
    table: dict[type[Event], list[Handler]] = {}
    for watcher in watchers:
        for kind, handler in watcher.handlers().items():
            table.setdefault(kind, []).append(handler)
    event: Event | None = None
    try:
        for event in events:
            for handler in table.get(type(event), ()):
                handler(event)
    except BaseException:
        for handler in table.get(Aborted, ()):
            handler(Aborted())
        raise
    return event
