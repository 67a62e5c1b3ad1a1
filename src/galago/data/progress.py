"""What a user sees while many files are read."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Seconds of silence: most folders are read sooner.
PATIENCE = 2.0


@contextmanager
def reading_progress(count: int, verbose: bool) -> Iterator[Callable[[], None]]:
    """Show, after two seconds, a bar on a terminal, one plain line elsewhere, on standard error.

    Yields the function to call after each file.
    """
    if not verbose:
        yield lambda: None
        return
    shown = _Progress(count)
    try:
        yield shown.advance
    finally:
        shown.close()


class _Progress:
    def __init__(self, count: int) -> None:
        self._count, self._done = count, 0
        self._begin = time.monotonic()
        self._show: Callable[[int], None] | None = None
        self.close: Callable[[], None] = lambda: None

    def advance(self) -> None:
        self._done += 1
        if self._show is None and time.monotonic() - self._begin >= PATIENCE:
            self._show = self._start()
        if self._show is not None:
            self._show(self._done)

    def _start(self) -> Callable[[int], None]:
        if not sys.stderr.isatty():
            print(f"Reading {self._count:,} images", file=sys.stderr, flush=True)
            return lambda done: None
        # Imported here: rich takes longer to import than most folders take to read.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        bar = Progress("Reading images", *columns, console=Console(file=sys.stderr), transient=True)
        task = bar.add_task("", total=self._count)
        bar.start()
        self.close = bar.stop
        return lambda done: bar.update(task, completed=done)
