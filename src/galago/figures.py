"""What can be drawn, and matplotlib, which only those need who draw figures."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from galago.errors import MissingPackageError
from galago.registry import look_up
from galago.saving.durable import durable_writer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: How a file's name may end.
FILE_TYPES = ("svg", "png", "pdf", "jpg")
_DOTS_AN_INCH = 150


class Drawn:
    """Base of what prints itself, shows itself in notebooks, and can be drawn and saved.

    A subclass gives `plot`; `__str__`, whose first line says what it is; and, if it draws itself
    without matplotlib, `svg`.
    """

    __slots__ = ()

    def plot(self) -> Figure:
        """Draw it as a matplotlib figure. Raises MissingPackageError."""
        raise NotImplementedError

    def svg(self) -> str:
        """Return a drawing as SVG. Raises MissingPackageError where matplotlib has to draw it."""
        return _written(self.plot(), "svg").decode()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a drawing to a file, a `path` that ends in .svg, .png, .pdf or .jpg.

        Raises UnknownNameError, MissingPackageError and OSError.
        """
        if file_type(path) != "svg":
            write_figure(self.plot(), path)
            return
        with durable_writer(path) as file:
            file.write(self.svg().encode())

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {str(self).partition(chr(10))[0]}>"


def file_type(path: str | os.PathLike[str]) -> str:
    """Return what kind of drawing a file's name asks for. Raises UnknownNameError.

    >>> file_type("journey.SVG")
    'svg'
    """
    kind = Path(path).suffix.lower().removeprefix(".")
    return look_up(dict.fromkeys(FILE_TYPES, kind), kind, kind="file type", owner="save()")


def write_figure(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure to a file. Raises UnknownNameError and OSError."""
    data = _written(figure, file_type(path))
    with durable_writer(path) as file:
        file.write(data)


def _written(figure: Figure, kind: str) -> bytes:
    """A figure as a file of a kind."""
    data = io.BytesIO()
    figure.savefig(data, format=kind, dpi=_DOTS_AN_INCH)
    return data.getvalue()


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches. Raises MissingPackageError."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingPackageError(
            "Expected matplotlib, which draws figures, but it is not installed. Run: pip install "
            "'galago[plots]', or pip install matplotlib."
        ) from error
    return Figure(figsize=(width, height), layout="constrained")
