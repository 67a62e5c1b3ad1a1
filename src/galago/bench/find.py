"""Which frameworks a Python has."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from galago.bench.contestants import KINDS, OWN, Kind
from galago.errors import ArgumentError

_QUESTION = (
    "import importlib.util, json, sys;"
    "found = [name for name in sys.argv[1:] if importlib.util.find_spec(name)];"
    "print(json.dumps({'version': sys.version_info[:2], 'found': found}))"
)
_OLDEST = (3, 11)


@dataclass(frozen=True)
class Place:
    """A kind of contestant, and the Python it runs in."""

    kind: Kind
    python: str


def find(pythons: Sequence[str]) -> list[Place]:
    """Return Galago in this Python, and each framework in the first Python that has it.

    Looks in `pythons`, then in this one. Raises ArgumentError for one that does not run.
    """
    packages = [package for kind in KINDS for package in kind.packages]
    places: dict[str, Place] = {}
    for python in [*pythons, sys.executable]:
        known = _ask(python, packages)
        for kind in KINDS:
            if kind.packages and known.issuperset(kind.packages):
                places.setdefault(kind.name, Place(kind, python))
    own = next(kind for kind in KINDS if kind.name == OWN)
    found = [places[kind.name] for kind in KINDS if kind.name in places]
    return [Place(own, sys.executable), *found]


def _ask(python: str, packages: Sequence[str]) -> set[str]:
    """The packages that a Python has. Nothing is imported."""
    needed = ["numpy", *packages]
    try:
        done = subprocess.run(
            [python, "-P", "-c", _QUESTION, *needed], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise ArgumentError(
            f"--python: expected a Python of version 3.11 or newer, received {python!r}, which "
            f"does not run: {error}. Name a program, such as peers/bin/python."
        ) from error
    answer = json.loads(done.stdout)
    if tuple(answer["version"]) < _OLDEST or "numpy" not in answer["found"]:
        raise ArgumentError(
            f"--python: expected a Python of version 3.11 or newer with NumPy, received {python!r} "
            f"of version {'.'.join(map(str, answer['version']))}. Make an environment with one."
        )
    return set(answer["found"])
