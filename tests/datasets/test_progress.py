"""One plain line for a log, a bar for a terminal."""

from __future__ import annotations

import io
import sys

import pytest

from galago.datasets.progress import download_progress


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_one_plain_line_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    with download_progress("images.gz", 26_421_880) as advance:
        advance(1_000_000)
    captured = capsys.readouterr()
    assert captured.err == "Downloading images.gz (26.4 MB)\n"
    assert captured.out == ""


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with download_progress("images.gz", 2_000_000) as advance:
        advance(500_000)
        advance(1_500_000)
    shown = terminal.getvalue()
    assert "Downloading images.gz" in shown
    assert "2.0/2.0 MB" in shown
