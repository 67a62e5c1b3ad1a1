"""What training made of a layer's filters: how far each moved, which are dead, which matter."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from galago import filters
from galago.data.progress import progress_of
from galago.errors import ArgumentError
from galago.explain.asking import as_batch, parts_of
from galago.explain.colours import Array, Pixels, data_address
from galago.explain.mistakes import class_labels
from galago.figures import Drawn, new_figure
from galago.initializers.known_good import centred
from galago.layers import Conv2D, Layer
from galago.markup import aligned, block, folded, table, text
from galago.models import Model, Sequential
from galago.registry import look_up

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Size of a drawn filter and of its cell, in pixels, and cells in a row.
_SIDE, _CELL, _ACROSS = 44, 108, 8
#: The similarity has no title of its own.
_COLUMNS = ("filter", "cosine", "length", "looks like", "", "answers", "lost")


@dataclass(frozen=True, slots=True)
class FilterRow:
    """A filter: what became of it. None stands for what nobody asked or gave.

    Attributes:
        filter: its number
        cosine: of the angle between what it was and what it is; 1 has only changed its length
        length: how many times as long it is as it was
        nearest: the filter of the bank that it looks like most, turned round with a minus
        similarity: the cosine of the angle between them, from 0 to 1
        answers: share of its map's numbers that are not 0, over all images; 0 is dead
        lost: accuracy that is lost without it

    >>> FilterRow(0, 0.9, 1.5, "sobel_x", 0.8, answers=0.0, lost=None).dead
    True
    """

    filter: int
    cosine: float | None
    length: float | None
    nearest: str
    similarity: float
    answers: float | None
    lost: float | None

    @property
    def dead(self) -> bool:
        """Whether it answers to none of the images."""
        return self.answers == 0.0


@dataclass(frozen=True, eq=False, repr=False)
class FiltersReport(Drawn):
    """What became of all filters of a layer; printable, and HTML in notebooks.

    Attributes:
        layer: its name
        rows: a FilterRow for each filter
        before: the kernel that it was, (height, width, inputs, filters), None if not given
        after: the kernel that it is
        accuracy: of the model with all its filters, None without labels

    >>> import galago
    >>> layer = galago.layers.Conv2D(1, 3, input_shape=(8, 8, 1), name="edges")
    >>> model = galago.Sequential([layer])
    >>> model.set_weights([galago.image.filters.get("sobel")[..., None, None], [0.0]])
    >>> filters_report(None, model).rows[0].nearest
    'sobel_y'
    """

    layer: str
    rows: tuple[FilterRow, ...]
    before: Array | None
    after: Array
    accuracy: float | None

    def __str__(self) -> str:
        return "\n".join([self.title, *aligned(self._table(), range(len(_COLUMNS)))])

    @property
    def title(self) -> str:
        """The layer, how many filters it has, how many of them are dead, and the accuracy."""
        dead = sum(row.dead for row in self.rows)
        title = f"{self.layer}: {len(self.rows)} filters"
        title += f", {dead} of them dead" if dead else ""
        return title + (f", accuracy {self.accuracy:.4f}" if self.accuracy is not None else "")

    def _table(self) -> list[tuple[str, ...]]:
        """Titles and cells, without the columns that nobody asked for."""
        cells = [_cells(row) for row in self.rows]
        asked = [any(row[place] for row in cells) for place in range(len(_COLUMNS))]
        return [tuple(itertools.compress(row, asked)) for row in (_COLUMNS, *cells)]

    def svg(self) -> str:
        """Return a drawing of all filters, before and after: red is positive, blue is negative."""
        width = _CELL * min(_ACROSS, len(self.rows))
        height = (_SIDE + 24) * -(-len(self.rows) // _ACROSS)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="system-ui,sans-serif" font-size="10">',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
        ]
        for row in self.rows:
            x, y = row.filter % _ACROSS * _CELL, row.filter // _ACROSS * (_SIDE + 24)
            for place, kernel in enumerate(self._kernels()):
                picture = signed(spatial(kernel[..., row.filter]))
                left, size = x + place * (_SIDE + 4), f'width="{_SIDE}" height="{_SIDE}"'
                parts.append(
                    f'<image x="{left}" y="{y}" {size} style="image-rendering:pixelated" '
                    f'href="{data_address(picture)}"/>'
                    f'<rect x="{left}" y="{y}" {size} fill="none" stroke="#ccc"/>'
                )
            parts.append(f'<text x="{x}" y="{y + _SIDE + 12}">{text(_name(row))}</text>')
        return "\n".join([*parts, "</svg>"])

    def plot(self) -> Figure:
        """Draw all filters as a matplotlib figure. Raises MissingPackageError."""
        across = min(_ACROSS, len(self.rows))
        down = -(-len(self.rows) // across)
        figure = new_figure(1.5 * across, 1.2 * down + 0.4)
        axes = list(figure.subplots(down, across, squeeze=False).flat)
        for row in self.rows:
            one = axes.pop(0)
            pictures = [signed(spatial(kernel[..., row.filter])) for kernel in self._kernels()]
            gap = np.full((len(pictures[0]), 1, 3), 255, np.uint8)
            apart = [part for picture in pictures for part in (picture, gap)][:-1]
            one.imshow(np.concatenate(apart, axis=1))
            one.set_title(_name(row), fontsize=7)
            one.set_axis_off()
        for empty in axes:
            empty.set_axis_off()
        figure.suptitle(self.title, fontsize=9)
        return figure

    def _kernels(self) -> list[Array]:
        return [self.after] if self.before is None else [self.before, self.after]

    def _repr_html_(self) -> str:
        titles, *rows = self._table()
        found = folded("Numbers", table(titles, rows, right=titles))
        told = "Each before training and after it." if self.before is not None else ""
        return block(f"<strong>{text(self.title)}</strong>", told, self.svg(), found)


def _name(row: FilterRow) -> str:
    return f"{row.filter}: {row.nearest}{' (dead)' if row.dead else ''}"


def filters_report(
    before: Model | Sequential | npt.ArrayLike | None,
    after: Model | Sequential,
    layer: str | None = None,
    images: npt.ArrayLike | None = None,
    labels: npt.ArrayLike | None = None,
    *,
    verbose: bool = True,
) -> FiltersReport:
    """Return what training made of the filters of a convolution.

    Arguments:
        before: the model before training, the layer's kernel of then, or None
        after: the trained model
        layer: the name of a Conv2D, the first one unless given
        images: some images, which say what each filter answers to
        labels: their classes; with them, what accuracy each filter is worth
        verbose: whether to show progress where it takes more than two seconds
    A filter is taken out by setting its map to 0. Raises ArgumentError, DataError and
    UnknownNameError.

    >>> import galago
    >>> model = galago.Sequential([galago.layers.Conv2D(2, 3, input_shape=(8, 8, 1), name="first")])
    >>> kernel = model.get_weights()[0]
    >>> report = filters_report(2 * kernel, model)
    >>> [(round(row.cosine, 6), round(row.length, 6)) for row in report.rows]
    [(1.0, 0.5), (1.0, 0.5)]
    """
    chosen = _convolution(after, layer)
    kernel = chosen.get_weights()[0].astype(np.float64)
    old = _kernel_before(before, chosen, kernel.shape)
    answers: list[float] | None = None
    accuracy, lost = None, None
    if labels is not None and images is None:
        raise ArgumentError("filters_report: expected images with the labels. Pass both, or none.")
    if images is not None:
        _require_own(after, chosen, labels is not None)
        x, units = as_batch(images, after), max(after.output_sizes[-1], 2)
        truth = None if labels is None else class_labels(labels, len(x), units, "filters_report")
        answers, known = _asked(after, chosen, x, truth, verbose)
        if truth is not None:
            accuracy, *without = known
            lost = [accuracy - one for one in without]
    tables = _bank(kernel.shape)
    rows = []
    for place in range(kernel.shape[3]):
        own = kernel[..., place]
        name, similarity = _nearest(own, tables)
        rows.append(
            FilterRow(
                place,
                None if old is None else _cosine(old[..., place], own),
                None if old is None else _length(own) / (_length(old[..., place]) or math.nan),
                name,
                similarity,
                None if answers is None else answers[place],
                None if lost is None else lost[place],
            )
        )
    return FiltersReport(chosen.name, tuple(rows), old, kernel, accuracy)


def spatial(kernel: Array) -> Array:
    """Return a filter (height, width, inputs) as one table: what its inputs have in common."""
    if kernel.shape[2] == 1:
        return kernel[..., 0]
    flat = kernel.reshape(-1, kernel.shape[2])
    left, strength, right = np.linalg.svd(flat, full_matrices=False)
    sign = 1.0 if right[0].sum() >= 0 else -1.0
    return np.asarray((sign * strength[0] * left[:, 0]).reshape(kernel.shape[:2]))


def signed(table: Array) -> Pixels:
    """Return a table as colours: white is 0, red is positive, blue is negative."""
    share = table / (float(np.abs(table).max()) or 1.0)
    red, blue = np.array([178.0, 24, 43]), np.array([33.0, 102, 172])
    colour = np.where(share[..., None] > 0, red, blue)
    strength = np.abs(share)[..., None]
    return np.asarray(np.rint(255 * (1 - strength) + colour * strength), np.uint8)


def _convolution(model: Model | Sequential, name: str | None) -> Layer:
    known = {one.name: one for one in model.leaves if isinstance(one, Conv2D)}
    if not known:
        raise ArgumentError(
            f"filters_report: expected a model with a Conv2D, {model.label} has none. Name a model "
            "with convolutions."
        )
    wanted = next(iter(known)) if name is None else name
    return look_up(known, wanted, kind="Conv2D", owner=model.label)


def _require_own(model: Model | Sequential, layer: Layer, labelled: bool) -> None:
    """Refuse what cannot be asked of a model. Raises ArgumentError."""
    if layer not in model.layers:
        raise ArgumentError(
            f"filters_report: expected a layer of {model.label} itself to ask with images, "
            f"{layer.name} is one of a model in it. Pass that model, or leave images out."
        )
    if labelled and (len(model.outputs) > 1 or len(model.output_sizes) != 1):
        raise ArgumentError(
            f"filters_report: expected a classifier with one vector of outputs to ask with labels, "
            f"received {model.label} with {model.output_shape}. Leave labels out."
        )


def _kernel_before(
    before: Model | Sequential | npt.ArrayLike | None, layer: Layer, shape: Sequence[int]
) -> Array | None:
    if before is None:
        return None
    if isinstance(before, Model):
        places = [one for one in before.layers if isinstance(one, Conv2D)]
        found = next((one for one in places if one.name == layer.name), None)
        kernels = [one.get_weights()[0] for one in ([found] if found else places[:1])]
        kernel = kernels[0] if kernels else np.empty(0)
    else:
        kernel = np.asarray(before)
    if kernel.shape != tuple(shape):
        raise ArgumentError(
            f"filters_report: expected a kernel of shape {tuple(shape)} before, as {layer.name} "
            f"has now, received {kernel.shape}. Pass the model, or layer.get_weights()[0], of then."
        )
    return kernel.astype(np.float64)


def _asked(
    model: Model | Sequential, layer: Layer, x: Array, truth: Array | None, verbose: bool
) -> tuple[list[float], list[float]]:
    """What the layer's maps answer, and with classes the accuracy, then that without each map."""
    front, rest = Model(model.inputs, layer.output), Model(layer.output, model.outputs[0])
    sizes = layer.output.sizes
    filters, parts = sizes[-1], parts_of(len(x), math.prod(sizes))
    answers, known = np.zeros(filters, np.int64), np.zeros(1 + filters, np.int64)

    def recognized(maps: Array, classes: Array) -> int:
        outputs = rest.predict(maps, verbose=0)
        taken = outputs.argmax(axis=1) if outputs.shape[1] > 1 else outputs[:, 0] > 0.5
        return int((taken == classes).sum())

    rounds = len(parts) * (1 if truth is None else 1 + filters)
    with progress_of(rounds, verbose, "Leaving out filters") as advance:
        for part in parts:
            maps = front.predict(x[part], verbose=0)
            answers += np.count_nonzero(maps, axis=(0, 1, 2))
            advance()
            if truth is None:
                continue
            known[0] += recognized(maps, truth[part])
            for place in range(filters):
                kept = maps[..., place].copy()
                maps[..., place] = 0
                known[1 + place] += recognized(maps, truth[part])
                maps[..., place] = kept
                advance()
    whole = len(x) * math.prod(sizes[:-1])
    return (answers / whole).tolist(), (known / len(x)).tolist()


def _bank(shape: Sequence[int]) -> dict[str, Array]:
    """Tables of the bank that fit a kernel, in its middle."""
    height, width = shape[:2]
    tables = {name: filters.get(name) for name in filters.names()}
    return {
        name: centred(table, height, width)
        for name, table in tables.items()
        if table.shape[0] <= height and table.shape[1] <= width
    }


def _nearest(kernel: Array, tables: dict[str, Array]) -> tuple[str, float]:
    table = spatial(kernel)
    found = {name: _cosine(known, table) for name, known in tables.items()}
    if not found:
        return "", 0.0
    name = max(found, key=lambda one: abs(found[one]))
    return ("-" if found[name] < 0 else "") + name, abs(found[name])


def _length(values: Array) -> float:
    return float(np.sqrt((values * values).sum()))


def _cosine(one: Array, other: Array) -> float:
    lengths = _length(one) * _length(other)
    return float((one * other).sum() / lengths) if lengths else 0.0


def _cells(row: FilterRow) -> tuple[str, ...]:
    def number(value: float | None, form: str) -> str:
        return "" if value is None else format(value, form)

    answers = "dead" if row.dead else number(row.answers, ".0%")
    return (
        str(row.filter),
        number(row.cosine, ".3f"),
        number(row.length, ".2f"),
        row.nearest,
        number(row.similarity, ".2f"),
        answers,
        number(row.lost, "+.4f"),
    )
