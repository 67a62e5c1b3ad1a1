"""Optimizers: what to tell the engine about the update, and the learning rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from galago.errors import ArgumentError
from galago.optimizers import schedules as schedules
from galago.optimizers.adam import Adam, Adamax, AdamW, Nadam
from galago.optimizers.adaptive import Adadelta, Adagrad, RMSprop
from galago.optimizers.base import Optimizer
from galago.optimizers.sgd import SGD, Lion
from galago.registry import look_up

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "get",
    "schedules",
]

_CLASSES: tuple[type[Optimizer], ...] = (
    Adam,
    SGD,
    AdamW,
    RMSprop,
    Adagrad,
    Adadelta,
    Adamax,
    Nadam,
    Lion,
)
#: Every optimizer by its class name: what a stored configuration may name.
OPTIMIZERS: Mapping[str, type[Optimizer]] = {known.__name__: known for known in _CLASSES}
_NAMES: Mapping[str, type[Optimizer]] = {known.__name__.lower(): known for known in _CLASSES}


def get(identifier: Any) -> Optimizer:
    """Return an optimizer from an identifier: its name, its stored configuration, or itself.

    Raises UnknownNameError or ArgumentError.

    >>> get("adam").learning_rate
    0.001
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Optimizer):
        raise ArgumentError(
            f"compile(): expected an optimizer, received the class {identifier.__name__}. "
            f"Add parentheses: optimizer={identifier.__name__}()."
        )
    described = isinstance(identifier, Mapping)
    name = identifier.get("class_name") if described else identifier
    name = name.lower() if isinstance(name, str) else name
    found = look_up(_NAMES, name, kind="optimizer", owner="compile()")
    return found.from_config(identifier.get("config", {}) if described else {})
