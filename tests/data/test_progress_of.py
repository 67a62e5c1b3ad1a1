"""Nothing in the first two seconds; then a bar on a terminal, a line elsewhere."""

from __future__ import annotations

import io

import pytest

from galago.data import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def advance(verbose: bool = True) -> None:
    with progress.progress_of(3, verbose, "Reading images") as step:
        for _ in range(3):
            step()


def test_silence_at_first(capsys: pytest.CaptureFixture[str]) -> None:
    advance()
    assert capsys.readouterr() == ("", "")


def test_one_line_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    advance()
    assert capsys.readouterr() == ("", "Reading images: 3\n")
    advance(verbose=False)
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr("sys.stderr", Terminal())
    advance()
    import sys

    shown = sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert "Reading images" in shown and "3/3" in shown
