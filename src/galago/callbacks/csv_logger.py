"""A callback that writes each epoch's numbers into a table."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from galago.callbacks.base import Callback, Logs
from galago.checks import flag
from galago.errors import ArgumentError
from galago.saving.durable import durable_writer

_END = "\r\n"


class CSVLogger(Callback):
    """Writes a line for each epoch: its number from 0, and the logged numbers by name.

    Every time the file appears anew as a whole, so it never ends within a line, whatever happens.
    Names that the first epoch did not log are left out; "NA" stands for missing ones.

    Arguments:
        filename: the file, which is replaced
        separator: what stands between two values
        append: whether the lines of an earlier run stay
    Raises ArgumentError, and OSError where the file cannot be written.

    >>> CSVLogger("training.csv", separator=";").separator
    ';'
    """

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        if not isinstance(separator, str) or len(separator) != 1 or separator in '\r\n"':
            raise ArgumentError(
                f"CSVLogger: separator must be one character, not a quote or the end of a line, "
                f"received {separator!r}. Pass for example ';'."
            )
        self.filename = os.fspath(filename)
        self.separator = separator
        self.append = flag(append, "append", "CSVLogger")
        self._start(b"")

    def _start(self, earlier: bytes) -> None:
        """Forget all but the content of an earlier run."""
        self._earlier = earlier if not earlier or earlier.endswith(b"\n") else earlier + b"\r\n"
        self._lines: list[str] = []
        self._keys: list[str] | None = None

    def get_state(self) -> dict[str, Any]:
        """Return the lines, and how long the file was before them."""
        return {"earlier": len(self._earlier), "lines": list(self._lines), "keys": self._keys}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take over what get_state() returned: lines written after that are gone."""
        self._earlier = self._earlier[: state["earlier"]]
        self._lines, self._keys = list(state["lines"]), state["keys"]
        self._write()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begin the file, or go on behind an earlier run's lines."""
        earlier = b""
        if self.append and os.path.exists(self.filename):
            with open(self.filename, "rb") as file:
                earlier = file.read()
        self._start(earlier)
        self._write()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write the line of the epoch."""
        logs = logs or {}
        if self._keys is None:
            self._keys = _columns(logs)
            if not self._earlier:
                self._lines.append(self._line(["epoch", *self._keys]))
        values = [_text(logs.get(key, "NA")) for key in self._keys]
        self._lines.append(self._line([epoch, *values]))
        self._write()

    def _line(self, values: Sequence[Any]) -> str:
        line = io.StringIO()
        csv.writer(line, delimiter=self.separator, lineterminator=_END).writerow(values)
        return line.getvalue()

    def _write(self) -> None:
        with durable_writer(self.filename) as file:
            file.write(self._earlier + "".join(self._lines).encode())


def _columns(logs: Mapping[str, Any]) -> list[str]:
    """The names in order; those of a validation too, which may come in a later epoch."""
    names = sorted(logs)
    later = [] if any(name.startswith("val_") for name in names) else names
    return names + [f"val_{name}" for name in later]


def _text(value: Any) -> Any:
    """A value as the writer takes it; several are written as a list."""
    several = isinstance(value, Iterable) and not isinstance(value, str)
    if several and np.ndim(value):
        return f'"[{", ".join(map(str, value))}]"'
    return value
