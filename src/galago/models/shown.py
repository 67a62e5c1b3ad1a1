"""A model in a notebook: its layers as a table, and as a drawing behind a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from galago.markup import block, folded, table, text
from galago.models.summary import Report, row_texts, totals
from galago.utils import plot_model

if TYPE_CHECKING:
    from galago.models.model import Model


def model_html(model: Model, report: Report) -> str:
    """Return a model, and what its table says, as HTML."""
    titles = ["Layer (type)", "Output Shape", "Param #"]
    rows = [list(row_texts(row)) for row in report.rows]
    if report.branches:
        titles.append("Connected to")
        for cells, row in zip(rows, report.rows, strict=True):
            cells.append(", ".join(row.sources))
    count = "1 layer" if len(rows) == 1 else f"{len(rows)} layers"
    parts = [f"<strong>{text(type(model).__name__)}</strong> {text(report.name)}, {count}"]
    if rows:
        parts.append(table(titles, rows, right=("Param #",), wrapped=("Connected to",)))
    if model.built:
        drawing = plot_model(model, show_shapes=True, show_layer_names=True)
        parts += ["<br>".join(map(text, totals(report))), folded("Drawing", drawing.text)]
    else:
        parts.append("Not built: its input shape is not known yet.")
    return block(*parts)
