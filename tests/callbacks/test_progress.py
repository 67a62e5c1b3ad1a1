"""Which progress suits an output."""

from __future__ import annotations

import io
import os
import sys

import pytest

from galago.callbacks.progress import progress
from galago.callbacks.progress_bar import ProgressBar
from galago.callbacks.progress_lines import ProgressLines
from galago.errors import ArgumentError
from galago.training import events as ev


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Notebook(io.StringIO):
    """Stands in for the stream of a notebook's kernel, which is known by its module."""


Notebook.__module__ = "ipykernel.iostream"


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(
    ("verbose", "stream", "kind"),
    [
        ("auto", Terminal(), ProgressBar),
        (1, Terminal(), ProgressBar),
        (True, Terminal(), ProgressBar),
        ("auto", Notebook(), ProgressBar),
        ("auto", io.StringIO(), ProgressLines),
        (1, io.StringIO(), ProgressLines),
        (2, Terminal(), ProgressLines),
    ],
)
def test_choices(verbose: int | str, stream: io.StringIO, kind: type) -> None:
    (watcher,) = progress(verbose, stream)
    assert type(watcher) is kind


def test_silence() -> None:
    assert progress(0, Terminal()) == []
    assert progress(False, Terminal()) == []


def test_a_program_without_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert progress("auto") == []


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert type(progress("auto", Terminal())[0]) is ProgressLines


@pytest.mark.parametrize("value", [3, -1, "yes", None, 1.0, [1]])
def test_wrong_verbose(value: object) -> None:
    with pytest.raises(ArgumentError) as caught:
        progress(value)
    assert str(caught.value) == (
        f"verbose: expected 'auto', 0, 1 or 2, received {value!r}. Use 0 for silence, 2 for one "
        "line an epoch."
    )


def drawn(stream: io.StringIO) -> str:
    (watcher,) = progress(1, stream)
    handle = watcher.handlers()
    handle[ev.EpochBegin](ev.EpochBegin(0, 1, 1))
    handle[ev.StepEnd](ev.StepEnd(0, 0, 1, {"loss": 1.0}))
    handle[ev.EpochEnd](ev.EpochEnd(0, 1, 1, {"loss": 1.0}))
    return stream.getvalue()


def test_no_color_takes_the_colours_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" in drawn(Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in drawn(Terminal())


def test_a_narrow_terminal_is_not_overrun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((30, 24)))
    monkeypatch.setenv("COLUMNS", "30")
    first = drawn(Terminal()).split("\r")[1]
    assert len(first) == 29
