"""`galago filters`: what training made of a network's filters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from galago.cli.options import DRAWINGS, require_folder, require_suffix


def filters(
    model: Path,
    /,
    *,
    before: Path | None = None,
    layer: Annotated[str, Parameter(show_default=False)] = "",
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
) -> None:
    """Show the filters of a convolution, and which known filter each looks like.

    Beside each filter stands the one of Galago's bank that it looks like most
    (galago filter --list), and how much: 1 is the same, a minus its negative.
    With the network as it was before training, also how far each filter moved:
    the cosine of the angle between then and now, and how much longer it is.

    For example:

      galago filters pets.keras
      galago filters pets.keras -o filters.svg
      galago filters pets.keras --before start.keras --layer conv2d_1

    Parameters
    ----------
    model
        A .keras file of Galago or of Keras 3.
    before
        The same network before training.
    layer
        The name of a Conv2D; the first one if not given.
    output
        Draw them: a name that ends in .svg, or with matplotlib .png, .pdf, .jpg.
    """
    require_suffix(output, DRAWINGS, "galago filters")
    require_folder(output, "galago filters")

    from galago.cli.output import megabytes, printable, printable_lines
    from galago.explain import filters_report
    from galago.models import load_model

    start = None if before is None else load_model(before, compile=False)
    report = filters_report(start, load_model(model, compile=False), layer or None)
    print(printable_lines(str(report)))
    if output is not None:
        report.save(output)
        print(f"Saved to {printable(str(output))} ({megabytes(output.stat().st_size)}).")
