"""The contestants of one benchmark: processes that have shown that they compute the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from galago.bench.contestants import OWN, Setting
from galago.bench.find import Place
from galago.bench.process import ContestantError, Process
from galago.graph import Graph

#: Largest difference of an output from Galago's.
OUTPUTS_AGREE = 1e-4
#: Largest relative difference of the mean loss of the first steps. Where all that a sum reads is
#: zero, Winograd's algorithm may leave 1e-8 of it, which gets through ReLU while biases are zero:
#: 0.1 % with 5x5 filters. Behind batch norms, whose gradients cancel, rounding makes more.
LOSS_AGREES, NORMED_LOSS_AGREES = 3e-3, 1e-2


@dataclass(frozen=True)
class Task:
    """What to do: "train" or "infer", with how many examples in a batch."""

    mode: str
    batch: int

    def __str__(self) -> str:
        return f"{self.mode}-{self.batch}"


@dataclass(frozen=True)
class Contestant:
    """A running process, its name for tables, and how long a training step took at first."""

    name: str
    process: Process
    version: str
    step: float


@dataclass(frozen=True)
class Absent:
    """Somebody who does not take part, and why."""

    name: str
    reason: str

    @property
    def short(self) -> str:
        """The reason's last line: of a failure, those before say where."""
        return self.reason.splitlines()[-1].removesuffix(".")


@dataclass(frozen=True)
class Options:
    """How contestants run."""

    threads: int = 2
    every_setting: bool = False
    isa: str | None = None
    #: Largest relative difference of losses, None where they cannot be compared.
    loss_agrees: float | None = LOSS_AGREES


def loss_agreement(graph: Graph) -> float | None:
    """How far losses of a model may differ: not compared where Dropout draws."""
    operations = {node.op for node in graph.nodes}
    if "dropout" in operations:
        return None
    return NORMED_LOSS_AGREES if "batch_norm" in operations else LOSS_AGREES


class Field:
    """Starts contestants for tasks, in one file's work. A context manager that ends them.

    A process serves all tasks of its setting: frameworks take seconds to load.
    """

    def __init__(
        self, places: Sequence[Place], work: Path, options: Options, say: Callable[[str], None]
    ) -> None:
        self._places, self._work, self._options, self._say = places, work, options, say
        self._running: dict[tuple[str, str], tuple[Process, str]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Field:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def enter(self, task: Task) -> tuple[list[Contestant], list[Absent]]:
        """Return who is ready for a task, Galago first, and who is not."""
        ready: list[Contestant] = []
        absent: list[Absent] = []
        own_loss = 0.0
        for place in self._places:
            settings = place.kind.settings(task.mode, self._options.every_setting)
            if self._options.isa == "avx2" and place.kind.avx2 is None:
                absent.append(Absent(place.kind.title, "it knows no way to be held to AVX2"))
                continue
            for setting in settings:
                name = " ".join(filter(None, (place.kind.title, setting.name)))
                self._say(f"{task}: {name} gets ready")
                try:
                    process, version = self._process(place, setting)
                    answer = process.ask(f"prepare_{task.mode}", batch=task.batch)
                except ContestantError as error:
                    if place.kind.name == OWN:
                        raise
                    self._running.pop((place.kind.name, repr(setting)), None)
                    absent.append(Absent(name, str(error)))
                    continue
                if place.kind.name == OWN:
                    own_loss = answer.get("loss", 0.0)
                if reason := self._difference(answer, own_loss):
                    absent.append(Absent(name, reason))
                else:
                    ready.append(Contestant(name, process, version, answer.get("seconds", 0.0)))
        return ready, absent

    def _process(self, place: Place, setting: Setting) -> tuple[Process, str]:
        """The process of a setting, started if need be. Raises ContestantError."""
        key = place.kind.name, repr(setting)
        if key not in self._running:
            environment = dict(setting.environment)
            if self._options.isa == "avx2":
                environment |= place.kind.avx2 or {}
            process = Process(
                place.python,
                place.kind.name,
                self._work,
                self._options.threads,
                setting.options,
                environment,
            )
            self._stack.enter_context(process)
            self._running[key] = process, process.start()
        return self._running[key]

    def _difference(self, answer: dict[str, float], own_loss: float) -> str:
        """What is wrong with what a contestant computes, or nothing."""
        error = answer.get("error", 0.0)
        if not error <= OUTPUTS_AGREE:
            return f"its outputs differ from Galago's by {error:.1e}"
        loss = answer.get("loss", own_loss)
        limit = self._options.loss_agrees
        if limit is not None and not abs(loss - own_loss) <= limit * own_loss:
            return f"its loss after 10 steps is {loss:.4f}, Galago's {own_loss:.4f}"
        return ""
