"""`galago filter`: what a convolution does to a picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import CoercionError, CycloptsError, Parameter, Token

from galago.cli.options import Flag, require_folder, require_suffix, whole_number

#: What pictures are written as.
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
_PLACE = re.compile(r"\s*([0-9]{1,6})\s*,\s*([0-9]{1,6})\s*")


def _place(type_: Any, tokens: Sequence[Token]) -> str:
    """Check a text such as 12,40. For cyclopts."""
    text = tokens[0].value
    if not _PLACE.fullmatch(text):
        raise CoercionError(
            msg=f"expected a row and a column such as 120,80, received {text!r}.", token=tokens[0]
        )
    return text


def place_of(text: str) -> tuple[int, int] | None:
    """Return the row and the column of a text that _place() has checked.

    >>> place_of("12, 40"), place_of("")
    ((12, 40), None)
    """
    row, comma, col = text.partition(",")
    return (int(row), int(col)) if comma else None


def filter(
    image: Annotated[str, Parameter(show_default=False)] = "",
    filter: Annotated[str, Parameter(allow_leading_hyphen=True, show_default=False)] = "",
    /,
    *,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
    explain: Annotated[str, Parameter(converter=_place, show_default=False)] = "",
    pool: Annotated[int, Parameter(converter=whole_number(1, 1000))] = 1,
    border: Literal["valid", "same", "reflect", "keep"] = "valid",
    convention: Literal["correlation", "convolution", "course2019"] = "correlation",
    weight: float = 1.0,
    grey: Flag = False,
    list: Annotated[bool, Parameter(name="--list", show_default=False)] = False,
) -> None:
    """Slide a filter over a picture.

    A filter is a small table of numbers. It is laid on each pixel in turn; the
    pixels under it are multiplied by its numbers, and the sum is the new pixel,
    limited to 0 to 255. That is all that a convolution in a network does.

    A filter is a name (galago filter --list), a name with numbers, or rows of
    numbers between semicolons. "sample" is a picture that comes with Galago.

    For example:

      galago filter photo.jpg sobel -o edges.png       horizontal edges
      galago filter photo.jpg "gaussian(9)" -o soft.png
      galago filter photo.jpg "0 1 0; 1 -4 1; 0 1 0" -o edges.png
      galago filter photo.jpg sobel --pool 2 -o small.png
      galago filter sample sobel_x --explain 120,80    how one pixel is made

    Parameters
    ----------
    image
        A picture file, or "sample".
    filter
        A name, a name with numbers, or numbers.
    output
        What to write: a name that ends in .png, .jpg, .webp or .bmp.
    explain
        ROW,COL: show the products of this pixel, counted from 0.
    pool
        Keep the largest of N x N pixels afterwards.
    border
        valid: the result is smaller; same: zeros around the picture; reflect: its
        mirror image; keep: pixels at the border stay as they are.
    convention
        correlation: as networks multiply; convolution: the filter turned
        round; course2019: the exchanged indices of an old notebook.
    weight
        What sums are multiplied by.
    grey
        Make the picture grey first.
    list
        Show the filters that have names.
    """
    from galago.cli import filtering

    if list:
        filtering.show_filters()
        return
    if not image or not filter:
        raise CycloptsError(
            msg="Expected a picture and a filter. Try: galago filter sample sobel -o edges.png.",
            command_chain=("filter",),
        )
    if output is None and not explain:
        raise CycloptsError(
            msg="Expected something to do: -o FILE to write the result, or --explain ROW,COL.",
            command_chain=("filter",),
        )
    require_suffix(output, SUFFIXES, "galago filter")
    require_folder(output, "galago filter")
    filtering.run_filter(
        image,
        filter,
        output=output,
        explain=place_of(explain),
        pool=pool,
        border=border,
        convention=convention,
        weight=weight,
        grey=grey,
    )
