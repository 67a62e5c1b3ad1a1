"""The table of a model, as Keras 3 prints it, and as the notebooks of 2019 show it."""

from __future__ import annotations

import math
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from galago.checks import real
from galago.errors import ArgumentError
from galago.shapes import BatchShape


class Row(NamedTuple):
    """A layer: its outputs' shapes are empty and the number of parameters None until it is built.

    `sources` are what it reads, as "name[call][0]"; `trainable` is None without weights.
    """

    name: str
    class_name: str
    shapes: Sequence[BatchShape]
    params: int | None
    sources: Sequence[str] = ()
    trainable: bool | None = None


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


class Look(NamedTuple):
    """How a table is to look: its width, where its columns end, whether it says what is trained."""

    line_length: int | None = None
    positions: Sequence[float] | None = None
    show_trainable: bool = False


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
    """Columns of a table: titles, where they end as shares of the line, and the usual width."""

    titles: tuple[str, ...]
    ends: tuple[float, ...]
    width: int

    def places(self, line_length: int) -> list[int]:
        """Where the columns of a line end."""
        return [int(end * line_length) for end in self.ends]

    def looking(self, look: Look) -> _Columns:
        """The same with columns where they are wanted, and one for what is trained."""
        titles, ends, width = self
        if look.positions is not None:
            ends = _checked_positions(look.positions, titles)
        if look.show_trainable:
            titles = (*titles, "Trainable")
            ends, width = (*(0.9 * end for end in ends), 1.0), width + 12
        return _Columns(titles, ends, width)


#: A narrow terminal leaves some room beside Keras's table.
_MARGIN = 4
#: Below this many characters no column would hold a word.
NARROWEST = 24
_TITLES = ("Layer (type)", "Output Shape", "Param #")
_BRANCHES = (*_TITLES, "Connected to")
#: For a chain of layers and for layers that branch (keras/src/utils/summary_utils.py).
_KERAS = (
    _Columns(_TITLES, (0.45, 0.80, 1.0), 88),
    _Columns(_BRANCHES, (0.3, 0.56, 0.74, 1.0), 108),
)
#: The same in Keras 2.
_CLASSIC = (
    _Columns(_TITLES, (0.45, 0.85, 1.0), 65),
    _Columns(_BRANCHES, (0.33, 0.55, 0.67, 1.0), 98),
)
#: Columns whose texts do not stand on the left.
_SIDES = {"Param #": str.rjust, "Trainable": str.center}
_TRAINED = {True: "Y", False: "N", None: "-"}


def keras_table(report: Report, look: Look) -> str:
    """Return Keras 3's table with its totals; every line ends in a line break.

    Text that is too long for its column is wrapped between words, a word that is too long is cut.
    """
    frame = _DRAWN if _can_draw() else _ASCII
    columns = _KERAS[report.branches].looking(look)
    room = shutil.get_terminal_size().columns - _MARGIN
    line_length = look.line_length or max(min(columns.width, room), NARROWEST)
    widths = _widths(columns.places(line_length), line_length)
    sides = [_SIDES.get(title, str.ljust) for title in columns.titles]
    lines = [f'Model: "{report.name}"', _rule(widths, frame.top)]
    lines += _cells(columns.titles, widths, sides, frame.head_bar, frame.cut, sunk=True)
    lines.append(_rule(widths, frame.head))
    for place, row in enumerate(report.rows):
        if place:
            lines.append(_rule(widths, frame.between))
        cells = [*row_texts(row)]
        cells += [", ".join(row.sources) or "-"] if report.branches else []
        cells += [_TRAINED[row.trainable]] if look.show_trainable else []
        lines += _cells(cells, widths, sides, frame.bar, frame.cut)
    lines.append(_rule(widths, frame.bottom))
    lines += [f" {line}" for line in totals(report)]
    return "\n".join(lines) + "\n"


def classic_table(report: Report, look: Look) -> str:
    """Return the table of Keras 2, usually 65 columns, or 98: long names are cut.

    Raises ArgumentError for a look that it cannot have.
    """
    if look != Look(look.line_length):
        raise ArgumentError(
            "summary(): expected style='keras' for positions and show_trainable, received "
            "'classic'. Leave out one or the other."
        )
    columns = _CLASSIC[report.branches]
    width = look.line_length or columns.width
    ends = columns.places(width)
    thin, thick = "_" * width, "=" * width
    lines = [f'Model: "{report.name}"', thin, _classic_line(columns.titles, ends), thick]
    for place, row in enumerate(report.rows):
        if place:
            lines.append(thin)
        name, shape, _ = row_texts(row)
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


def shown_layers(names: Sequence[str], layer_range: Sequence[str] | None) -> slice:
    """Return which layers a table shows, from the names of the first and the last one.

    Both may be regular expressions that a name starts with. Raises ArgumentError.

    >>> shown_layers(["conv2d", "flatten", "dense"], ["flat", "dense"])
    slice(1, 3, None)
    """
    if layer_range is None:
        return slice(None)
    pair = list(layer_range) if isinstance(layer_range, (list, tuple)) else []
    try:
        found = [
            [place for place, name in enumerate(names) if re.match(pattern, name)]
            for pattern in pair
        ]
    except (re.error, TypeError):
        found = []
    if len(found) != 2 or not all(found):
        raise ArgumentError(
            "summary(): expected layer_range as the names of two layers, or regular expressions "
            f"for them, received {layer_range!r}. The layers are: {', '.join(names)}."
        )
    first, last = found
    if first[0] > last[-1]:
        return slice(last[0], first[-1] + 1)
    return slice(first[0], last[-1] + 1)


def _checked_positions(positions: Sequence[float], titles: Sequence[str]) -> tuple[float, ...]:
    """Where columns end, rising from 0 to 1."""
    given = list(positions) if isinstance(positions, (list, tuple)) else []
    ends = [real(end, "positions", "summary()", low=0.0) for end in given]
    if len(ends) != len(titles) or sorted({*ends, 0.0}) != [0.0, *ends] or ends[-1] > 1:
        raise ArgumentError(
            f"summary(): expected positions as {len(titles)} numbers that rise from 0 to 1, one "
            f"for each of {', '.join(titles)}, received {positions!r}. Leave them out for Keras's."
        )
    return tuple(ends)


def _widths(ends: Sequence[int], line_length: int) -> list[int]:
    """How wide the texts of columns may be, as Keras's table library divides a line.

    Each column asks for its share and for padding; what is too much or too little for the line
    with its frame is spread over the columns, one after the other.
    """
    wanted = [end - start + 2 for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    left, columns = sum(wanted) + len(wanted) + 1 - line_length, len(wanted)
    widths = []
    for place, width in enumerate(wanted):
        if left > 0:
            share = round(left / (columns - place))
        else:
            share = -math.ceil(-left * width / sum(wanted[place:]))
        widths.append(max(width - share - 2, 1))
        left -= share
    return widths


def _cut(line: str, width: int, cut: str) -> str:
    line = line.rstrip()
    return line if len(line) <= width else line[: width - 1] + cut


def totals(report: Report) -> list[str]:
    """Return the lines below a table: how many parameters there are, and their memory."""
    optimizer = report.optimizer or Count(0, 0)
    counts = (report.trainable, report.frozen, optimizer)
    total = Count(sum(count.params for count in counts), sum(count.memory for count in counts))
    lines = [
        _total("Total", total),
        _total("Trainable", report.trainable),
        _total("Non-trainable", report.frozen),
    ]
    return lines if report.optimizer is None else [*lines, _total("Optimizer", report.optimizer)]


def row_texts(row: Row) -> tuple[str, str, str]:
    """Return what a table says of a layer: name and class, shapes, parameters."""
    shapes = [f"({', '.join(map(str, shape))})" for shape in row.shapes]
    shape = f"[{', '.join(shapes)}]" if len(shapes) > 1 else (shapes or ["?"])[0]
    params = "0 (unbuilt)" if row.params is None else f"{row.params:,}"
    return f"{row.name} ({row.class_name})", shape, params


def _rule(widths: Sequence[int], rule: _Rule) -> str:
    return rule.left + rule.cross.join(rule.line * (width + 2) for width in widths) + rule.right


def _cells(
    texts: Sequence[str],
    widths: Sequence[int],
    sides: Sequence[Callable[[str, int], str]],
    bar: str,
    cut: str,
    *,
    sunk: bool = False,
) -> Iterator[str]:
    """Lines of a table row; where a cell has fewer lines than others its text floats or sinks."""
    columns = [list(wrap(text, width, cut)) for text, width in zip(texts, widths, strict=True)]
    height = max(map(len, columns))
    for column in columns:
        empty = [""] * (height - len(column))
        column[:] = empty + column if sunk else column + empty
    for line in zip(*columns, strict=True):
        cells = [side(text, width) for text, width, side in zip(line, widths, sides, strict=True)]
        yield bar + bar.join(f" {cell} " for cell in cells) + bar


def _total(what: str, count: Count) -> str:
    return f"{what} params: {count.params:,} ({memory_text(count.memory)})"


def _classic_line(texts: Sequence[str], ends: Sequence[int]) -> str:
    line = ""
    for text, end in zip(texts, ends, strict=True):
        line = f"{line[:-1]} {text}" if line else text
        line = line[:end].ljust(end)
    return line


def _can_draw() -> bool:
    return (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
