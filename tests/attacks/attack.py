"""An attack: how a hostile file is made, how it is opened, and the error that it must get."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from galago.errors import FileFormatError

#: Writes hostile files into an empty folder and returns what is to be opened.
Maker = Callable[[Path], Path]


class Attack(NamedTuple):
    """`error` None: the file is opened, and what is hostile in it does nothing."""

    make: Maker
    words: str = ""
    error: type[Exception] | None = FileFormatError
    way: str = "load_model"


Attacks = dict[str, Attack]
