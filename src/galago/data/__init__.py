"""Data that does not lie in one array: pipelines, batches made when needed, folders of images."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from galago.data.dataset import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Dataset
from galago.data.py_dataset import PyDataset

if TYPE_CHECKING:
    from galago.data.image_batches import ImageFolder as ImageFolder
    from galago.data.image_folder import (
        image_dataset_from_directory as image_dataset_from_directory,
    )

#: Names whose modules are loaded at their first use, and the modules.
_OBJECTS = {
    "ImageFolder": "galago.data.image_batches",
    "image_dataset_from_directory": "galago.data.image_folder",
}

__all__ = ["INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "Dataset", "PyDataset", *_OBJECTS]


def __getattr__(name: str) -> Any:
    if name in _OBJECTS:
        return getattr(importlib.import_module(_OBJECTS[name]), name)
    raise AttributeError(f"module 'galago.data' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
