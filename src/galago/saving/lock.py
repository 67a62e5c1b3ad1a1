"""A lock that lets one process at a time write into a folder."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.05


@contextmanager
def held_lock(path: Path, *, timeout: float) -> Iterator[bool]:
    """Hold the only lock on a file, which is made for it; yield False if it took too long.

    The operating system frees the lock when its process ends, however it ends, so no lock is ever
    stale. Whoever holds the lock may delete the file: those who waited for it take a new one.
    """
    deadline = time.monotonic() + timeout
    while True:
        with open(path, "ab") as file:
            if _try_lock(file.fileno()):
                try:
                    if _is_there(path, file.fileno()):
                        yield True
                        return
                finally:
                    _unlock(file.fileno())
        if time.monotonic() > deadline:
            yield False
            return
        time.sleep(_POLL_SECONDS)


def _is_there(path: Path, descriptor: int) -> bool:
    """Whether the open file still has its name; if not, somebody else may lock another one."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
