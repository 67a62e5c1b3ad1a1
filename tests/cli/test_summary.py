"""`galago summary`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import galago
from galago import naming
from galago.cli import main


def summary(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    naming.reset()
    assert main(["summary", *options]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("options", "total"),
    [
        ("", " Total params: 243,786 (952.29 KB)"),
        ("--filters 16", " Total params: 55,098 (215.23 KB)"),
        ("--dense", " Total params: 101,770 (397.54 KB)"),
        ("--dense --filters 64", " Total params: 101,770 (397.54 KB)"),
    ],
)
def test_totals(options: str, total: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = summary(capsys, *options.split())
    assert lines[0] == 'Model: "sequential"'
    assert total in lines


def test_the_classic_table(capsys: pytest.CaptureFixture[str]) -> None:
    lines = summary(capsys, "--classic")
    assert lines[1] == "_" * 65
    assert "conv2d (Conv2D)              (None, 26, 26, 64)        640       " in lines
    assert "Total params: 243,786" in lines


def test_columns_sets_the_width(galago_terminal: Callable[..., Any]) -> None:
    shown = galago_terminal("summary", COLUMNS="60")
    assert shown.code == 0
    assert max(map(len, shown.out.split("\r\n"))) == 56


def test_what_it_costs_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    lines = summary(capsys, "--explain", "--filters", "4")
    assert lines[0].startswith("sequential") and " products, " in lines[0]
    assert "28 - 3 + 1 = 26" in lines[5]


def test_a_saved_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "net.keras"
    model = galago.Sequential([galago.layers.Dense(3, input_shape=(4,), name="one\x1b[31m")])
    model.save(file)
    lines = summary(capsys, str(file))
    assert " Total params: 15 (60.00 B)" in lines
    assert not any("\x1b" in line for line in lines)
    assert any(
        line.startswith("one\ufffd[31m (Dense)") for line in summary(capsys, str(file), "--explain")
    )
    assert any("15" in line for line in summary(capsys, str(file), "--classic"))


@pytest.mark.parametrize("options", [["--dense"], ["--filters", "16"]])
def test_options_of_the_reference_network(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["summary", "net.keras", *options]) == 2
    assert "are for the reference network" in capsys.readouterr().err
