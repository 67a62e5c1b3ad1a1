"""Write the help texts of the command line into docs/cli.md.

    python tools/make_cli_docs.py           # writes
    python tools/make_cli_docs.py --check   # compares, writes nothing

A line `<!-- help: galago train -->` marks where a text belongs; the block after it is replaced.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from pathlib import Path

from rich.console import Console

from galago.cli.app import app

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
_BLOCK = re.compile(r"<!-- help: galago(?: (\w+))? -->\n```text\n(.*?)```\n", re.DOTALL)
#: Frames, and the places of line breaks, are a matter of rich's and cyclopts's versions.
_FRAME = re.compile(r"[─│╭╮╰╯\s]+")


def commands() -> list[str]:
    """Return the names of all commands, with "" for `galago` itself."""
    return ["", *(name for name in app if not name.startswith("-"))]


def help_text(command: str) -> str:
    """Return what `galago <command> --help` prints on 80 columns."""
    text = io.StringIO()
    console = Console(file=text, width=80, force_terminal=False, color_system=None)
    app.help_print([command] if command else [], console=console)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()).strip() + "\n"


def stored_helps(page: str) -> dict[str, str]:
    """Return the text that a page has for each command."""
    return dict(_BLOCK.findall(page))


def words(text: str) -> str:
    """Return a help text without frames, one blank between words."""
    return _FRAME.sub(" ", text).strip()


def stale_commands(page: str) -> list[str]:
    """Return the commands whose help is not in the page or has other words there."""
    stored = stored_helps(page)
    return [name for name in commands() if words(stored.get(name, "")) != words(help_text(name))]


def updated(page: str) -> str:
    """Return the page with the present help texts."""

    def block(match: re.Match[str]) -> str:
        head = match[0].split("\n", 1)[0]
        return f"{head}\n```text\n{help_text(match[1])}```\n"

    return _BLOCK.sub(block, page)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    page = PAGE.read_text(encoding="utf-8")
    if not parser.parse_args().check:
        page = updated(page)
        PAGE.write_text(page, encoding="utf-8")
    stale = stale_commands(page)
    for name in stale:
        print(f"{PAGE}: the help of galago {name} is missing or out of date", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
