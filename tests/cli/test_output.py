"""Tables where there is no terminal."""

from __future__ import annotations

import pytest
from rich.table import Table

from galago.cli.output import columns, printable, show


def test_plain_columns(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "20")
    table = Table("Name", "Value", header_style="bold red")
    table.add_row("a long name", "word " * 30)
    table.add_row("b", "")
    show(table)
    assert capsys.readouterr().out.splitlines() == [
        "Name         Value",
        "a long name  " + ("word " * 30).rstrip(),
        "b",
    ]


def test_without_a_terminal_lines_have_any_length(capsys: pytest.CaptureFixture[str]) -> None:
    assert columns() >= 10_000


def test_names_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("Name")
    table.add_row("[red]cat[/red] :cat:")
    show(table)
    assert capsys.readouterr().out.splitlines()[1] == "[red]cat[/red] :cat:"


def test_names_cannot_steer_a_terminal() -> None:
    assert printable("a\x1b[2J\nb\udcff\u202e") == "a\ufffd[2J\ufffdb\ufffd\ufffd"
