"""Tables on a terminal and elsewhere."""

from __future__ import annotations

import io
import sys

from rich.console import Console
from rich.table import Table

#: Wide enough for any row: a line of a file is never broken.
_UNLIMITED = 10_000


def columns() -> int:
    """Return the width of the terminal in characters; elsewhere lines have any length."""
    return Console().width if sys.stdout.isatty() else _UNLIMITED


def show(table: Table) -> None:
    """Print a table: framed and in colours on a terminal, elsewhere as aligned text alone.

    That text has no control codes, no trailing blanks, and a line for each row.
    """
    if sys.stdout.isatty():
        Console().print(table)
        return
    table.box, table.padding = None, (0, 2, 0, 0)
    text = io.StringIO()
    Console(file=text, width=_UNLIMITED, force_terminal=False, color_system=None).print(table)
    for line in text.getvalue().splitlines():
        print(line.rstrip())
