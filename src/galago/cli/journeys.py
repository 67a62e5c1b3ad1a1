"""Journeys of pictures through saved networks, for the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.box import SIMPLE
from rich.table import Table

from galago.cli.output import megabytes, printable, printable_lines, show
from galago.cli.pictures import named_pictures, read_for
from galago.errors import ArgumentError
from galago.explain import Journey, explain_unit, journey
from galago.models import load_model
from galago.shapes import cross

#: More rows than a drawing can show at once.
_MOST_DRAWN = 50


def run_journey(
    file: Path,
    images: Sequence[Path],
    *,
    output: Path | None,
    filter: int | None,
    explain: str,
    scaled: bool,
) -> None:
    """Print what the layers make of pictures, draw it, explain a number."""
    layer, place = place_of(explain)
    model = load_model(file, compile=False)
    paths = named_pictures(images)
    if output is not None and len(paths) > _MOST_DRAWN:
        raise ArgumentError(
            f"galago journey: expected at most {_MOST_DRAWN} pictures to draw, received "
            f"{len(paths)}. Name fewer, or leave -o out."
        )
    x = read_for(model, paths, scaled)
    found = journey(model, x)
    explained = [explain_unit(model, image, layer, *place) for image in x] if layer else []
    show(table(found))
    for path, one in zip(paths, explained, strict=False):
        print(f"\n{printable(path)}\n{printable_lines(str(one))}")
    if output is not None:
        found.save(output, filter=filter)
        size = megabytes(output.stat().st_size)
        print(f"Saved to {printable(str(output))} ({size}): {len(found.stops)} layers.")


def table(found: Journey) -> Table:
    """Return a line for each layer about its numbers for all pictures."""
    made = Table(box=SIMPLE, header_style="bold", show_edge=False, pad_edge=False)
    for title in ("Layer", "Kind", "Shape"):
        made.add_column(title, no_wrap=True)
    for title in ("Smallest", "Mean", "Largest", "Zeros"):
        made.add_column(title, justify="right", no_wrap=True)
    for stop in found.stops:
        values = stop.output
        numbers = (values.min(), values.mean(dtype=np.float64), values.max())
        zeros = float((values == 0).mean())
        shape = cross(values.shape[1:])
        made.add_row(
            printable(stop.name), stop.kind, shape, *(f"{n:.4g}" for n in numbers), f"{zeros:.0%}"
        )
    return made


def place_of(text: str) -> tuple[str, tuple[int, ...]]:
    """Return the layer and the place of a text such as conv2d,10,12,3. Raises ArgumentError.

    >>> place_of("conv2d,10,12,3"), place_of("")
    (('conv2d', (10, 12, 3)), ('', ()))
    """
    layer, *numbers = (part.strip() for part in text.split(","))
    try:
        place = tuple(int(number) for number in numbers)
    except ValueError:
        place = ()
    if text and not (layer and place):
        raise ArgumentError(
            f"--explain: expected a layer and a place, such as conv2d,10,12,3 or dense,4, received "
            f"{text!r}."
        )
    return layer, place
