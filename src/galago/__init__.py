"""Galago: small convolutional networks on CPUs, fast, transparent, with Keras's names.

Everything is loaded at first use, so `import galago` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from galago import activations as activations
    from galago import applications as applications
    from galago import callbacks as callbacks
    from galago import config as config
    from galago import constraints as constraints
    from galago import data as data
    from galago import datasets as datasets
    from galago import errors as errors
    from galago import explain as explain
    from galago import image as image
    from galago import initializers as initializers
    from galago import layers as layers
    from galago import losses as losses
    from galago import metrics as metrics
    from galago import models as models
    from galago import optimizers as optimizers
    from galago import regularizers as regularizers
    from galago import tf as tf
    from galago import utils as utils
    from galago.engine import get_threads as get_threads
    from galago.engine import set_threads as set_threads
    from galago.initializers import Initializer as Initializer
    from galago.layers import Input as Input
    from galago.layers import KerasTensor as KerasTensor
    from galago.layers import Layer as Layer
    from galago.losses import Loss as Loss
    from galago.metrics import Metric as Metric
    from galago.models import Model as Model
    from galago.models import Sequential as Sequential
    from galago.optimizers import Optimizer as Optimizer
    from galago.random import set_seed as set_seed
    from galago.regularizers import Regularizer as Regularizer
    from galago.variables import Variable as Variable

#: The version of Galago that is installed.
__version__ = "0.1.0"

_MODULES = (
    "activations",
    "applications",
    "callbacks",
    "config",
    "constraints",
    "data",
    "datasets",
    "errors",
    "explain",
    "image",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "regularizers",
    "tf",
    "utils",
)
_OBJECTS = {
    "Initializer": "galago.initializers",
    "Input": "galago.layers",
    "KerasTensor": "galago.layers",
    "Layer": "galago.layers",
    "Loss": "galago.losses",
    "Metric": "galago.metrics",
    "Model": "galago.models",
    "Optimizer": "galago.optimizers",
    "Regularizer": "galago.regularizers",
    "Sequential": "galago.models",
    "Variable": "galago.variables",
    "get_threads": "galago.engine",
    "set_seed": "galago.random",
    "set_threads": "galago.engine",
}

__all__ = ["__version__", *_MODULES, *_OBJECTS]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"galago.{name}")
    if name in _OBJECTS:
        value = getattr(importlib.import_module(_OBJECTS[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'galago' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
