"""The benchmark commands run and write what they promise; their figures are nobody's test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def run(script: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / script), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_accuracy_of_the_subset(tmp_path: Path) -> None:
    file = tmp_path / "accuracy.json"
    output = run(
        "accuracy.py", "--subset", "--models", "dense", "--epochs", "1", "--json", str(file)
    )
    history = json.loads(file.read_text())["runs"][0]["history"]
    assert history["val_accuracy"][0] > 0.7
    assert f"| {history['val_accuracy'][0]:.4f} |" in output
