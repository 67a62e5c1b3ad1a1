"""What the tests of the command line share: small data, programs of their own, a terminal."""

from __future__ import annotations

import errno
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from galago import engine
from galago.datasets import fashion_mnist

IMAGES = 320


class Run(NamedTuple):
    """How a program ended, and what it wrote."""

    code: int
    out: str
    err: str


Galago = Callable[..., Run]
Start = Callable[..., subprocess.Popen[str]]

_COMMAND = (sys.executable, "-m", "galago.cli")
#: A program that a shell started in the background ignores Ctrl-C, and so do its children.
_LISTENING = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
_PROGRAM = f"{_LISTENING}; from galago.cli import main; sys.exit(main())"
#: Settings of whoever runs the tests that would change the output.
_SETTINGS = ("GALAGO_", "NO_COLOR", "FORCE_COLOR", "TTY_", "COLUMNS", "LINES", "PYTHONIOENCODING")


def environment(**changes: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith(_SETTINGS)}
    return kept | {"TERM": "xterm-256color", "PYTHONUTF8": "1"} | changes


@pytest.fixture(scope="session")
def start_galago() -> Start:
    """Starts galago as a program, its outputs piped to the test."""

    def start(*arguments: str, **changes: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment(**changes),
        )

    return start


@pytest.fixture(scope="session")
def galago_piped(start_galago: Start) -> Galago:
    """Runs galago with its outputs piped."""

    def run(*arguments: str, **changes: str) -> Run:
        with start_galago(*arguments, **changes) as program:
            out, err = program.communicate(timeout=120)
        return Run(program.returncode, out, err)

    return run


@pytest.fixture(scope="session")
def galago_terminal() -> Galago:
    """Runs galago on a terminal; `out` is all that it wrote there."""

    def run(*arguments: str, **changes: str) -> Run:
        ours, theirs = pty.openpty()
        settings = environment(**{"COLUMNS": "80", "LINES": "40", **changes})
        with subprocess.Popen(
            [*_COMMAND, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=settings
        ) as program:
            os.close(theirs)
            written = b"".join(_until_closed(ours))
        os.close(ours)
        return Run(program.returncode, written.decode(), "")

    return run


def _until_closed(terminal: int) -> Iterator[bytes]:
    try:
        while piece := os.read(terminal, 65536):
            yield piece
    except OSError as error:
        if error.errno != errno.EIO:  # Linux's way to say that nobody has the terminal open
            raise


@pytest.fixture
def few_images(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """`galago train` in this process gets so many images; the threads stay as they were."""
    load, threads = fashion_mnist.load_data, engine.get_threads()

    def load_few(subset: bool = False) -> object:
        return [(x[:IMAGES], y[:IMAGES]) for x, y in load(subset=True)]

    monkeypatch.setattr(fashion_mnist, "load_data", load_few)
    yield IMAGES
    engine.set_threads(threads)
