"""Starting values of weights, under Keras's names and with Keras's limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from galago.initializers.base import Initializer, fans
from galago.initializers.drawn import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)
from galago.initializers.fixed import Constant, Identity, Ones, Zeros
from galago.initializers.known_good import KnownGood
from galago.initializers.orthogonal import Orthogonal
from galago.registry import look_up

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "KnownGood",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "fans",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]

_CLASSES: Mapping[str, type[Initializer]] = {
    "glorot_uniform": GlorotUniform,
    "glorot_normal": GlorotNormal,
    "he_uniform": HeUniform,
    "he_normal": HeNormal,
    "lecun_uniform": LecunUniform,
    "lecun_normal": LecunNormal,
    "random_uniform": RandomUniform,
    "random_normal": RandomNormal,
    "truncated_normal": TruncatedNormal,
    "variance_scaling": VarianceScaling,
    "orthogonal": Orthogonal,
    "identity": Identity,
    "known_good": KnownGood,
    "zeros": Zeros,
    "ones": Ones,
    "constant": Constant,
}
#: Keras's other names of the classes.
glorot_uniform, glorot_normal = GlorotUniform, GlorotNormal
he_uniform, he_normal = HeUniform, HeNormal
lecun_uniform, lecun_normal = LecunUniform, LecunNormal
random_uniform, random_normal, truncated_normal = RandomUniform, RandomNormal, TruncatedNormal
variance_scaling, orthogonal, identity = VarianceScaling, Orthogonal, Identity
zeros, ones, constant = Zeros, Ones, Constant
IdentityInitializer, OrthogonalInitializer = Identity, Orthogonal

#: Every initializer by its class name: what a stored configuration may name.
INITIALIZERS: Mapping[str, type[Initializer]] = {
    known.__name__: known for known in _CLASSES.values()
}


def get(identifier: Any, *, owner: str = "") -> Initializer:
    """Return an initializer from an identifier: its name, its stored configuration, or itself.

    Arguments:
        identifier: "he_uniform", {"class_name": "HeUniform", "config": {...}} or HeUniform(seed=1)
        owner: who asks, for the message
    Raises UnknownNameError.

    >>> get("he_uniform")
    HeUniform(seed=None)
    """
    if isinstance(identifier, Initializer):
        return identifier
    if isinstance(identifier, Mapping):
        name = identifier.get("class_name")
        found = look_up(INITIALIZERS, name, kind="initializer", owner=owner)
        return found.from_config(identifier.get("config", {}))
    if isinstance(identifier, str) and identifier in INITIALIZERS:
        return INITIALIZERS[identifier]()
    return look_up(_CLASSES, identifier, kind="initializer", owner=owner)()
