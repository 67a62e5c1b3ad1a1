"""Watches what a load does: an audit hook that lets it read its own file, and nothing else."""

from __future__ import annotations

import os
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

#: What Python does within itself. Everything that is not here and not an open() of the load's own
#: file is a breach: imports, exec and compile, processes, sockets, ctypes, pickles, changed files.
HARMLESS = frozenset(
    (
        "array.__new__",
        "builtins.id",
        "fcntl.flock",
        "gc.get_objects",
        "object.__getattr__",
        "object.__setattr__",
        "sys._getframe",
        "sys.unraisablehook",
    )
)
#: What a load may do with its own file or folder: look for checkpoints and pictures in a folder,
#: and make that, where it is not there.
OWN = frozenset(("open", "os.listdir", "os.mkdir", "os.scandir", "os.walk", "pathlib.Path.glob"))
#: What a training does that goes on and writes its next checkpoint.
WRITTEN = frozenset(("os.chmod", "os.remove", "os.rename", "os.rmdir", "os.unlink", "os.utime"))
#: A training holds a lock while it reads checkpoints; nothing else is opened for writing.
LOCK, WRITING = ".lock", os.O_WRONLY | os.O_RDWR | os.O_CREAT
TRIES, QUICK = 3, 0.5
_RESET_PEAK = "5"


class Breach(BaseException):
    """A load did something else than to read its file; no `except Exception` hides it."""


class Watch:
    """A hook of the whole process, which can never be removed: it sleeps outside of `over`."""

    def __init__(self) -> None:
        self.breaches: list[str] = []
        self._own: Callable[[str], bool] | None = None
        self._writes = False
        sys.addaudithook(self._hook)

    @contextmanager
    def over(self, path: Path, *, writes: bool = False) -> Iterator[None]:
        """Watch a load of a file, or of what is in a folder, which may be written into or not."""
        root = os.path.abspath(path)
        self._writes = writes
        self._own = lambda name: name == root or name.startswith(root + os.sep)
        try:
            yield
        finally:
            self._own = None

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        own = self._own
        if own is None or event in HARMLESS:
            return
        may = OWN | WRITTEN if self._writes else OWN
        if event in may and isinstance(arguments[0], (str, os.PathLike)):
            name = os.path.abspath(os.fspath(arguments[0]))
            writes = event == "open" and arguments[2] & WRITING and not self._writes
            if own(name) and (not writes or os.path.basename(name) == LOCK):
                return
        breach = f"{event} {arguments!r:.200}"
        self.breaches.append(breach)
        raise Breach(breach)


class Seen(NamedTuple):
    """What came of a load: the error if there was one, seconds of the processor and of the clock,
    and the bytes it took at most.
    """

    error: BaseException | None
    seconds: float
    waited: float
    memory: int


def measure(work: Callable[[], object]) -> Seen:
    """Run a load up to three times for the best time, and once more for its memory."""
    best = waited = float("inf")
    error, resident = None, 0
    for _ in range(TRIES):
        before = _reset_peak()
        start, clock = time.process_time(), time.monotonic()
        error = _run(work)
        best = min(best, time.process_time() - start)
        waited = min(waited, time.monotonic() - clock)
        resident = max(resident, _peak() - before)
        if best < QUICK:
            break
    tracemalloc.start()
    try:
        _run(work)
        traced = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return Seen(error, best, waited, max(traced, resident))


def _run(work: Callable[[], object]) -> BaseException | None:
    try:
        work()
    except (Exception, Breach) as error:
        return error
    return None


def _reset_peak() -> int:
    """Forget the most memory so far, where the system can; return what is taken now."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/clear_refs", "w") as file:
        file.write(_RESET_PEAK)
    return _peak()


def _peak() -> int:
    """The most memory that this process has had, in bytes; 0 where the system does not say."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10
