"""Write models into files, or read them and compare: with Keras, or with Galago.

    python tools/keras_worker.py {write,check} {keras,galago} FOLDER [--cases PATTERN]

tools/keras_versions.py runs it in each environment. Next to each `NAME.keras` stands `NAME.npz`
with what the model gives, now and after another step. `write.json` says which cases cannot be made;
`check.json` what is wrong with a file, and with the file that the checking library writes itself.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "saving"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "models"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "metrics"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "layers" / "contract"))

from version_cases import CASES, Case

#: Largest difference of outputs, weights and states: of numbers below 1, else relative.
TOLERANCE = 1e-5


def given(model: Any, case: Case) -> dict[str, Any]:
    """What a model gives: outputs, an evaluation; outputs, weights and state after a step."""
    if hasattr(model, "run_eagerly"):
        model.run_eagerly = True  # Keras: quicker than to compile every case
    x, y = case.data(model)
    found = dict(_arrays("outputs", model.predict(x, verbose=0)))
    names = model.evaluate(x, y, verbose=0, return_dict=True)
    found |= {f"evaluated {name}": np.asarray(value) for name, value in names.items()}
    if case.random:
        return found
    model.train_on_batch(x, y)
    found |= _arrays("trained", model.predict(x, verbose=0))
    found |= _arrays("weights", model.get_weights())
    ours = hasattr(model, "get_optimizer_state")
    state = model.get_optimizer_state() if ours else model.optimizer.variables
    # Single numbers first: versions of Keras have Nadam's product in different places.
    return found | dict(_arrays("state", sorted(map(np.asarray, state), key=lambda a: a.ndim > 0)))


def _arrays(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """One array, a list or a dictionary of them, each by a name."""
    if isinstance(value, Mapping):
        value = [value[key] for key in sorted(value)]
    several = isinstance(value, (list, tuple))
    for place, one in enumerate(value if several else [value]):
        yield f"{name} {place}", np.asarray(one)


def differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """What differs, in one line; nothing where all agrees.

    Of an evaluation only what both name: versions of Keras name different parts of a loss.
    """
    names = [name for name in wanted if name in found]
    lacking = [name for name in found.keys() ^ wanted.keys() if not name.startswith("evaluated")]
    wrong = [f"{name}: only one has it" for name in sorted(lacking)]
    for name in names:
        ours, theirs = found[name].astype(np.float64), wanted[name].astype(np.float64)
        if ours.shape != theirs.shape:
            wrong.append(f"{name}: {ours.shape}, not {theirs.shape}")
            continue
        scale = TOLERANCE * np.maximum(1.0, np.abs(theirs))
        if not np.all((np.abs(ours - theirs) <= scale) | (np.isnan(ours) & np.isnan(theirs))):
            wrong.append(f"{name}: {np.max(np.abs(ours - theirs)):.1e}")
    return ", ".join(wrong[:5])


def write(k: Any, folder: Path, cases: Mapping[str, Case]) -> dict[str, str]:
    """Save a model of each case, trained a little, and what it gives; say which cannot be made."""
    report = {}
    for name, case in cases.items():
        try:
            _save(k, folder / name, case)
        except Exception as error:  # whatever it is, it is this version that cannot
            report[name] = _line(error)
    return report


def check(k: Any, folder: Path, cases: Mapping[str, Case]) -> dict[str, list[str]]:
    """Load every file of a folder; say what is wrong, and what with the version's own files."""
    report = {}
    for name, case in cases.items():
        if (folder / f"{name}.npz").exists() and (wrong := _read(k, folder / name, case)):
            report[name] = [wrong, _own(k, name, case)]
    return report


def _save(k: Any, file: Path, case: Case) -> None:
    k.utils.set_random_seed(3)
    model = case.make(k)
    x, y = case.data(model)
    for _ in range(2):
        model.train_on_batch(x, y)
    model.save(f"{file}.keras")
    np.savez(f"{file}.npz", **given(model, case))


def _read(k: Any, file: Path, case: Case) -> str:
    """What is wrong with a file; nothing where all agrees."""
    try:
        with np.load(f"{file}.npz") as stored:
            return differences(given(k.models.load_model(f"{file}.keras"), case), dict(stored))
    except Exception as error:  # whatever it is, it is this version that cannot
        return _line(error)


def _own(k: Any, name: str, case: Case) -> str:
    """What is wrong with a file that a version has written itself."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        try:
            _save(k, file, case)
        except Exception as error:  # whatever it is, it is this version that cannot
            return f"is not there: {_line(error)}"
        wrong = _read(k, file, case)
        return wrong and f"does not reload its own file: {wrong}"


def _line(error: Exception) -> str:
    """The line of an error that says most: of Keras's nested ones the innermost."""
    lines = [line.strip() for line in f"{error}".splitlines() if line.strip()] or [""]
    marked = [line for line in lines if line.startswith(("- ", "Exception encountered"))]
    return f"{type(error).__name__}: {(marked or lines[:1])[-1]}"[:250]


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["write", "check"])
    parser.add_argument("library", choices=["keras", "galago"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cases", default="")
    options = parser.parse_args()
    k = importlib.import_module(options.library)
    options.folder.mkdir(parents=True, exist_ok=True)
    chosen = {name: case for name, case in CASES.items() if re.search(options.cases, name)}
    do = write if options.what == "write" else check
    cases = do(k, options.folder, chosen)
    report = {"version": k.__version__, "asked": len(chosen), "cases": cases}
    (options.folder / f"{options.what}.json").write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
