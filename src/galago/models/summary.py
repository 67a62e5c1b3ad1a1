"""The table of a model, as Keras 3 prints it, and as the notebooks of 2019 show it."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from galago.shapes import BatchShape


class Row(NamedTuple):
    """A layer: shape and number of parameters are None while it is not built.

    `sources` are what it reads, as "name[call][0]".
    """

    name: str
    class_name: str
    shape: BatchShape | None
    params: int | None
    sources: Sequence[str] = ()


class Count(NamedTuple):
    """Numbers and their memory in bytes."""

    params: int
    memory: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that a table shows; `optimizer` is None before the first training.

    `branches` adds a column that says what each layer reads.
    """

    name: str
    rows: Sequence[Row]
    branches: bool
    trainable: Count
    frozen: Count
    optimizer: Count | None


class _Rule(NamedTuple):
    left: str
    line: str
    cross: str
    right: str


class _Frame(NamedTuple):
    top: _Rule
    head_bar: str
    head: _Rule
    bar: str
    between: _Rule
    bottom: _Rule
    cut: str


_DRAWN = _Frame(
    _Rule("┏", "━", "┳", "┓"),
    "┃",
    _Rule("┡", "━", "╇", "┩"),
    "│",
    _Rule("├", "─", "┼", "┤"),
    _Rule("└", "─", "┴", "┘"),
    "…",
)
_PLUS = _Rule("+", "-", "+", "+")
_ASCII = _Frame(_PLUS, "|", _Rule("+", "=", "+", "+"), "|", _PLUS, _PLUS, ".")


class _Columns(NamedTuple):
    """Columns of a table: titles, where they end as shares of the line, and the usual width.

    `framed` is what Keras's table library takes from each column to make room for frame and
    padding.
    """

    titles: tuple[str, ...]
    ends: tuple[float, ...]
    framed: tuple[int, ...]
    width: int

    def places(self, line_length: int) -> list[int]:
        """Where the columns of a line end."""
        return [int(end * line_length) for end in self.ends]


#: A narrow terminal leaves some room beside Keras's table.
_MARGIN = 4
#: Below this many characters no column would hold a word.
NARROWEST = 24
_TITLES = ("Layer (type)", "Output Shape", "Param #")
_BRANCHES = (*_TITLES, "Connected to")
#: For a chain of layers and for layers that branch (keras/src/utils/summary_utils.py).
_KERAS = (
    _Columns(_TITLES, (0.45, 0.80, 1.0), (3, 4, 3), 88),
    _Columns(_BRANCHES, (0.3, 0.56, 0.74, 1.0), (3, 3, 4, 3), 108),
)
#: The same in Keras 2.
_CLASSIC = (
    _Columns(_TITLES, (0.45, 0.85, 1.0), (), 65),
    _Columns(_BRANCHES, (0.33, 0.55, 0.67, 1.0), (), 98),
)
_RIGHT = 2  # the column whose numbers stand on the right


def keras_table(report: Report, line_length: int | None = None) -> str:
    """Return Keras 3's table with its totals; every line ends in a line break.

    Text that is too long for its column is wrapped between words, a word that is too long is cut.
    """
    frame, columns = _DRAWN if _can_draw() else _ASCII, _KERAS[report.branches]
    if line_length is None:
        room = shutil.get_terminal_size().columns - _MARGIN
        line_length = max(min(columns.width, room), NARROWEST)
    ends = columns.places(line_length)
    spaces = zip([0, *ends[:-1]], ends, columns.framed, strict=True)
    widths = [max(end - start - framed, 1) for start, end, framed in spaces]
    lines = [f'Model: "{report.name}"', _rule(widths, frame.top)]
    lines += _cells(columns.titles, widths, frame.head_bar, frame.cut, sunk=True)
    lines.append(_rule(widths, frame.head))
    for place, row in enumerate(report.rows):
        if place:
            lines.append(_rule(widths, frame.between))
        sources = [", ".join(row.sources) or "-"] if report.branches else []
        lines += _cells([*_texts(row), *sources], widths, frame.bar, frame.cut)
    lines.append(_rule(widths, frame.bottom))
    optimizer = report.optimizer or Count(0, 0)
    counts = (report.trainable, report.frozen, optimizer)
    total = Count(sum(count.params for count in counts), sum(count.memory for count in counts))
    lines.append(_total("Total", total))
    lines.append(_total("Trainable", report.trainable))
    lines.append(_total("Non-trainable", report.frozen))
    if report.optimizer is not None:
        lines.append(_total("Optimizer", report.optimizer))
    return "\n".join(lines) + "\n"


def classic_table(report: Report, line_length: int | None = None) -> str:
    """Return the table of Keras 2, usually 65 columns, or 98: long names are cut."""
    columns = _CLASSIC[report.branches]
    width = line_length or columns.width
    ends = columns.places(width)
    thin, thick = "_" * width, "=" * width
    lines = [f'Model: "{report.name}"', thin, _classic_line(columns.titles, ends), thick]
    for place, row in enumerate(report.rows):
        if place:
            lines.append(thin)
        name, shape, _ = _texts(row)
        params = "?" if row.params is None else str(row.params)
        first, *more = row.sources if report.branches and row.sources else ("",)
        lines.append(_classic_line([name, shape, params, first][: len(ends)], ends))
        lines += [_classic_line(["", "", "", source], ends) for source in more]
    trainable, frozen = report.trainable.params, report.frozen.params
    lines += [
        thick,
        f"Total params: {trainable + frozen:,}",
        f"Trainable params: {trainable:,}",
        f"Non-trainable params: {frozen:,}",
        thin,
    ]
    return "\n".join(lines) + "\n"


def memory_text(size: float) -> str:
    """Return a size in bytes for people.

    >>> memory_text(975144), memory_text(0)
    ('952.29 KB', '0.00 B')
    """
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} TB"


def wrap(text: str, width: int, cut: str) -> Iterator[str]:
    """Break a text between words; a word wider than the column is cut.

    >>> list(wrap("max_pooling2d (MaxPooling2D)", 16, "…"))
    ['max_pooling2d', '(MaxPooling2D)']
    """
    line = ""
    for word in re.findall(r"\s*\S+\s*", text):
        if line and len(line) + len(word.rstrip()) > width:
            yield _cut(line, width, cut)
            line = ""
        line += word
    yield _cut(line, width, cut)


def _cut(line: str, width: int, cut: str) -> str:
    line = line.rstrip()
    return line if len(line) <= width else line[: width - 1] + cut


def _texts(row: Row) -> tuple[str, str, str]:
    shape = "?" if row.shape is None else f"({', '.join(map(str, row.shape))})"
    params = "0 (unbuilt)" if row.params is None else f"{row.params:,}"
    return f"{row.name} ({row.class_name})", shape, params


def _rule(widths: Sequence[int], rule: _Rule) -> str:
    return rule.left + rule.cross.join(rule.line * (width + 2) for width in widths) + rule.right


def _cells(
    texts: Sequence[str], widths: Sequence[int], bar: str, cut: str, *, sunk: bool = False
) -> Iterator[str]:
    """Lines of a table row; where a cell has fewer lines than others its text floats or sinks."""
    columns = [list(wrap(text, width, cut)) for text, width in zip(texts, widths, strict=True)]
    height = max(map(len, columns))
    for column in columns:
        empty = [""] * (height - len(column))
        column[:] = empty + column if sunk else column + empty
    for line in zip(*columns, strict=True):
        cells = [
            text.rjust(width) if place == _RIGHT else text.ljust(width)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        ]
        yield bar + bar.join(f" {cell} " for cell in cells) + bar


def _total(what: str, count: Count) -> str:
    return f" {what} params: {count.params:,} ({memory_text(count.memory)})"


def _classic_line(texts: Sequence[str], ends: Sequence[int]) -> str:
    line = ""
    for text, end in zip(texts, ends, strict=True):
        line = f"{line[:-1]} {text}" if line else text
        line = line[:end].ljust(end)
    return line


def _can_draw() -> bool:
    return (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
