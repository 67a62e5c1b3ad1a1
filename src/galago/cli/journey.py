"""`galago journey`: what each layer of a saved network makes of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from galago.cli.options import (
    DRAWINGS,
    Flag,
    require_folder,
    require_pictures,
    require_suffix,
    whole_number,
)


def journey(
    model: Path,
    /,
    *images: Path,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
    filter: Annotated[int | None, Parameter(converter=whole_number(0))] = None,
    explain: Annotated[str, Parameter(show_default=False)] = "",
    scaled: Flag = False,
) -> None:
    """Show what each layer of a saved network makes of pictures.

    Prints a line for each layer: its shape, its smallest, mean and largest
    number, and how many are 0. With -o, draws all maps of all layers, a row for
    each picture. With --explain, shows how one number was made, down to the
    products, and which part of the picture it depends on.

    For example:

      galago journey pets.keras cat.jpg -o journey.svg
      galago journey pets.keras cat.jpg dog.jpg -o journey.png --filter 1
      galago journey pets.keras cat.jpg --explain conv2d,10,12,3

    Parameters
    ----------
    model
        A .keras file of Galago or of Keras 3.
    images
        Picture files, or folders of them.
    output
        What to draw: a name that ends in .svg, or with matplotlib .png, .pdf, .jpg.
    filter
        Draw this map of each layer alone, large.
    explain
        LAYER,ROW,COLUMN,CHANNEL of a number to explain; LAYER,UNIT of dense layers.
    scaled
        The network takes pixels from 0 to 1. Those of galago train take 0 to 255.
    """
    require_pictures(images, "journey")
    require_suffix(output, DRAWINGS, "galago journey")
    require_folder(output, "galago journey")
    from galago.cli.journeys import run_journey

    run_journey(model, images, output=output, filter=filter, explain=explain, scaled=scaled)
