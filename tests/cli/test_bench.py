"""`galago bench`: what it prints, writes and refuses; its figures are nobody's test."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from galago import applications
from galago.bench import find
from galago.bench.field import Absent, Task
from galago.bench.run import Plan, run
from galago.cli import main
from galago.cli.benchmark import show_result

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "_ask", lambda python, packages: set())


@pytest.mark.usefixtures("nothing_installed")
def test_a_quick_look(capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    options = ["--quick", "--rounds", "1", "--tasks", "train-32", "infer-1", "--json", str(file)]
    assert main(["bench", "dense_baseline", *options]) == 0
    out, err = capsys.readouterr()
    assert "dense_baseline: Training, batches of 32, 2 threads, Fashion-MNIST" in out
    assert "dense_baseline: Inference, 1 at a time, 2 threads, Fashion-MNIST" in out
    assert "No other framework was found." in out
    assert out.endswith(f"Every figure is in {file}.\n")
    assert "train-32: round 1 of 1, Galago" in err.splitlines()
    stored = json.loads(file.read_text())
    assert [result["task"] for result in stored["results"]] == ["train-32", "infer-1"]


@pytest.mark.usefixtures("nothing_installed")
def test_a_saved_model(capsys: Capture, tmp_path: Path) -> None:
    path = str(tmp_path / "mine.keras")
    applications.lenet5().save(path)
    assert main(["bench", path, "--quick", "--rounds", "1", "--tasks", "infer-1"]) == 0
    assert f"{path}: Inference, 1 at a time, 2 threads, Fashion-MNIST" in capsys.readouterr().out


def test_progress_on_a_terminal(galago_terminal: Callable[..., Any]) -> None:
    done = galago_terminal(
        "bench", "dense_baseline", "--tasks", "infer-1", "--rounds", "1", "--quick"
    )
    assert done.code == 0
    assert "infer-1: Galago gets ready" in done.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("model.h5", "Expected a .keras file or a model of"),
        ("model.keras", "Error: There is no file 'model.keras' in the folder"),
        ("--tasks fly", "expected train or infer with a batch size"),
        ("--tasks train-0", "received 'train-0'"),
        ("--peers nobody", "received 'nobody'"),
        ("--python /nowhere", "--python: expected a Python of version 3.11 or newer"),
        ("--json /nowhere/file", "--json: expected a file in a folder that exists"),
    ],
)
def test_refusals_come_before_any_work(options: str, message: str, capsys: Capture) -> None:
    assert main(["bench", *options.split()]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err and err.count("\n") == 1


@pytest.mark.parametrize("options", ["--threads 0", "--rounds none", "--isa avx9", "a b"])
def test_wrong_options(options: str, capsys: Capture) -> None:
    assert main(["bench", *options.split()]) == 2
    assert "See: galago bench --help" in capsys.readouterr().err


def test_who_is_not_in_the_table_is_named(capsys: Capture) -> None:
    plan = Plan("dense_baseline", (Task("infer", 1),), peers=(), rounds=1, seconds=0.01)
    (result,) = run(plan, lambda line: None)
    capsys.readouterr()
    reason = "Traceback:\nValueError: its file in galago/bench/peers knows no 'reshape'"
    show_result(replace(result, absent=[Absent("JAX", reason)]), 2)
    out, _ = capsys.readouterr()
    assert "JAX is not in the table: ValueError: its file in galago/bench/peers knows" in out
    assert "No other framework was found" not in out
