"""Opens the hostile files of a family in a process of its own: python run_attacks.py FAMILY.

Prints one line of JSON for each, with what came of it.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from pathlib import Path

from attack import Attack, Attacks
from watch import Watch, measure
from ways import WAYS, Way


def run(attack: Attack, way: Way, watch: Watch) -> dict[str, object]:
    """Make the files of an attack, open them, and say what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = attack.make(Path(folder))
        size = sum(file.stat().st_size for file in _files(path))
        # A command has its pictures beside its model.
        watched = path.parent if attack.way.startswith("galago ") else path
        before = sorted(Path(folder).rglob("*"))

        def work() -> None:
            with watch.over(watched):
                way(path)

        watch.breaches.clear()
        seen = measure(work)
        after = sorted(Path(folder).rglob("*"))
    return {
        "errors": [] if seen.error is None else [cls.__name__ for cls in type(seen.error).__mro__],
        "message": str(seen.error),
        "seconds": seen.seconds,
        "waited": seen.waited,
        "memory": seen.memory,
        "size": size,
        "breaches": watch.breaches,
        "new files": [str(file) for file in after if file not in before],
    }


def _files(path: Path) -> list[Path]:
    inside = path.rglob("*") if path.is_dir() else [path]
    return [file for file in inside if file.is_file()]


def main(family: str, names: list[str]) -> None:
    attacks: Attacks = importlib.import_module(family).ATTACKS
    watch, ready = Watch(), dict[str, Way]()
    for name, attack in attacks.items():
        if names and name not in names:
            continue
        way = ready[attack.way] = ready.get(attack.way) or WAYS[attack.way]()
        print(json.dumps({"name": name, **run(attack, way, watch)}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
