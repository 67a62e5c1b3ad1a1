"""Trainings that are killed with SIGKILL, again and again, end as if nothing had happened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parent / "kill_and_resume.py"


def test_a_hundred_kills(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path), "100", "7"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    kills, ends = map(int, result.stdout.split())
    assert kills == 100 and ends >= 1
