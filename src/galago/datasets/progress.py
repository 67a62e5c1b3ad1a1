"""What a user sees while a file is downloaded."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)


@contextmanager
def download_progress(name: str, size: int) -> Iterator[Callable[[int], None]]:
    """Show a bar for ``size`` bytes on a terminal, one plain line elsewhere, on standard error.

    Yields the function to call with the number of bytes of each piece that has arrived.
    """
    if not sys.stderr.isatty():
        print(f"Downloading {name} ({size / 1e6:.1f} MB)", file=sys.stderr, flush=True)
        yield lambda count: None
        return
    with Progress(
        TextColumn("Downloading {task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
    ) as bar:
        task = bar.add_task(name, total=size)
        yield lambda count: bar.advance(task, count)
