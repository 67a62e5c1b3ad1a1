"""Where downloaded data sets are kept, and the lock that lets one process at a time fill it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from galago.errors import DatasetError

_POLL_SECONDS = 0.05


def cache_folder() -> Path:
    """Return the cache folder: $GALAGO_DATA_DIR, else $XDG_CACHE_HOME/galago, else ~/.cache/galago.

    The folder is not created. Raises ``DatasetError`` when the user has no home folder.
    """
    chosen = os.environ.get("GALAGO_DATA_DIR")
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        if chosen:
            return Path(chosen).expanduser().absolute()
        if os.path.isabs(base):  # the XDG specification: relative paths are to be ignored
            return Path(base) / "galago"
        return Path.home() / ".cache" / "galago"
    except RuntimeError as error:
        raise DatasetError(
            f"Expected a home folder for the data cache, found none ({error}). "
            "Set GALAGO_DATA_DIR to a folder."
        ) from error


@contextmanager
def folder_lock(folder: Path, *, timeout: float) -> Iterator[None]:
    """Hold the only lock on ``folder``, waiting up to ``timeout`` seconds for it.

    The operating system frees the lock when its process ends, however it ends, so no lock is ever
    stale. The empty file ``.lock`` stays: deleting it could give two processes a lock each.

    Raises ``DatasetError`` when another process keeps the lock for longer.
    """
    path = folder / ".lock"
    with open(path, "ab") as file:
        deadline = time.monotonic() + timeout
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise DatasetError(
                    f"Expected the lock {path} within {timeout:g} s, but another process still "
                    "holds it. Wait for that process, or end it if it hangs."
                )
            time.sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            _unlock(file.fileno())


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
