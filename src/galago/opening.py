"""How a file of a stranger is opened: only a file, and without waiting for anybody."""

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO

from galago.errors import FileFormatError

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def open_file(path: str | os.PathLike[str]) -> BinaryIO:
    """Return a file that is open for reading.

    Raises FileFormatError for what is no file: a pipe would keep its reader waiting for ever, and
    a device may have no end. Raises OSError; a FileNotFoundError says where it looked.
    """
    name = os.fspath(path)
    try:
        file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115  (the caller closes it)
    except IsADirectoryError:
        raise _no_file(name, stat.S_IFDIR) from None
    except FileNotFoundError:
        raise _not_there(_missing(name)) from None
    except ValueError:  # such as "model\0.keras"
        raise _not_there(f"There is no file {name!r}") from None
    kind = stat.S_IFMT(os.fstat(file.fileno()).st_mode)
    if kind != stat.S_IFREG:
        file.close()
        raise _no_file(name, kind)
    return file


def read_file(path: str | os.PathLike[str]) -> bytes:
    """Return what is in a file. Raises as open_file() does."""
    with open_file(path) as file:
        return file.read()


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _not_there(message: str) -> FileNotFoundError:
    """Return an error whose number programs may ask for, and whose text is ours."""
    error = FileNotFoundError(message)
    error.errno = errno.ENOENT
    return error


def _missing(name: str) -> str:
    """Where there is no file of this name. A load looks at no other file, so it proposes none."""
    folder, last = os.path.split(name)
    folder = os.path.abspath(folder)
    if not os.path.isdir(folder):
        return f"There is no file {name!r}, since there is no folder {folder!r}. Check the path."
    return f"There is no file {last!r} in the folder {folder!r}. Check the path."


def _no_file(name: str, kind: int) -> FileFormatError:
    found = _KINDS.get(kind, "something else")
    return FileFormatError(f"{name}: expected a file, found {found}. Name a file.")
