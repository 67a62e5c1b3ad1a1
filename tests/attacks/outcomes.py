"""Runs a family of attacks in a process of its own and holds what came of it against the rules."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from attack import Attack

import galago

HERE = Path(__file__).parent
#: Rule R4: a file costs at most so much memory, and some times its size.
FREE, TIMES = 16 << 20, 4
#: Seconds of the processor, which others on the machine do not change, and of the clock: waiting.
SECONDS, WAITED = 1.0, 10.0
LONGEST_MESSAGE = 20_000


@functools.cache
def outcomes(family: str) -> dict[str, dict[str, Any]]:
    """What came of each attack of a family."""
    lines = run("run_attacks.py", family).splitlines()
    return {found["name"]: found for found in map(json.loads, lines)}


def run(script: str, *arguments: str) -> str:
    """Run a script of this folder with the package under test."""
    found = [str(Path(galago.__file__).parents[1]), str(HERE), str(HERE.parent / "saving")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(found)}
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-2000:]
    return done.stdout


def check(attack: Attack, found: dict[str, Any]) -> None:
    """Fail unless an attack got its error, in time, within its memory, and touched nothing."""
    assert found["breaches"] == []
    assert found["new files"] == []
    if attack.error is None:
        assert found["errors"] == [], found["message"]
    else:
        assert attack.error.__name__ in found["errors"], found
        assert attack.words in found["message"]
        assert len(found["message"]) < LONGEST_MESSAGE
    assert found["seconds"] < SECONDS
    assert found["waited"] < WAITED
    assert found["memory"] < FREE + TIMES * found["size"]
