"""Ask every version of Keras that is here about model files, in both directions.

    python tools/keras_versions.py PYTHON ...      # interpreters that have a Keras each
    python tools/keras_versions.py PYTHON ... --cases "^layer|model row"

This interpreter has Galago. Each of the others writes the models of tests/saving/version_cases.py
and Galago reads them; Galago writes them and each of the others reads them. Compared are outputs,
what evaluate() says and, after another step, outputs, weights and the optimizer's state.

What a Keras cannot make, or does not read out of its own file, is its own limit and is named so.
The backend is KERAS_BACKEND, or else JAX. Ends with 1 if anything else does not agree.

    python tools/keras_versions.py PYTHON ... --store tests/saving/keras_files

writes the files that the normal tests read, with nothing but xz around what Keras wrote: a few of
each version, all models of the last and nearly all of the first. It needs no Galago.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

WORKER = Path(__file__).with_name("keras_worker.py")
#: The cases whose files are stored. Keras 3.0 counts penalties of outputs in another way, does not
#: read its backbone again, and computes the decoder wrongly on PyTorch.
STORED = "model (branches|regulated|sequence)"
STORED_OF_FIRST, STORED_OF_LAST = "model (?!active|backbone|decoder)", "model "


class Known(NamedTuple):
    """How a Keras differs from later ones, which Galago follows."""

    #: The last minor version that does so; on this backend, or on all.
    last: int
    backend: str
    cases: str
    words: str


KNOWN = (
    Known(
        *(1, "", "training frozen|optimizer frozen_penalty|layer .*frozen"),
        "trains layers that are made with trainable=False",
    ),
    Known(
        *(6, "", "several (in part|lists)"),
        "takes losses for other outputs where one is None, or reports them without their weights",
    ),
    Known(
        *(9, "", "optimizer nadam|model regulated"),
        "has Nadam's product of momenta elsewhere: opens newer files with compile=False",
    ),
    Known(
        *(13, "", "layer activity|model active"),
        "adds up penalties of outputs, of which later ones take the mean over the examples",
    ),
    Known(*(14, "", "loss sparse_ignored"), "learns NaN where a class is ignored"),
    Known(*(8, "torch", "layer max_pooling$"), "pads in another way on PyTorch"),
    Known(*(14, "torch", "layer conv_transpose|model decoder"), "pads in another way on PyTorch"),
    Known(*(15, "torch", "layer resizing_bicubic"), "resizes otherwise on PyTorch"),
    Known(*(15, "torch", "layer average_pooling"), "counts padding in means on PyTorch"),
    Known(*(15, "torch", "loss map_of_classes"), "does not train on PyTorch"),
)


class Finding(NamedTuple):
    """What one version of Keras and Galago do not agree on."""

    version: str
    case: str
    #: Whether Keras alone is to blame.
    is_limit: bool
    words: str


def work(python: str, what: str, library: str, folder: Path, cases: str) -> dict[str, Any]:
    """Run the worker in an environment and return its report."""
    command = [python, "-W", "ignore", str(WORKER), what, library, str(folder), "--cases", cases]
    environment = {"KERAS_BACKEND": "jax", **os.environ}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr[-2000:]}")
    report: dict[str, Any] = json.loads((folder / f"{what}.json").read_text())
    return report


def known(version: str, case: str) -> str:
    """How a version differs from later ones in a case; nothing if it does not."""
    minor, backend = int(version.split(".")[1]), os.environ.get("KERAS_BACKEND", "jax")
    return next(
        (
            limit.words
            for limit in KNOWN
            if minor <= limit.last
            and limit.backend in ("", backend)
            and re.match(limit.cases, case)
        ),
        "",
    )


def ask(python: str, ours: Path, folder: Path, cases: str) -> tuple[str, int, list[Finding]]:
    """Return the version of an interpreter's Keras, how many cases it has, what does not agree."""
    written = work(python, "write", "keras", folder, cases)
    taken = work(sys.executable, "check", "galago", folder, cases)["cases"]
    doubtful = "|".join(f"^{re.escape(case)}$" for case in taken)
    again = work(python, "check", "keras", folder, doubtful)["cases"] if taken else {}
    back = work(python, "check", "keras", ours, cases)["cases"]
    version, failed = written["version"], written["cases"]
    found = [
        Finding(version, case, True, f"is not made: {words}") for case, words in failed.items()
    ]
    for case, (words, _) in taken.items():
        limit = known(version, case)
        if case in again:
            limit = limit or f"does not reload its own file: {again[case][0]}"
        found.append(Finding(version, case, bool(limit), limit or f"Galago reads {words}"))
    for case, (words, own) in back.items():
        if case not in failed:
            limit = known(version, case) or own
            found.append(Finding(version, case, bool(limit), limit or f"reads {words}"))
    return version, written["asked"], found


def table(asked: Sequence[tuple[str, int, list[Finding]]]) -> str:
    """What came out, a line for each version, and then for each case that does not agree."""
    lines = ["| Keras | models | agree | its own limits | wrong |", "|---|---|---|---|---|"]
    by_words: dict[tuple[bool, str, str], list[str]] = defaultdict(list)
    for version, count, findings in asked:
        limits = {finding.case for finding in findings if finding.is_limit}
        wrong = {finding.case for finding in findings if not finding.is_limit}
        agree = count - len(limits | wrong)
        lines.append(f"| {version} | {count} | {agree} | {len(limits - wrong)} | {len(wrong)} |")
        for _, case, is_limit, words in findings:
            versions = by_words[is_limit, case, re.sub(r"\d\.\de[-+]\d+|0x\w+", "...", words)]
            if version not in versions:
                versions.append(version)
    for (is_limit, case, words), versions in sorted(by_words.items()):
        kind = "limit" if is_limit else "WRONG"
        lines.append(f"{kind}: {case}: {words} ({', '.join(versions)})")
    return "\n".join(lines)


def store(python: str, folder: Path, cases: str) -> None:
    """Put files of an interpreter's Keras into a folder of its version."""
    with tempfile.TemporaryDirectory() as name:
        made = Path(name)
        report = work(python, "write", "keras", made, cases)
        target = folder / report["version"]
        target.mkdir(parents=True, exist_ok=True)
        expected = {}
        for path in sorted(made.glob("*.keras")):
            case = path.stem.removeprefix("model ")
            (target / f"{case}.keras.xz").write_bytes(lzma.compress(path.read_bytes(), preset=9))
            with np.load(path.with_suffix(".npz")) as given:
                for what in ("outputs 0", "trained 0"):
                    expected[f"{case} {what}"] = given[what]
        np.savez_compressed(target / "expected.npz", **expected)


def main() -> None:
    """Ask all; end with 1 if something is wrong that is not the limit of a version."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pythons", nargs="+", metavar="PYTHON")
    parser.add_argument("--cases", default="", metavar="PATTERN")
    parser.add_argument("--store", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    if options.store:
        cases = {options.pythons[-1]: STORED_OF_LAST, options.pythons[0]: STORED_OF_FIRST}
        for python in options.pythons:
            store(python, options.store, cases.get(python, STORED))
        return
    with tempfile.TemporaryDirectory() as name:
        ours = Path(name) / "galago"
        failed = work(sys.executable, "write", "galago", ours, options.cases)["cases"]
        if failed:
            raise SystemExit(f"Galago does not make {json.dumps(failed, indent=1)}")
        asked = []
        for number, python in enumerate(options.pythons):
            asked.append(ask(python, ours, Path(name) / str(number), options.cases))
            print(f"Keras {asked[-1][0]}: asked", file=sys.stderr)
    print(table(asked))
    if any(not finding.is_limit for _, _, findings in asked for finding in findings):
        sys.exit(1)


if __name__ == "__main__":
    main()
