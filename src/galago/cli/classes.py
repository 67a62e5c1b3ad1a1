"""What a network got right and wrong, class by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from rich.box import SIMPLE
from rich.console import JustifyMethod
from rich.table import Table

_NUMBERS = ("Images", "Correct", "Recall", "Precision")
_TITLES = ("Class", *_NUMBERS, "Most often taken for")
_LEAST_TELLING = ("Precision", "Images", "Correct", "Most often taken for")
#: Characters between two columns of a framed table.
_BETWEEN = 3


class ClassResult(NamedTuple):
    """A class: its images, how many were recognized, how many images were called by its name."""

    name: str
    images: int
    correct: int
    predicted: int
    mistaken_for: str | None
    mistakes: int

    @property
    def recall(self) -> float | None:
        """Share of the class's images that were recognized, None without any."""
        return self.correct / self.images if self.images else None

    @property
    def precision(self) -> float | None:
        """Share of the images called by the class's name that deserved it, None without any."""
        return self.correct / self.predicted if self.predicted else None


def class_results(
    labels: npt.NDArray[Any], predictions: npt.NDArray[Any], names: Sequence[str]
) -> list[ClassResult]:
    """Return the result of each class; labels and predictions are class numbers, shape (n,).

    `mistaken_for` is the class that its images were most often taken for, the first of equals.

    >>> cat, dog = class_results(np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), ["cat", "dog"])
    >>> cat.correct, cat.mistaken_for, cat.mistakes, dog.precision
    (1, 'dog', 2, 0.3333333333333333)
    """
    count = len(names)
    pairs = labels.astype(np.int64) * count + predictions
    confusion = np.bincount(pairs, minlength=count * count).reshape(count, count)
    wrong = confusion * (1 - np.eye(count, dtype=np.int64))
    return [
        ClassResult(
            name,
            int(confusion[place].sum()),
            int(confusion[place, place]),
            int(confusion[:, place].sum()),
            names[int(wrong[place].argmax())] if wrong[place].any() else None,
            int(wrong[place].max()),
        )
        for place, name in enumerate(names)
    ]


def most_confused(results: Sequence[ClassResult], count: int = 3) -> list[str]:
    """Return the mistakes that were made most often, in words.

    >>> cat, dog = class_results(np.array([0, 0, 1]), np.array([0, 1, 1]), ["cat", "dog"])
    >>> most_confused([cat, dog])
    ['cat taken for dog (1 of 2)']
    """
    wrong = sorted(results, key=lambda result: -result.mistakes)[:count]
    return [
        f"{result.name} taken for {result.mistaken_for} ({result.mistakes:,} of {result.images:,})"
        for result in wrong
        if result.mistakes
    ]


def class_table(results: Sequence[ClassResult], width: int) -> Table:
    """Return the table of the classes, with their sum in the last row.

    Where `width` characters do not hold it, it does without the least telling columns.
    """
    images = sum(result.images for result in results)
    correct = sum(result.correct for result in results)
    cells = [
        (
            result.name,
            f"{result.images:,}",
            f"{result.correct:,}",
            _percent(result.recall),
            _percent(result.precision),
            f"{result.mistaken_for} ({result.mistakes:,})" if result.mistaken_for else "-",
        )
        for result in results
    ]
    cells.append(("All", f"{images:,}", f"{correct:,}", _percent(correct / images), "", ""))
    columns = dict(zip(_TITLES, zip(*cells, strict=True), strict=True))
    for title in _LEAST_TELLING:
        if _width(columns) > width:
            del columns[title]
    table = Table(box=SIMPLE, header_style="bold", show_edge=False, pad_edge=False)
    for title in columns:
        justify: JustifyMethod = "right" if title in _NUMBERS else "left"
        table.add_column(title, justify=justify, no_wrap=title != _TITLES[-1])
    *rows, last = zip(*columns.values(), strict=True)
    for row in rows:
        table.add_row(*row)
    table.add_section()
    table.add_row(*last)
    return table


def _width(columns: Mapping[str, Sequence[str]]) -> int:
    """Characters of a line: each column is as wide as its longest text."""
    widths = [max(map(len, (title, *texts))) for title, texts in columns.items()]
    return sum(widths) + _BETWEEN * (len(widths) - 1)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
