"""What a user sees while something is done many times: files read, filters left out."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Seconds of silence: most of it is done sooner.
PATIENCE = 2.0


@contextmanager
def progress_of(count: int, verbose: bool, what: str) -> Iterator[Callable[..., None]]:
    """Show, after two seconds, a bar on a terminal, one plain line elsewhere, on standard error.

    `what` is in words what is done `count` times. Yields the function to call after each, or with
    how many of them are done.
    """
    if not verbose:
        yield lambda done=1: None
        return
    shown = _Progress(count, what)
    try:
        yield shown.advance
    finally:
        shown.close()


class _Progress:
    def __init__(self, count: int, what: str) -> None:
        self._count, self._what, self._done = count, what, 0
        self._begin = time.monotonic()
        self._show: Callable[[int], None] | None = None
        self.close: Callable[[], None] = lambda: None

    def advance(self, done: int = 1) -> None:
        self._done += done
        long = time.monotonic() - self._begin >= PATIENCE
        if self._show is None and long and self._done < self._count:
            self._show = self._start()
        if self._show is not None:
            self._show(self._done)

    def _start(self) -> Callable[[int], None]:
        if not sys.stderr.isatty():
            print(f"{self._what}: {self._count:,}", file=sys.stderr, flush=True)
            return lambda done: None
        # Imported here: rich takes longer to import than most of it takes.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        bar = Progress(self._what, *columns, console=Console(file=sys.stderr), transient=True)
        task = bar.add_task("", total=self._count)
        bar.start()
        self.close = bar.stop
        return lambda done: bar.update(task, completed=done)
