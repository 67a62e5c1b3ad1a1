"""What notebooks show: text that is only text, tables that suit dark and light pages.

And tables as plain text, for terminals.
"""

from __future__ import annotations

import html
import sys
from collections.abc import Collection, Iterable, Sequence

_TABLE = "border-collapse:collapse;margin:4px 0"
_CELL = "padding:2px 10px;border-bottom:1px solid rgba(128,128,128,.35);text-align:"
_FONT = "font-family:system-ui,sans-serif;font-size:13px"


def text(value: object) -> str:
    """Return a text as HTML that shows it: nothing in it is markup, or steers anything.

    >>> text("<b>conv\\x1b</b>")
    '&lt;b&gt;conv\ufffd&lt;/b&gt;'
    """
    letters = (one if one.isprintable() or one == "\n" else "\ufffd" for one in str(value))
    return html.escape("".join(letters))


def table(
    titles: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Collection[str] = (),
    wrapped: Collection[str] = (),
) -> str:
    """Return texts as a table.

    Columns whose title is among `right` stand on the right; those among `wrapped` may have several
    lines.

    >>> table(["a"], [["<"]]).count("&lt;")
    1
    """
    styles = [
        f"{_CELL}{'right' if title in right else 'left'}"
        f"{';min-width:15em' if title in wrapped else ';white-space:nowrap'}"
        for title in titles
    ]

    def row(tag: str, texts: Sequence[object]) -> str:
        cells = (
            f'<{tag} style="{style}">{text(one)}</{tag}>'
            for one, style in zip(texts, styles, strict=True)
        )
        return f"<tr>{''.join(cells)}</tr>"

    lines = "".join(row("td", texts) for texts in rows)
    return f'<table style="{_TABLE}">{row("th", titles)}{lines}</table>'


def aligned(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> list[str]:
    """Return the lines of a table whose columns are as wide as their longest text.

    Columns whose place is among `right` stand on the right.

    >>> aligned([("layer", "time"), ("conv2d", "5 us")], right=[1])
    ['layer   time', 'conv2d  5 us']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        places = enumerate(zip(row, widths, strict=True))
        cells = [one.rjust(n) if place in right else one.ljust(n) for place, (one, n) in places]
        lines.append("  ".join(cells).rstrip())
    return lines


def block(*parts: str) -> str:
    """Return pieces of HTML one below the other, as wide as the page at most.

    >>> block("a", "b").count("<div>")
    2
    """
    inner = "".join(f"<div>{part}</div>" for part in parts if part)
    return f'<div style="{_FONT};overflow-x:auto">{inner}</div>'


def folded(title: str, inner: str) -> str:
    """Return a piece of HTML that a click on its title opens; no script is needed.

    >>> folded("More", "<p>much</p>")
    '<details><summary>More</summary><p>much</p></details>'
    """
    return f"<details><summary>{text(title)}</summary>{inner}</details>"


def in_notebook() -> bool:
    """Whether what is printed goes to a page of a notebook.

    >>> in_notebook()
    False
    """
    return type(sys.stdout).__module__.startswith("ipykernel")


def show(shown: object) -> None:
    """Print an object, or let the notebook that it is shown in draw it.

    >>> show("text")
    text
    """
    if not in_notebook():
        print(shown)
        return
    from IPython.display import display

    display(shown)
