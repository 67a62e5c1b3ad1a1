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


def test_augmentation() -> None:
    lines = run("augmentation.py").splitlines()
    assert lines[0] == "| layer | us an image |" and len(lines) == 10
    assert all(float(line.split("|")[2]) > 0 for line in lines[2:])


def test_threads(tmp_path: Path) -> None:
    file = tmp_path / "threads.json"
    options = ["--model", "dense_baseline", "--rounds", "1", "--seconds", "0.02"]
    output = run("threads.py", *options, "--json", str(file))
    results = json.loads(file.read_text())["results"]
    assert [row["contestant"] for row in results[0]["rows"]] == ["2 threads", "1 thread"]
    assert [line.split()[1] for line in output.splitlines()[2:]] == [r["task"] for r in results]


def test_footprint(tmp_path: Path) -> None:
    file = tmp_path / "footprint.json"
    output = run("footprint.py", "--repeats", "2", "--steps", "3", "--json", str(file))
    figures = json.loads(file.read_text())["figures"]
    assert len(output.splitlines()) == 2 + len(figures) == 6
    assert 0 < figures["memory of training, batches of 32, MB"] < 1000
    assert 0 < figures["import galago, over import numpy, ms"] < 1000


def test_custom_layers() -> None:
    output = run("custom_layers.py", "--rounds", "1", "--seconds", "0.01", "--batch", "8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in output.splitlines()[2:]]
    assert [row[1] for row in rows] == ["train 8"] * 4 + ["predict 8"] * 4 + ["predict 1"] * 4
    assert all(float(row[4]) > 0 for row in rows)


def test_a_part_is_published(tmp_path: Path) -> None:
    run("publish.py", "--quick", "--docs", str(tmp_path), "accuracy")
    page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert "python benchmarks/accuracy.py --models dense --epochs 1 --subset\n\n| model |" in page
    assert list(json.loads((tmp_path / "benchmarks.json").read_text())) == ["accuracy"]


def test_digits(tmp_path: Path) -> None:
    file = tmp_path / "digits.json"
    output = run("digits.py", "--folds", "2", "--json", str(file))
    results = json.loads(file.read_text())["results"]
    assert len(output.splitlines()) == 2 + len(results) == 5
    assert min(min(found["accuracies"]) for found in results.values()) > 0.9
