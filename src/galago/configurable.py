"""Configuration read from the constructor's signature, as scikit-learn does it.

A class that keeps every constructor argument in an attribute of the same name needs no code of
its own to be described, copied or stored.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Self

_known: dict[Any, tuple[inspect.Parameter, ...]] = {}


class Configurable:
    """Base of layers, initializers, optimizers, losses and metrics."""

    @classmethod
    def argument_names(cls) -> tuple[str, ...]:
        """Return the names of the constructor's own arguments, in order."""
        return tuple(p.name for p in _parameters(cls))

    @classmethod
    def required_names(cls) -> tuple[str, ...]:
        """Return the names of the constructor's arguments that have no default."""
        return tuple(p.name for p in _parameters(cls) if p.default is p.empty)

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Return those of the constructor's arguments that may be left out, with their values."""
        return {p.name: p.default for p in _parameters(cls) if p.default is not p.empty}

    def arguments(self) -> dict[str, Any]:
        """Return the constructor's arguments as they are."""
        return {name: getattr(self, name) for name in self.argument_names()}

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments as values that JSON can hold."""
        return {name: plain(value) for name, value in self.arguments().items()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Make an object from a config, what get_config() returned."""
        return cls(**config)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


def _parameters(cls: Any) -> tuple[inspect.Parameter, ...]:
    """The constructor's own arguments; reading a signature takes longer than making a layer."""
    if cls not in _known:
        parameters = inspect.signature(cls).parameters.values()
        _known[cls] = tuple(p for p in parameters if p.kind is not p.VAR_KEYWORD)
    return _known[cls]


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: configurable objects as class names and settings."""
    if isinstance(value, Configurable):
        return {"class_name": type(value).__name__, "config": value.get_config()}
    return [plain(part) for part in value] if isinstance(value, tuple) else value
