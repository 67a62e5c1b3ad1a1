"""`galago predict`: what a saved network sees in pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from galago.cli.options import Flag, require_pictures, whole_number


def predict(
    model: Path,
    /,
    *images: Path,
    top: Annotated[int, Parameter(converter=whole_number(1))] = 3,
    scaled: Flag = False,
    json: Annotated[bool, Parameter(name="--json", show_default=False)] = False,
) -> None:
    """Say what a saved network sees in pictures.

    Pictures are read as `galago train FOLDER` reads them: turned upright, and
    resized to what the network takes. Every file is looked at first; if some are
    no pictures, all of them are named and nothing is predicted.

    For example:

      galago predict pets.keras cat.jpg          the three likeliest classes
      galago predict pets.keras holidays/        all pictures of a folder
      galago predict pets.keras *.jpg --top 1    one class each
      galago predict pets.keras *.jpg --json     for programs

    Parameters
    ----------
    model
        A .keras file of Galago or of Keras 3.
    images
        Picture files, or folders of them.
    top
        How many classes to show, the likeliest first.
    scaled
        The network takes pixels from 0 to 1. Those of galago train take 0 to 255.
    json
        Print JSON instead of a table.
    """
    require_pictures(images, "predict")
    from galago.cli.predicting import run_predict

    run_predict(model, images, top=top, scaled=scaled, as_json=json)
