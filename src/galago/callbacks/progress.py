"""Which progress suits an output."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any, TextIO

from galago.callbacks.progress_bar import ProgressBar
from galago.callbacks.progress_lines import ProgressLines
from galago.errors import ArgumentError
from galago.training.events import Watcher


def progress(verbose: Any = "auto", stream: TextIO | None = None) -> list[Watcher]:
    """Return what writes the progress of a run: one watcher, or none for silence.

    Arguments: verbose "auto" or 1 (a bar where the output can redraw a line, else one line an
    epoch), 2 (always one line an epoch), 0 (nothing); the stream, standard output by default.
    NO_COLOR takes the colours out of the bar. Raises ArgumentError.

    >>> progress(0)
    []
    """
    if isinstance(verbose, float) or verbose not in ("auto", 0, 1, 2):
        raise ArgumentError(
            f"verbose: expected 'auto', 0, 1 or 2, received {verbose!r}. Use 0 for silence, 2 for "
            "one line an epoch."
        )
    stream = sys.stdout if stream is None else stream
    if verbose == 0 or stream is None:  # programs without a console have no standard output
        return []
    notebook = type(stream).__module__.startswith("ipykernel")
    if verbose == 2 or not (notebook or _is_terminal(stream)):
        return [ProgressLines(stream)]
    colour = not os.environ.get("NO_COLOR")
    return [ProgressBar(stream, colour=colour, columns=_no_limit if notebook else _columns)]


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _columns() -> int:
    return shutil.get_terminal_size().columns


def _no_limit() -> None:
    return None
