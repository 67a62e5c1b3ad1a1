"""matplotlib, which only those need who draw figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from galago.errors import MissingPackageError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
