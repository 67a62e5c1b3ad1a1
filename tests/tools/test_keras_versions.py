"""What several Kerases said, as a table; with `pytest -m parity`, what the installed one says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras_versions
import pytest
from keras_versions import Finding, ask, table


def test_a_table_of_what_came_out() -> None:
    asked = [
        ("3.0.5", 9, [Finding("3.0.5", "layer a", True, "is not made: Error at 0x12ab")]),
        (
            "3.1.1",
            9,
            [
                Finding("3.1.1", "layer a", True, "is not made: Error at 0x34cd"),
                Finding("3.1.1", "layer b", False, "reads outputs 0: 1.2e-03"),
                Finding("3.1.1", "layer b", True, "does not reload its own file"),
            ],
        ),
    ]
    assert table(asked).splitlines()[2:] == [
        "| 3.0.5 | 9 | 8 | 1 | 0 |",
        "| 3.1.1 | 9 | 7 | 1 | 1 |",
        "WRONG: layer b: reads outputs 0: ... (3.1.1)",
        "limit: layer a: is not made: Error at ... (3.0.5, 3.1.1)",
        "limit: layer b: does not reload its own file (3.1.1)",
    ]


def test_whose_fault_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "galago", tmp_path / "keras"
    reports: dict[tuple[str, str, Path], Any] = {
        ("write", "keras", theirs): {"layer new": "TypeError: new"},
        ("check", "galago", theirs): {"layer lost": ["outputs: 1.0", ""], "layer x": ["it", ""]},
        ("check", "keras", theirs): {"layer lost": ["outputs: 1.0", ""]},
        ("check", "keras", ours): {
            "layer new": ["TypeError: new", "is not there"],
            "layer own": ["IndexError", "does not reload its own file: IndexError"],
            "optimizer nadam": ["a total of 1 objects", ""],
            "layer y": ["TypeError", ""],
        },
    }

    def work(python: str, what: str, library: str, folder: Path, cases: str) -> dict[str, Any]:
        assert python == (sys.executable if library == "galago" else "old")
        if (what, library, folder) == ("check", "keras", theirs):
            assert cases == r"^layer\ lost$|^layer\ x$"
        return {"version": "3.9.2", "asked": 9, "cases": reports[what, library, folder]}

    monkeypatch.setattr(keras_versions, "work", work)
    version, count, findings = ask("old", ours, theirs, "layer")
    assert (version, count) == ("3.9.2", 9)
    assert [finding.case for finding in findings if not finding.is_limit] == ["layer x", "layer y"]
    assert {finding.case for finding in findings if finding.is_limit} == {
        *("layer new", "layer lost", "layer own", "optimizer nadam")
    }
    reports["check", "keras", theirs] = {}
    monkeypatch.setattr(keras_versions, "KNOWN", ())
    found = {
        finding.case for finding in ask("old", ours, theirs, "layer")[2] if not finding.is_limit
    }
    assert found == {"layer x", "layer y", "layer lost", "optimizer nadam"}


@pytest.mark.parity
def test_the_installed_keras_agrees(tmp_path: Path) -> None:
    ours = tmp_path / "galago"
    assert keras_versions.work(sys.executable, "write", "galago", ours, "")["cases"] == {}
    version, count, findings = ask(sys.executable, ours, tmp_path / "keras", "")
    assert count > 250
    wrong = [finding for finding in findings if not finding.is_limit]
    assert wrong == [], table([(version, count, findings)])
