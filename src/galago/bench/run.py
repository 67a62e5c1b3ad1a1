"""A benchmark from a model's name to its results."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import galago
from galago.bench import protocol
from galago.bench.contestants import KINDS, OWN
from galago.bench.data import SEED, examples
from galago.bench.field import Contestant, Field, Options, Task
from galago.bench.find import find
from galago.bench.models import build, is_file
from galago.bench.process import orderly_end
from galago.bench.protocol import Sample
from galago.bench.results import Result
from galago.bench.settle import settled
from galago.bench.work import Work
from galago.errors import ArgumentError
from galago.saving.onnx_graph import to_onnx

#: Tables say how long so many examples take: an epoch of Fashion-MNIST.
EPOCH = 60_000
#: Galago's samples may be so much shorter than the slowest contestant's; then it takes longer.
_TIMES_SHORTER = 10
#: Outputs of so many examples are compared with Galago's.
_COMPARED = 64
TASKS = (Task("train", 32), Task("train", 128), *(Task("infer", n) for n in (1, 32, 1000)))


@dataclass(frozen=True)
class Plan:
    """What to measure.

    `seconds` is about the length of the slowest contestant's sample; `examples` instead fixes how
    many a training sample has. `patience` are seconds that a sample may wait for idle cores.
    `peers` names kinds of contestants; all that are found if it is None. `tasks` are TASKS if it is
    None, without the training of a model that does not end in softmax.
    """

    spec: str = "reference"
    tasks: Sequence[Task] | None = None
    pythons: Sequence[str] = ()
    peers: Sequence[str] | None = None
    rounds: int = 5
    seconds: float = 2.0
    examples: int | None = None
    patience: float = 0.0
    options: Options = field(default_factory=Options)


def run(plan: Plan, say: Callable[[str], None]) -> list[Result]:
    """Measure; `say` gets a line whenever something starts. Raises ArgumentError before."""
    places = find(plan.pythons)
    wanted = _wanted(plan.peers)
    places = [place for place in places if place.kind.name in wanted]
    if missing := wanted - {place.kind.name for place in places} if plan.peers else set():
        raise ArgumentError(
            f"--peers: expected frameworks that are installed, but {', '.join(sorted(missing))} is "
            "not, neither here nor in what --python names. Install it there."
        )
    work, data = make_work(plan.spec)
    tasks = _tasks(plan, work)
    results = []
    with orderly_end(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "work.npz")
        work.save(path)
        with Field(places, path, plan.options, say) as entered:
            for task in tasks:
                ready, absent = entered.enter(task)
                samples, count = _measure(plan, task, ready, len(work.x), say)
                scale = (EPOCH if task.mode == "train" else 1) / count
                rows = protocol.rows(samples, ready[0].name, scale=scale)
                versions = {contestant.name: contestant.version for contestant in ready}
                results.append(
                    Result(plan.spec, str(task), count, rows, samples, absent, versions, data)
                )
    return results


def make_work(spec: str) -> tuple[Work, str]:
    """Return a model's work, and in words what its data is. Raises ArgumentError."""
    galago.set_seed(SEED)
    model = build(spec)
    graph, weights = model.to_graph(), model.get_weights()
    x, y, data = examples(graph.nodes[0].shape, graph.nodes[graph.outputs[0]].shape[-1])
    if not is_file(spec):
        weights = settled(graph, weights, x[:_COMPARED], y[:_COMPARED])
        model.set_weights(weights)
    expected = model.predict(x[:_COMPARED], verbose=0)
    return Work(spec, graph, weights, x, y, expected, to_onnx(graph, weights)), data


def _wanted(peers: Sequence[str] | None) -> set[str]:
    known = [kind.name for kind in KINDS if kind.name != OWN]
    for name in peers or ():
        if name not in known:
            raise ArgumentError(
                f"--peers: expected names of {', '.join(known)}, received {name!r}."
            )
    return {OWN, *(known if peers is None else peers)}


def _tasks(plan: Plan, work: Work) -> list[Task]:
    """The tasks of a plan. Raises ArgumentError for a training that there is none of."""
    if _classifies(work):
        return list(TASKS if plan.tasks is None else plan.tasks)
    if plan.tasks is None:
        return [task for task in TASKS if task.mode != "train"]
    if any(task.mode == "train" for task in plan.tasks):
        raise ArgumentError(
            f"{plan.spec}: expected a model that ends in softmax, one class for each example, to "
            "train it. Leave the training out: --tasks infer-1 infer-32 infer-1000."
        )
    return list(plan.tasks)


def _classifies(work: Work) -> bool:
    node = work.graph.nodes[work.graph.outputs[0]]
    is_softmax = node.op == "activation" and dict(node.attributes)["kind"] == "softmax"
    return is_softmax and len(node.shape) == 1


def _measure(
    plan: Plan, task: Task, ready: Sequence[Contestant], available: int, say: Callable[[str], None]
) -> tuple[list[Sample], int]:
    """The samples of a task, and how many examples the time of each is for."""
    takes: dict[str, protocol.Measure]
    if task.mode == "infer":
        count = task.batch
        takes = {c.name: partial(c.process.ask, "infer", seconds=plan.seconds) for c in ready}
    else:
        slowest, own = max(contestant.step for contestant in ready), ready[0].step
        steps = max(1, int(plan.seconds / slowest), int(plan.seconds / _TIMES_SHORTER / own))
        if plan.examples:
            steps = max(1, plan.examples // task.batch)
        steps = min(steps, available // task.batch)
        count = steps * task.batch
        takes = {c.name: partial(c.process.ask, "train", steps=steps) for c in ready}
    samples = []
    for sample in protocol.measure(takes, plan.rounds, patience=plan.patience):
        samples.append(sample)
        say(f"{task}: round {sample.round} of {plan.rounds}, {sample.contestant}")
    return samples, count
