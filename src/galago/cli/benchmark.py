"""The work of `galago bench`."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from galago.bench.field import Options, Task, loss_agreement
from galago.bench.models import build
from galago.bench.results import Result, as_json
from galago.bench.run import Plan, run
from galago.bench.tables import head, lines, verdict
from galago.cli.options import require_folder
from galago.cli.output import show
from galago.errors import ArgumentError
from galago.saving.durable import durable_writer

_ROUNDS, _SECONDS = 5, 2.0
_QUICK_ROUNDS, _QUICK_SECONDS = 2, 0.3
_TASK = re.compile(r"(train|infer)-([1-9]\d*)")


def run_benchmark(
    model: str,
    *,
    pythons: Sequence[str],
    peers: Sequence[str] | None,
    tasks: Sequence[str] | None,
    every_setting: bool,
    quick: bool,
    threads: int,
    rounds: int | None,
    examples: int | None,
    isa: str | None,
    patience: int,
    file: Path | None,
) -> None:
    """Measure and show; see `galago bench`."""
    plan = Plan(
        model,
        None if tasks is None else [_task(text) for text in tasks],
        pythons,
        peers,
        rounds or (_QUICK_ROUNDS if quick else _ROUNDS),
        _QUICK_SECONDS if quick else _SECONDS,
        examples,
        60.0 * patience,
        Options(threads, every_setting, isa, loss_agrees=loss_agreement(build(model).to_graph())),
    )
    require_folder(file, "--json")
    results = _run(plan)
    for result in results:
        show_result(result, threads)
    if file is not None:
        command = ["galago", *sys.argv[1:]]
        content = json.dumps(as_json(results, command, threads=threads), indent=1)
        with durable_writer(file) as out:
            out.write(f"{content}\n".encode())
        print(f"Every figure is in {shlex.quote(str(file))}.")


def _run(plan: Plan) -> list[Result]:
    """The results; on a terminal with a line that says what is going on."""
    if not sys.stderr.isatty():
        return run(plan, lambda line: print(line, file=sys.stderr, flush=True))
    with Console(stderr=True).status("Looking for frameworks") as status:
        return run(plan, lambda line: status.update(line))


def show_result(result: Result, threads: int) -> None:
    """Print the table of a task, and who is not in it."""
    mode, batch = result.task.split("-")
    work = f"Training, batches of {batch}" if mode == "train" else f"Inference, {batch} at a time"
    unit = "thread" if threads == 1 else "threads"
    print(f"\n{result.model}: {work}, {threads} {unit}, {result.data}\n")
    table = Table(box=SIMPLE, header_style="bold", show_edge=False, pad_edge=False)
    for place, title in enumerate(head(result)):
        table.add_column(title, justify="right" if place else "left", no_wrap=place > 0)
    for cells in lines(result):
        table.add_row(*cells)
    show(table)
    if sentence := verdict(result):
        print(f"\n{sentence}")
    elif not result.absent:
        print("\nNo other framework was found. Name its Python with --python, or install one.")
    for absent in result.absent:
        print(f"{absent.name} is not in the table: {absent.short}.")
    if result.disturbed:
        print(
            f"{result.disturbed} of {len(result.samples)} samples were disturbed by other programs "
            "or a changing clock. Close programs, or give it time: --patience 5."
        )


def _task(text: str) -> Task:
    match = _TASK.fullmatch(text)
    if match is None:
        raise ArgumentError(
            f"--tasks: expected train or infer with a batch size, such as train-32 or infer-1, "
            f"received {text!r}."
        )
    return Task(match[1], int(match[2]))
