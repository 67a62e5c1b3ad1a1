"""Options that several commands share, and the checks of their values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import CoercionError, CycloptsError, Parameter, Token

from galago.errors import ArgumentError

DEFAULT_FILTERS = 64


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


def require_folder(file: Path | None, option: str) -> None:
    """Refuse, before any work, a file that could not be written. Raises ArgumentError."""
    if file is not None and not file.parent.is_dir():
        raise ArgumentError(f"{option}: expected a file in a folder that exists, received {file}.")
