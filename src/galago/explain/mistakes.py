"""What a classifier gets wrong: the confusion matrix, and the images to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from galago.checks import whole
from galago.errors import ArgumentError, DataError
from galago.explain.asking import as_batch, in_parts
from galago.explain.colours import Array, data_address, inferno, picture, shares
from galago.figures import Drawn, new_figure
from galago.markup import block, text
from galago.models import Model, Sequential

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Pairs and images that are shown.
_SHOWN = 10
_SIDE = 84
#: Shares from which colours are light.
_LIGHT = 0.6


@dataclass(frozen=True, eq=False, repr=False)
class Mistakes(Drawn):
    """What a model says of labelled images, against what they are; printable, HTML in notebooks.

    Attributes:
        matrix: (classes, classes), how many images of a row's class were taken for a column's
        labels: the classes of the images, (n,)
        predicted: what the model took them for, (n,)
        confidence: what it gave that class, (n,)
        class_names: names of the classes, their numbers if nobody named them
        images: the images as the model takes them

    >>> import galago
    >>> model = galago.Sequential([galago.layers.Dense(3, "softmax", input_shape=(3,))])
    >>> model.set_weights([np.eye(3), np.zeros(3)])
    >>> found = mistakes(model, np.eye(3), np.array([0, 1, 1]))
    >>> found.accuracy, found.pairs()[0]
    (0.6666666666666666, (1, 2, 1))
    """

    matrix: Array
    labels: Array
    predicted: Array
    confidence: Array
    class_names: Sequence[str]
    images: Array

    @property
    def accuracy(self) -> float:
        """Share of the images that the model recognizes."""
        return float(np.trace(self.matrix) / max(self.matrix.sum(), 1))

    def pairs(self) -> list[tuple[int, int, int]]:
        """Return (class, taken for, images) of all confusions, the most frequent first."""
        wrong = self.matrix * ~np.eye(len(self.matrix), dtype=bool)
        places = np.argwhere(wrong)
        found = [(int(a), int(b), int(wrong[a, b])) for a, b in places]
        return sorted(found, key=lambda pair: (-pair[2], pair[:2]))

    def most_wrong(self, count: int = _SHOWN) -> Array:
        """Return the places of the images that the model got wrong most surely, (count,) or fewer.

        Raises ArgumentError.
        """
        count = whole(count, "count", "most_wrong()")
        wrong = np.flatnonzero(self.labels != self.predicted)
        return wrong[np.argsort(-self.confidence[wrong], kind="stable")][:count]

    def name(self, unit: int) -> str:
        """Return what a class is called; `unit` is its number."""
        return str(self.class_names[unit])

    def __str__(self) -> str:
        lines = [f"{self.accuracy:.2%} of {len(self.labels):,} images recognized"]
        for label, taken, count in self.pairs()[:_SHOWN]:
            share = count / max(int(self.matrix[label].sum()), 1)
            words = f"{self.name(label)} taken for {self.name(taken)}"
            lines.append(f"{count:6,}  {words} ({share:.1%} of them)")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        images = "".join(self._figure(int(place)) for place in self.most_wrong())
        wrong = f'<div style="display:flex;flex-wrap:wrap">{images}</div>' if images else ""
        head = f"{self.accuracy:.2%} of {len(self.labels):,} images recognized"
        told = "Wrong, and most sure of it:" if images else ""
        return block(f"<strong>{head}</strong>", self._table(), told, wrong)

    def _table(self) -> str:
        """The matrix: rows are what images are, columns what they were taken for."""
        strength = shares(np.sqrt(self.matrix.astype(np.float64)))
        names = [text(self.name(unit)) for unit in range(len(self.matrix))]
        head = "".join(f"<th>{name}</th>" for name in names)
        rows = []
        for name, counts, row in zip(names, self.matrix, strength, strict=True):
            cells = []
            for count, share in zip(counts, row, strict=True):
                red, green, blue = inferno(np.array(share)).tolist()
                colour = "#000" if share > _LIGHT else "#fff"
                style = f"background:rgb({red},{green},{blue});color:{colour};text-align:right"
                cells.append(f'<td style="{style}">{int(count):,}</td>')
            rows.append(f"<tr><th>{name}</th>{''.join(cells)}</tr>")
        corner = "<th>is &darr; &nbsp; taken for &rarr;</th>"
        return f"<table><tr>{corner}{head}</tr>{''.join(rows)}</table>"

    def plot(self) -> Figure:
        """Draw the matrix as a matplotlib figure. Raises MissingPackageError."""
        classes = len(self.matrix)
        names = [self.name(unit) for unit in range(classes)]
        figure = new_figure(2 + 0.55 * classes, 2 + 0.5 * classes)
        axes = figure.subplots()
        strength = shares(np.sqrt(self.matrix.astype(np.float64)))
        axes.imshow(strength, cmap="inferno", vmin=0, vmax=1)
        axes.set(xlabel="taken for", ylabel="is", title=str(self).partition("\n")[0])
        axes.set_xticks(range(classes), names, rotation=60, ha="right")
        axes.set_yticks(range(classes), names)
        for (row, column), count in np.ndenumerate(self.matrix):
            colour = "black" if strength[row, column] > _LIGHT else "white"
            axes.text(column, row, f"{count:,}", ha="center", va="center", color=colour, fontsize=8)
        return figure

    def _figure(self, place: int) -> str:
        image, taken = self.images[place], int(self.predicted[place])
        words = f"{self.name(int(self.labels[place]))}, taken for {self.name(taken)}"
        shown = ""
        if image.ndim == 3:
            shown = (
                f'<img alt="image {place}" width="{_SIDE}" style="image-rendering:pixelated" '
                f'src="{data_address(picture(image))}">'
            )
        caption = f"{place}: {words} ({self.confidence[place]:.1%})"
        return (
            f'<figure style="width:{_SIDE + 36}px;margin:4px;font-size:11px">{shown}'
            f"<figcaption>{text(caption)}</figcaption></figure>"
        )


def mistakes(
    model: Model | Sequential,
    images: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    verbose: bool = True,
) -> Mistakes:
    """Return what a classifier gets wrong: the confusion matrix, and the images to look at.

    Arguments:
        model: a classifier with one input and one vector of outputs, or one output for two classes
        images: (n, ...); the axis of channels may be missing where it is one
        labels: the class of each, (n,) whole numbers
        verbose: whether to show progress where it takes more than two seconds
    Raises ArgumentError and DataError.

    >>> import galago
    >>> model = galago.Sequential([galago.layers.Dense(2, "softmax", input_shape=(2,))])
    >>> model.set_weights([np.eye(2), np.zeros(2)])
    >>> mistakes(model, np.eye(2), np.array([0, 0])).matrix.tolist()
    [[1, 1], [0, 0]]
    """
    if (len(model.inputs), len(model.outputs), len(model.output_sizes)) != (1, 1, 1):
        raise ArgumentError(
            f"mistakes: expected a classifier of one input and one vector of outputs, received "
            f"{model.label} with output {model.output_shape}. Make a Model of the part that is one."
        )
    x, classes = as_batch(images, model), max(model.output_sizes[0], 2)
    truth = class_labels(labels, len(x), classes, "mistakes")
    outputs = np.empty((len(x), classes))
    for part, (found,) in in_parts(model, model.outputs, x, verbose, "Asking images"):
        outputs[part] = found if classes == found.shape[1] else np.hstack([1 - found, found])
    predicted = outputs.argmax(axis=1)
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (truth, predicted), 1)
    names = list(model.class_names or map(str, range(classes)))
    return Mistakes(matrix, truth, predicted, outputs.max(axis=1), names, x)


def class_labels(labels: npt.ArrayLike, count: int, classes: int, owner: str) -> Array:
    """Return the classes of `count` images as int64. Raises DataError.

    >>> class_labels([0.0, 2.0], 2, 3, "mistakes").tolist()
    [0, 2]
    """
    found = np.asarray(labels).reshape(-1)
    fits = len(found) == count and found.dtype.kind in "iuf"
    if not fits or not ((found >= 0) & (found < classes) & (found == np.floor(found))).all():
        raise DataError(
            f"{owner}: expected {count} labels from 0 to {classes - 1}, received {len(found)} "
            f"of {found.dtype}. Of one-hot labels pass labels.argmax(axis=1)."
        )
    return found.astype(np.int64)
