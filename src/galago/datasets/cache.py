"""Where downloaded data sets are kept, and the lock that lets one process at a time fill it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from galago.errors import DatasetError
from galago.saving.lock import held_lock


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

    The empty file ``.lock`` stays. Raises ``DatasetError`` when another process keeps the lock
    for longer.
    """
    path = folder / ".lock"
    with held_lock(path, timeout=timeout) as held:
        if not held:
            raise DatasetError(
                f"Expected the lock {path} within {timeout:g} s, but another process still "
                "holds it. Wait for that process, or end it if it hangs."
            )
        yield
