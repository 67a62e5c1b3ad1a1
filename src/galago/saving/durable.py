"""The one way Galago writes a file: readers see the old file or the new one, never a half."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

# A fixed prefix, not the target's name: names may already be as long as a folder allows.
_PREFIX = ".galago-"
_SUFFIX = ".tmp"


@contextmanager
def durable_writer(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open ``path`` for binary writing; it appears, whole and on disk, when the block ends.

    The bytes go to a temporary file in the same folder, which is synced and renamed at the end.
    When the block or any of these steps raises, the old file is untouched and the temporary one
    is gone. A symbolic link stays a link, and a replaced file keeps its permissions.

    Raises ``FileNotFoundError`` when the folder does not exist, ``PermissionError`` when the old
    file is read-only, and ``OSError`` when ``path`` is a folder, device or pipe, or the disk fails.

    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "weights.bin")
    >>> with durable_writer(path) as file:
    ...     _ = file.write(b"galago")
    >>> os.path.getsize(path)
    6
    """
    target = Path(os.path.realpath(path))
    old_mode = _check(target)
    temporary = target.with_name(f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
    try:
        with open(temporary, "x+b") as file:
            yield file
            file.flush()
            if old_mode is not None:
                os.chmod(temporary, old_mode)
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(target.parent)


def remove_leftovers(folder: Path) -> None:
    """Delete temporary files that a killed process left in ``folder``.

    Call it only while holding a lock that keeps every other writer out of the folder.
    """
    for leftover in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        leftover.unlink(missing_ok=True)


def _check(target: Path) -> int | None:
    """Refuse targets that a rename would harm; return the permissions of the file there, if any."""
    if not target.parent.is_dir():
        raise FileNotFoundError(
            errno.ENOENT,
            "The folder to write into does not exist. Make it first",
            str(target.parent),
        )
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        # A rename would replace a device such as /dev/null for the whole computer.
        raise OSError(
            errno.EINVAL, "Expected a file to replace, found a folder, device or pipe", str(target)
        )
    if not os.access(target, os.W_OK):
        # A rename needs only the folder's permission, so it would overwrite a protected file.
        raise PermissionError(
            errno.EACCES, "The file is read-only. Choose another name or unprotect it", str(target)
        )
    return stat.S_IMODE(mode)


def _sync_folder(folder: Path) -> None:
    """Put the rename itself on disk; without this a power cut may bring the old name back."""
    if sys.platform == "win32":
        return  # Windows has no handle on a folder to sync
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot sync folders; the file itself is already synced.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)
