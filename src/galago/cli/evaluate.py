"""`galago evaluate`: how much of a folder a saved network recognizes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from galago.cli.options import Flag


def evaluate(
    model: Path,
    data: str,
    /,
    *,
    full: Flag = False,
    scaled: Flag = False,
    skip_bad: Flag = False,
    json: Annotated[bool, Parameter(name="--json", show_default=False)] = False,
) -> None:
    """Measure how many pictures a saved network recognizes, class by class.

    The folder has a folder for each class, called as in the training. It may
    lack some of the classes. The data set fashion_mnist stands for the test
    images of Fashion-MNIST.

    For example:

      galago evaluate pets.keras new-photos        a folder for each class
      galago evaluate clothes.keras fashion_mnist  2,000 images from the package
      galago evaluate clothes.keras fashion_mnist --full
      galago evaluate pets.keras new-photos --json > result.json

    Parameters
    ----------
    model
        A .keras file of Galago or of Keras 3.
    data
        A folder, or fashion_mnist. A folder of that name is ./fashion_mnist.
    full
        Take all 10,000 test images of Fashion-MNIST.
    scaled
        The network takes pixels from 0 to 1. Those of galago train take 0 to 255.
    skip_bad
        Leave out files that are no pictures, instead of naming them and stopping.
    json
        Print JSON instead of a table.
    """
    from galago.cli.evaluating import run_evaluate

    run_evaluate(model, data, full=full, scaled=scaled, skip_bad=skip_bad, as_json=json)
