"""The ways to open a file, and what each needs beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import good

from galago.models import load_model

Way = Callable[[Path], object]


class CommandFailed(Exception):
    """What `galago` wrote to standard error before it gave the exit code 1."""


def load(path: Path) -> None:
    load_model(path)


def load_to_look_at(path: Path) -> None:
    load_model(path, compile=False)


def load_weights() -> Way:
    net = good.model()
    return lambda path: net.load_weights(path)


WAYS: Mapping[str, Callable[[], Way]] = {
    "load_model": lambda: load,
    "load_model, compile=False": lambda: load_to_look_at,
    "load_weights": load_weights,
}
