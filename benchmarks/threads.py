"""How much faster Galago is with two threads than with one.

    python benchmarks/threads.py
    python benchmarks/threads.py --model dense_baseline --rounds 9 --json threads.json

Both take turns, each in a process that may use as many CPUs as it has threads. The ratio is the
time with one thread over the time with two, within a round.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from galago.bench import protocol
from galago.bench.contestants import OWN
from galago.bench.process import Process, orderly_end
from galago.bench.results import Result, as_json
from galago.bench.run import TASKS, make_work
from galago.bench.tables import digits, markdown

ONE, TWO = "1 thread", "2 threads"


def measure(model: str, rounds: int, seconds: float) -> list[Result]:
    """The results of every task; the base is two threads."""
    results = []
    work, data = make_work(model)
    with orderly_end(), tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        path = Path(folder, "work.npz")
        work.save(path)
        field = {
            name: stack.enter_context(Process(sys.executable, OWN, path, threads, {}, {}))
            for threads, name in ((2, TWO), (1, ONE))
        }
        versions = {name: process.start() for name, process in field.items()}
        for task in TASKS:
            prepared = {
                name: process.ask(f"prepare_{task.mode}", batch=task.batch)
                for name, process in field.items()
            }
            arguments, count = {"seconds": seconds}, task.batch
            if task.mode == "train":
                steps = int(seconds / prepared[ONE]["seconds"]) or 1
                arguments, count = {"steps": steps}, steps * task.batch
            takes = {n: partial(p.ask, task.mode, **arguments) for n, p in field.items()}
            samples = list(protocol.measure(takes, rounds))
            rows = protocol.rows(samples, TWO)
            results.append(Result(model, str(task), count, rows, samples, [], versions, data))
            print(f"{task}: measured", file=sys.stderr, flush=True)
    return results


def table(results: list[Result]) -> str:
    """The table of the docs: microseconds an example."""
    lines = []
    for result in results:
        two, one = result.rows
        times = [f"{digits(row.seconds / result.count * 1e6)}" for row in (one, two)]
        low, high = one.ratio_range
        lines.append((result.task, *times, f"{one.ratio:.2f}", f"{low:.2f} to {high:.2f}"))
    return markdown(("task", f"us, {ONE}", f"us, {TWO}", "ratio", "range"), lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="reference", help="as galago bench names it")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.0, help="of a sample; 1 by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample")
    options = parser.parse_args()
    results = measure(options.model, options.rounds, options.seconds)
    print(table(results))
    if options.json:
        content = as_json(results, ["python", *sys.argv])
        options.json.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
