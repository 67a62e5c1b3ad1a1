"""A contestant as the parent sees it: a process that answers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from galago.errors import GalagoError

_WORKER = Path(__file__).with_name("worker.py")
#: Lines of a failed process's standard error that a message repeats.
_LINES = 8
#: What ends a program from outside: `kill`, and a terminal that is closed.
_ENDS = (signal.SIGTERM, signal.SIGHUP)


class ContestantError(GalagoError, RuntimeError):
    """A contestant's process ended without an answer."""


@contextmanager
def orderly_end() -> Iterator[None]:
    """Make SIGTERM and SIGHUP leave by SystemExit, so that context managers end processes.

    Python would end at once, and leave processes behind that are stopped and never learn of it.
    What is ignored (`nohup`) or handled already stays so, and all in a thread that is not the main
    one: only there can signals be caught.
    """
    main = threading.current_thread() is threading.main_thread()
    caught = [n for n in _ENDS if main and signal.getsignal(n) is signal.SIG_DFL]
    for number in caught:
        signal.signal(number, _leave)
    try:
        yield
    finally:
        for number in caught:
            signal.signal(number, signal.SIG_DFL)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


class Process:
    """Runs worker.py; a context manager that ends the process. See orderly_end()."""

    def __init__(
        self,
        python: str,
        peer: str,
        work: Path,
        threads: int,
        options: Mapping[str, Any],
        environment: Mapping[str, str],
    ) -> None:
        arguments = (peer, str(work), str(threads), json.dumps(dict(options)))
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - __exit__ closes it
        self._process = subprocess.Popen(
            [python, "-P", str(_WORKER), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=_inherited() | {"OMP_NUM_THREADS": str(threads)} | dict(environment),
        )

    def start(self) -> str:
        """Wait until the framework is loaded; return its version. Raises ContestantError."""
        version: str = self._answer()["version"]
        self._process.send_signal(signal.SIGSTOP)
        return version

    def ask(self, request: str, **arguments: Any) -> dict[str, Any]:
        """Send a request of worker.Worker and return the answer. Raises ContestantError.

        In between the process is stopped: threads of some frameworks go on spinning for a while
        after their work, and would take the next contestant's CPU.
        """
        self._process.send_signal(signal.SIGCONT)
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps({"do": request, **arguments}) + "\n")
            stdin.flush()
        except BrokenPipeError:
            pass  # it has ended: _answer() says why
        answer = self._answer()
        self._process.send_signal(signal.SIGSTOP)
        return answer

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _answer(self) -> dict[str, Any]:
        stdout = self._process.stdout
        assert stdout is not None
        line = stdout.readline()
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        code = self._process.wait()
        self._errors.seek(0)
        last = self._errors.read().strip().splitlines()[-_LINES:]
        raise ContestantError(
            "\n".join([f"expected an answer, received exit status {code}", *last])
        )


def _inherited() -> dict[str, str]:
    """This process's variables but OpenBLAS's: settings for NumPy here slow others down."""
    return {key: text for key, text in os.environ.items() if not key.startswith("OPENBLAS_")}
