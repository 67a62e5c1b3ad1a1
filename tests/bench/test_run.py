"""A benchmark of Galago alone, and plans that are refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import galago
from galago import applications
from galago.bench.field import Task
from galago.bench.results import as_json, from_json
from galago.bench.run import Plan, make_work, run
from galago.errors import ArgumentError
from galago.layers import Dense


def test_galago_alone() -> None:
    tasks = (Task("train", 32), Task("infer", 1))
    said: list[str] = []
    plan = Plan("dense_baseline", tasks, peers=(), rounds=2, seconds=0.05)
    trained, asked = run(plan, said.append)
    assert (trained.task, asked.task) == ("train-32", "infer-1")
    assert trained.count % 32 == 0 < trained.count
    assert asked.count == 1
    for result in (trained, asked):
        (row,) = result.rows
        assert row.contestant == "Galago"
        assert (row.ratio, row.ratio_range) == (1.0, (1.0, 1.0))
        assert row.seconds_range[0] <= row.seconds <= row.seconds_range[1]
        assert len(result.samples) == 2
        assert result.data == "Fashion-MNIST"
        assert result.versions["Galago"].startswith(f"Galago {galago.__version__} (")
    assert said[0] == "train-32: Galago gets ready"
    assert said[-1] == "infer-1: round 2 of 2, Galago"
    stored = json.loads(json.dumps(as_json([trained, asked], ["galago", "bench"], threads=2)))
    assert stored["command"] == ["galago", "bench"]
    assert from_json(stored) == [trained, asked]
    assert stored["results"][1]["samples"][0]["report"]["calls"] > 0


def test_examples_of_a_sample() -> None:
    plan = Plan("dense_baseline", (Task("train", 32),), peers=(), rounds=1, examples=100)
    (result,) = run(plan, lambda line: None)
    assert result.count == 96


def test_a_peer_that_does_not_exist() -> None:
    with pytest.raises(ArgumentError, match=r"--peers: expected names of pytorch, .*'torch'"):
        run(Plan(peers=("torch",)), lambda line: None)


def test_a_peer_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("galago.bench.find._ask", lambda python, packages: set())
    with pytest.raises(ArgumentError, match=r"that are installed, but jax is not, neither here"):
        run(Plan(peers=("jax",)), lambda line: None)


def test_a_model_that_is_no_classifier(tmp_path: Path) -> None:
    path = str(tmp_path / "regression.keras")
    galago.Sequential([Dense(2, input_shape=(3,))]).save(path)
    train = (Task("train", 32),)
    with pytest.raises(ArgumentError, match="ends in softmax, one class for each example"):
        run(Plan(path, train, peers=()), lambda line: None)
    results = run(Plan(path, peers=(), rounds=1, seconds=0.01), lambda line: None)
    assert [result.task for result in results] == ["infer-1", "infer-32", "infer-1000"]


def test_a_saved_model_is_measured_with_its_own_weights(tmp_path: Path) -> None:
    model = applications.lenet5()
    path = str(tmp_path / "mine.keras")
    model.save(path)
    work, _ = make_work(path)
    for wanted, weight in zip(model.get_weights(), work.weights, strict=True):
        np.testing.assert_array_equal(weight, wanted)
    task = (Task("train", 32),)
    (result,) = run(Plan(path, task, peers=(), rounds=1, seconds=0.01), lambda line: None)
    assert result.rows[0].contestant == "Galago"


def test_the_work_is_always_the_same() -> None:
    one, other = (make_work("dense_baseline")[0] for _ in range(2))
    assert all((a == b).all() for a, b in zip(one.weights, other.weights, strict=True))
    assert (one.expected == other.expected).all()
