"""A folder with the newest checkpoints of one training."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from galago.errors import ArgumentError, FileFormatError, GalagoWarning
from galago.saving.checkpoint_file import State, read_checkpoint, write_checkpoint
from galago.saving.durable import remove_leftovers
from galago.saving.lock import held_lock

_NAME = re.compile(r"checkpoint-(\d{8,15})\.npz")
_LOCK = ".lock"


class Generations:
    """Numbered checkpoints in a folder, of which the newest ones are kept.

    Nothing else in the folder is touched. Use it within open().
    """

    def __init__(self, folder: Path, keep: int) -> None:
        self._folder, self._keep = folder, keep
        #: Those known to be whole, the oldest first.
        self._good: list[Path] = []

    @contextmanager
    def open(self, owner: str) -> Iterator[None]:
        """Make the folder and keep all other trainings out of it. Raises ArgumentError, OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with held_lock(self._folder / _LOCK, timeout=0) as held:
            if not held:
                raise ArgumentError(
                    f"{owner}: the checkpoints in {self._folder} belong to a training that is "
                    "still running. Choose another folder, or end that training."
                )
            remove_leftovers(self._folder)
            yield

    def newest(self) -> State | None:
        """Return the newest state that is whole, None if there was never one.

        Warns of damaged ones that are passed over. Raises FileFormatError if all are, and OSError.
        """
        damaged: list[str] = []
        for path in sorted(self._files(), key=_number, reverse=True):
            try:
                state = read_checkpoint(path)
            except FileFormatError as error:
                damaged.append(str(error))
                continue
            if damaged:
                warnings.warn(
                    f"{' '.join(damaged)} The training goes on from the one before: {path.name}.",
                    GalagoWarning,
                    stacklevel=2,
                )
            self._good = [path]
            return state
        if damaged:
            raise FileFormatError(
                f"{' '.join(damaged)} There is no other checkpoint in {self._folder}. To begin "
                "anew, choose another folder or delete this one."
            )
        return None

    def write(self, state: State) -> None:
        """Write the next generation, then delete those that are too many. Raises OSError."""
        last = max(map(_number, self._files()), default=0)
        path = self._folder / f"checkpoint-{last + 1:08d}.npz"
        write_checkpoint(path, state)
        self._good = [*self._good, path][-self._keep :]
        for other in self._files():
            if other not in self._good:
                other.unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete the checkpoints, and the folder if there is nothing else in it."""
        for path in [*self._files(), self._folder / _LOCK]:
            path.unlink(missing_ok=True)
        with suppress(OSError):  # somebody keeps other files there
            self._folder.rmdir()

    def _files(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if _NAME.fullmatch(path.name)]


def _number(path: Path) -> int:
    match = _NAME.fullmatch(path.name)
    return int(match[1]) if match else 0
