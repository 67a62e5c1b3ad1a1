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


def printable(name: str) -> str:
    """Return a name from a file or a folder without what would steer a terminal.

    >>> printable("caf\u00e9"), printable("red\x1b[31m")
    ('caf\u00e9', 'red\ufffd[31m')
    """
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name
    )


def printable_lines(text: str) -> str:
    """Return lines without what would steer a terminal.

    >>> printable_lines("conv\\x1b[31m\\nfilter")
    'conv\ufffd[31m\\nfilter'
    """
    return "\n".join(map(printable, text.split("\n")))


def megabytes(size: int) -> str:
    """Return a number of bytes for people.

    >>> megabytes(3_520_000), megabytes(4096), megabytes(7)
    ('3.5 MB', '4.1 kB', '7 bytes')
    """
    if size >= 1_000_000:
        return f"{size / 1e6:.1f} MB"
    return f"{size / 1e3:.1f} kB" if size >= 1000 else f"{size} bytes"


def show(table: Table) -> None:
    """Print a table: framed and in colours on a terminal, elsewhere as aligned text alone.

    That text has no control codes, no trailing blanks, and a line for each row.
    """
    if sys.stdout.isatty():
        Console(markup=False, emoji=False).print(table)
        return
    table.box, table.padding = None, (0, 2, 0, 0)
    text = io.StringIO()
    Console(
        file=text,
        width=_UNLIMITED,
        force_terminal=False,
        color_system=None,
        markup=False,
        emoji=False,
    ).print(table)
    for line in text.getvalue().splitlines():
        print(line.rstrip())
