"""Options that several commands share, and the checks of their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import CoercionError, CycloptsError, Parameter, Token

from galago.errors import ArgumentError

DEFAULT_FILTERS = 64
#: What drawings may be written as: the first without matplotlib.
DRAWINGS = (".svg", ".png", ".pdf", ".jpg")
_SIZE = re.compile(r"[1-9][0-9]{0,3}(x[1-9][0-9]{0,3})?")


def whole_number(low: int, high: int | None = None) -> Callable[[Any, Sequence[Token]], int]:
    """Return a converter that takes whole numbers in decimal only, from low to high.

    Cyclopts itself would round 2.7 to 3.
    """
    wanted = f"a whole number from {low} to {high}" if high else f"a whole number, {low} or more"

    def convert(type_: Any, tokens: Sequence[Token]) -> int:
        text = tokens[0].value
        try:
            number = int(text, 10)
        except ValueError:
            number = low - 1
        if number < low or (high is not None and number > high):
            raise CoercionError(msg=f"expected {wanted}, received {text!r}.", token=tokens[0])
        return number

    return convert


def real_number(low: float, high: float) -> Callable[[Any, Sequence[Token]], float]:
    """Return a converter that takes numbers between low and high, these left out."""

    def convert(type_: Any, tokens: Sequence[Token]) -> float:
        text = tokens[0].value
        try:
            number = float(text)
        except ValueError:
            number = low
        if not low < number < high:
            raise CoercionError(
                msg=f"expected a number between {low:g} and {high:g}, received {text!r}.",
                token=tokens[0],
            )
        return number

    return convert


def size_text(type_: Any, tokens: Sequence[Token]) -> str:
    """Check a text such as 64x96 or 96; see height_and_width(). For cyclopts."""
    text = tokens[0].value
    if not _SIZE.fullmatch(text):
        raise CoercionError(
            msg=f"expected a height and width such as 64x96, or 96 for both, received {text!r}.",
            token=tokens[0],
        )
    return text


def height_and_width(text: str) -> tuple[int, int]:
    """Return the two numbers of a text that size_text() has checked.

    >>> height_and_width("64x96"), height_and_width("96")
    ((64, 96), (96, 96))
    """
    height, _, width = text.partition("x")
    return int(height), int(width or height)


#: A yes-or-no option whose default, no, goes without saying.
Flag = Annotated[bool, Parameter(show_default=False)]
Filters = Annotated[int, Parameter(converter=whole_number(1, 1024))]


def require_convolutions(command: str, filters: int, dense: bool) -> None:
    """Refuse --filters for a network that has none. Raises CycloptsError."""
    if dense and filters != DEFAULT_FILTERS:
        raise CycloptsError(
            msg=f"--filters {filters} is for convolutions, but the network of --dense has none. "
            "Leave one of the two out.",
            command_chain=(command,),
        )


def require_pictures(images: Sequence[Path], command: str) -> None:
    """Refuse a command that names no pictures. Raises CycloptsError."""
    if not images:
        raise CycloptsError(
            msg="Expected pictures behind the model, received none. Name files or folders.",
            command_chain=(command,),
        )


def require_suffix(file: Path | None, suffixes: Sequence[str], option: str) -> None:
    """Refuse, before any work, a name that ends otherwise. Raises ArgumentError."""
    if file is not None and not file.name.lower().endswith(tuple(suffixes)):
        raise ArgumentError(
            f"{option}: expected a file name that ends in {' or '.join(suffixes)}, received {file}."
        )


def require_folder(file: Path | None, option: str) -> None:
    """Refuse, before any work, a file that could not be written. Raises ArgumentError."""
    if file is not None and not file.parent.is_dir():
        raise ArgumentError(f"{option}: expected a file in a folder that exists, received {file}.")
