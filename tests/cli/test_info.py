"""`galago info`, and what it calls things."""

from __future__ import annotations

import dataclasses
import platform
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago import engine
from galago.cli import data, main
from galago.cli.machine import facts, size_text
from galago.datasets import fashion_mnist
from galago.datasets.fashion_mnist import FULL_SET

NAMES = [
    "Galago",
    "Python",
    "NumPy",
    "CPU",
    "Cores",
    "Caches",
    "Instructions",
    "Threads",
    "Data folder",
    "Fashion-MNIST",
]


def test_the_facts() -> None:
    found, cpu = facts(), engine.cpu_info()
    assert list(found) == NAMES
    assert found["Galago"] == galago.__version__
    assert found["Python"].startswith(f"{platform.python_version()}, ")
    assert found["NumPy"] == np.__version__
    assert found["Cores"] == f"{cpu['cores']} usable"
    assert found["Instructions"].startswith(f"{engine.isa()} in use, of ")
    assert "scalar" in found["Instructions"]
    assert found["Threads"].startswith(f"{engine.get_threads()} ")


def test_piped_lines_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(facts())
    for line, (name, value) in zip(lines, facts().items(), strict=True):
        assert line == f"{name:<13}  {value}"


def test_a_terminal_gets_a_table(galago_terminal: Callable[..., Any]) -> None:
    shown = galago_terminal("info", COLUMNS="50")
    assert shown.code == 0
    assert re.search(r"\x1b\[1m *NumPy", shown.out)
    lines = re.sub(r"\x1b\[[\d;]*m", "", shown.out).split("\r\n")
    assert max(map(len, lines)) <= 50


def test_where_the_data_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALAGO_DATA_DIR", str(tmp_path / "data"))
    moved = dataclasses.replace(FULL_SET, debian_folder=tmp_path / "debian")
    monkeypatch.setattr(fashion_mnist, "FULL_SET", moved)
    found = facts()
    assert found["Data folder"] == f"{tmp_path / 'data'} (not made yet)"
    assert found["Fashion-MNIST"] == (
        "12,000 of 70,000 images, in the package. All: galago train --full (31 MB), or apt install "
        "dataset-fashion-mnist"
    )

    for folder in (tmp_path / "debian", tmp_path / "data" / "fashion-mnist"):
        folder.mkdir(parents=True)
        for file in FULL_SET.files[:-1]:
            (folder / file.name).touch()
        assert str(folder) not in facts()["Fashion-MNIST"]  # one of the four is missing
        (folder / FULL_SET.files[-1].name).touch()
        assert facts()["Fashion-MNIST"] == f"all 70,000 images, in {folder}"
    assert facts()["Data folder"] == str(tmp_path / "data")
    assert data.how_to_get_all() == "galago train --full (they are on this computer)"


def test_sizes() -> None:
    assert [size_text(size) for size in (512, 32768, 1310720, 2**28)] == [
        "0.5 KB",
        "32 KB",
        "1.25 MB",
        "256 MB",
    ]


def test_unknown_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = engine.cpu_info() | {"l1d_bytes": 0, "l2_bytes": 0, "l3_bytes": 0, "model": ""}
    monkeypatch.setattr("galago.cli.machine.cpu_info", lambda: cpu)
    assert (facts()["Caches"], facts()["CPU"]) == ("unknown", "unknown")
