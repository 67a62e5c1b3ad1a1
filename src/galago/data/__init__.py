"""Your own images: folders of them as data to train on."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from galago.data.image_batches import ImageFolder as ImageFolder
    from galago.data.image_folder import (
        image_dataset_from_directory as image_dataset_from_directory,
    )

#: Each public name and the module it comes from, which is loaded at its first use.
_OBJECTS = {
    "ImageFolder": "galago.data.image_batches",
    "image_dataset_from_directory": "galago.data.image_folder",
}

__all__ = [*_OBJECTS]


def __getattr__(name: str) -> Any:
    if name in _OBJECTS:
        return getattr(importlib.import_module(_OBJECTS[name]), name)
    raise AttributeError(f"module 'galago.data' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
