"""Layers as the configuration of a model holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from galago.layers import LAYERS, Layer
from galago.registry import look_up


def described(layers: Iterable[Layer]) -> list[dict[str, Any]]:
    """Return class and settings of each layer, as JSON can hold them.

    >>> from galago.layers import Flatten
    >>> described([Flatten(name="flat")])
    [{'class_name': 'Flatten', 'config': {'name': 'flat', 'trainable': True}}]
    """
    return [{"class_name": type(layer).__name__, "config": layer.get_config()} for layer in layers]


def made(
    descriptions: Iterable[Mapping[str, Any]], models: Mapping[str, type[Layer]]
) -> list[Layer]:
    """Return new layers, or models, from what described() returned. Raises UnknownNameError."""
    kinds = {**LAYERS, **models}
    return [
        look_up(kinds, layer["class_name"], kind="layer").from_config(layer["config"])
        for layer in descriptions
    ]
