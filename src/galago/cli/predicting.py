"""The work of `galago predict`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.box import SIMPLE
from rich.table import Table

from galago.cli.output import printable, show
from galago.cli.pictures import classes_of, image_form, named_pictures, read_for, scores
from galago.models import load_model

#: A class and its score, the best one first.
Ranking = list[tuple[str, float]]


def run_predict(
    model: Path, images: Sequence[Path], *, top: int, scaled: bool, as_json: bool
) -> None:
    """Predict and print; see `galago predict`."""
    loaded = load_model(model, compile=False)
    image_form(loaded)  # a model of something else is refused before files are read
    paths = named_pictures(images)
    found = scores(loaded, read_for(loaded, paths, scaled))
    names = classes_of(loaded)
    # The first of equals: a stable sort, the largest first.
    order = np.argsort(-found, axis=1, kind="stable")[:, :top]
    rankings = [
        [(names[place], float(row[place])) for place in best]
        for row, best in zip(found, order, strict=True)
    ]
    likely = bool(np.all(found >= 0) and np.allclose(found.sum(axis=1), 1, atol=1e-3))
    if as_json:
        print(json.dumps(_plain(paths, rankings, likely), indent=1))
    else:
        show(_table(paths, rankings, likely))


def _table(paths: Sequence[str], rankings: Sequence[Ranking], likely: bool) -> Table:
    def score(value: float) -> str:
        return f"{value:.1%}" if likely else f"{value:.4g}"

    table = Table(box=SIMPLE, header_style="bold", show_edge=False, pad_edge=False)
    table.add_column("Image", overflow="fold")
    table.add_column("Class")
    table.add_column("Probability" if likely else "Output", justify="right")
    table.add_column("Otherwise")
    for path, ((best, value), *rest) in zip(paths, rankings, strict=True):
        others = ", ".join(f"{printable(name)} {score(other)}" for name, other in rest)
        table.add_row(printable(path), printable(best), score(value), others)
    return table


def _plain(paths: Sequence[str], rankings: Sequence[Ranking], likely: bool) -> list[object]:
    key = "probability" if likely else "output"
    return [
        {"file": path, "classes": [{"class": name, key: value} for name, value in ranking]}
        for path, ranking in zip(paths, rankings, strict=True)
    ]
