"""Measures what docs/benchmarks.md says, and writes it there.

    python benchmarks/publish.py --python .venv-peers/bin/python
    python benchmarks/publish.py --python .venv-peers/bin/python reference threads
    python benchmarks/publish.py --python .venv-peers/bin/python --quick --docs /tmp/look

Parts, all if none is named:
    reference   the reference model, each framework in its fastest settings; whole epochs
    settings    which settings these are: every setting of every framework
    zoo         other models, each framework in its fastest settings
    avx2        the reference model, with those who can be held to AVX2
    threads     one thread and two (threads.py)
    footprint   import, memory, Python's part of a step (footprint.py)
    accuracy    test accuracy after five epochs (accuracy.py)

`make bench` makes the environments and runs this. Each part replaces its block of the page, between
`<!-- begin: PART -->` and `<!-- end -->`, and its figures in benchmarks.json next to the page.
--quick is for trying out: a minute or two a part, figures without worth.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zoo

from galago.bench.models import names
from galago.bench.results import Result, from_json
from galago.bench.run import EPOCH
from galago.bench.tables import head, lines, markdown, verdict

FOLDER = Path(__file__).parent
DOCS = FOLDER.parent / "docs"
REFERENCE = "reference"
#: The zoo has these of the reference model, and every other model of galago.applications.
VARIANTS = ("filters=16", "filters=32", "filters=128", "kernel_size=5", "strides=2")
ZOO_TASKS = ("train-32", "infer-1", "infer-32")


@dataclass(frozen=True)
class Setup:
    """Where the peers are, and how thoroughly to measure."""

    pythons: Sequence[str]
    quick: bool
    patience: int
    subset: bool

    def bench(self, model: str, *more: str) -> list[str]:
        """The command line of one benchmark."""
        pythons = [word for python in self.pythons for word in ("--python", python)]
        pace = ["--quick", "--rounds", "1"] if self.quick else ["--patience", str(self.patience)]
        return ["galago", "bench", model, *more, *pace, *pythons]

    def samples(self, examples: int) -> list[str]:
        """Options for training samples of so many examples."""
        return [] if self.quick else ["--examples", str(examples), "--rounds", "5"]


@dataclass(frozen=True)
class Block:
    """A part's Markdown for the page, and its figures."""

    text: str
    figures: list[Any]


def reference(setup: Setup) -> Block:
    """Five tasks; a training sample is an epoch."""
    return _tables([setup.bench(REFERENCE, *setup.samples(EPOCH))], setup)


def settings(setup: Setup) -> Block:
    """Three tasks in every setting; a training sample is a tenth of an epoch."""
    tasks = ("--all-settings", "--tasks", "train-32", "infer-1", "infer-32")
    return _tables([setup.bench(REFERENCE, *tasks, *setup.samples(EPOCH // 10))], setup)


def avx2(setup: Setup) -> Block:
    """Training with AVX2 only; a sample is an epoch."""
    tasks = ("--isa", "avx2", "--tasks", "train-32", "train-128")
    return _tables([setup.bench(REFERENCE, *tasks, *setup.samples(EPOCH))], setup)


def zoo_part(setup: Setup) -> Block:
    """All models but the reference, and its variants: one line a model and task."""
    others = [name for name in names() if name != REFERENCE]
    specs = [f"{REFERENCE}:{variant}" for variant in VARIANTS] + others
    commands = [setup.bench(spec, "--tasks", *ZOO_TASKS) for spec in specs]
    contents = [_bench(command) for command in commands]
    results = [result for content in contents for result in from_json(content)]
    text = f"{_code(commands)}\n\n{zoo.table(results)}\n\n{zoo.means(results)}"
    return Block(f"{text}\n{_notes(results)}", contents)


def script(name: str, *more: str) -> Block:
    """A script of this folder that prints its table last."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "figures.json")
        command = [sys.executable, str(FOLDER / name), *more]
        done = subprocess.run(
            [*command, "--json", str(file)], stdout=subprocess.PIPE, text=True, check=True
        )
        table = done.stdout[done.stdout.index("| ") :].strip()
        shown = ["python", f"benchmarks/{name}", *more]
        figures = {**json.loads(file.read_text()), "command": shown}
        return Block(f"{_code([shown])}\n\n{table}", [figures])


def threads(setup: Setup) -> Block:
    """One thread and two."""
    return script("threads.py", *(["--rounds", "1", "--seconds", "0.2"] if setup.quick else []))


def footprint(setup: Setup) -> Block:
    """What Galago costs besides its work."""
    return script("footprint.py", *(["--repeats", "2", "--steps", "50"] if setup.quick else []))


def accuracy(setup: Setup) -> Block:
    """Test accuracy after five epochs."""
    if setup.quick:
        return script("accuracy.py", "--models", "dense", "--epochs", "1", "--subset")
    return script(
        "accuracy.py", "--seeds", *map(str, range(1, 11)), *(["--subset"] if setup.subset else [])
    )


PARTS = {
    "reference": reference,
    "settings": settings,
    "zoo": zoo_part,
    "avx2": avx2,
    "threads": threads,
    "footprint": footprint,
    "accuracy": accuracy,
}


def write(folder: Path, part: str, block: Block) -> None:
    """Replace a part's block of the page, and its figures."""
    page, stored = folder / "benchmarks.md", folder / "benchmarks.json"
    pattern = re.compile(rf"(<!-- begin: {part} -->\n).*?(<!-- end -->)", re.DOTALL)
    text = page.read_text(encoding="utf-8")
    if not pattern.search(text):
        raise SystemExit(f"{page}: expected a line <!-- begin: {part} -->, found none.")
    replaced = pattern.sub(lambda match: f"{match[1]}{block.text.rstrip()}\n{match[2]}", text)
    page.write_text(replaced, encoding="utf-8")
    figures = json.loads(stored.read_text()) if stored.exists() else {}
    figures[part] = block.figures
    stored.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")


def _tables(commands: Sequence[Sequence[str]], setup: Setup) -> Block:
    """A table for each task of each benchmark."""
    contents = [_bench(command) for command in commands]
    parts = [_code(commands), _where(contents[0])]
    for content in contents:
        for result in from_json(content):
            mode, batch = result.task.split("-")
            title = f"Training, batches of {batch}" if mode == "train" else f"Inference of {batch}"
            parts += [f"{title}:", markdown(head(result), lines(result)), verdict(result)]
            parts.append(_notes([result]))
    return Block("\n\n".join(filter(None, parts)), contents)


def _bench(command: Sequence[str]) -> dict[str, Any]:
    """Run `galago bench` and return what it wrote."""
    print(shlex.join(command), file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "bench.json")
        program = [sys.executable, "-m", "galago.cli", *command[1:]]
        subprocess.run([*program, "--json", str(file)], check=True)
        content: dict[str, Any] = json.loads(file.read_text())
        return {**content, "command": [*command]}


def _where(content: dict[str, Any]) -> str:
    """Versions, day and machine of a benchmark."""
    machine = content["machine"]
    versions = {v: None for result in from_json(content) for v in result.versions.values()}
    return (
        f"{'; '.join(versions)}. {machine['date'][:10]}, {machine['cores']} cores, "
        f"{machine['cpu']}, {machine['system']}."
    )


def _notes(results: Sequence[Result]) -> str:
    """Who is missing, and how many samples are not to be trusted."""
    found = [
        f"{result.model} {result.task}: without {absent.name}, because {absent.short}."
        for result in results
        for absent in result.absent
    ]
    if disturbed := sum(result.disturbed for result in results):
        count = sum(len(result.samples) for result in results)
        found.append(f"Others disturbed {disturbed} of {count} samples.")
    return "\n".join(f"- {line}" for line in found)


def _code(commands: Sequence[Sequence[str]]) -> str:
    """Commands as a block, indented."""
    return "\n".join(f"    {shlex.join(command)}" for command in commands)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--python", action="append", default=[], help="has frameworks; repeatable")
    parser.add_argument("--quick", action="store_true", help="only to see that it works")
    parser.add_argument(
        "--patience", type=int, default=3, help="minutes for a sample; 3 by default"
    )
    parser.add_argument("--subset", action="store_true", help="accuracy of 10,000 images only")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder of the page; docs here")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"expected parts of {', '.join(PARTS)}, received {', '.join(unknown)}")
    if options.docs != DOCS:
        options.docs.mkdir(parents=True, exist_ok=True)
        shutil.copy(DOCS / "benchmarks.md", options.docs)
    setup = Setup(options.python, options.quick, options.patience, options.subset)
    for part in options.parts or PARTS:
        write(options.docs, part, PARTS[part](setup))
        print(f"{part}: written into {options.docs}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
