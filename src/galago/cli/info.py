"""`galago info`: what Galago found on this computer."""

from __future__ import annotations


def info() -> None:
    """Show versions, CPU, caches, instruction set, threads, and where the data sets are.

    Add its output to a report of a fault. Nothing is written or downloaded.

    For example:

      galago info
      galago info > computer.txt   plain lines, to send along
    """
    from galago.cli.machine import facts_table
    from galago.cli.output import show

    show(facts_table())
