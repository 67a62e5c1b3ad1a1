"""Tables of names, each looked up at its first use, and what is said of a name that is in none."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, TypeAlias

from galago.registry import nearest

#: Name -> where it is: "package.module", "package.module:name", or the thing itself.
Names: TypeAlias = Mapping[str, Any]

_WHAT = (
    "galago.tf has the names of TensorFlow that courses on images use, with Galago behind them; "
    "docs/tf.md lists them"
)
_FOLDERS = (
    "make batches with tf.keras.utils.image_dataset_from_directory(folder), and put layers such as "
    "tf.keras.layers.Rescaling(1 / 255) in front of the model"
)
_ARRAYS = "Galago computes with NumPy arrays: use NumPy for what is outside of models"
#: What to do instead, for names that people look for.
_INSTEAD: Mapping[str, str] = {
    "ImageDataGenerator": _FOLDERS,
    "flow_from_directory": _FOLDERS,
    **dict.fromkeys(("GradientTape", "Tensor", "Variable", "cast", "constant", "math"), _ARRAYS),
    **dict.fromkeys(("convert_to_tensor", "expand_dims", "function", "reduce_mean"), _ARRAYS),
    "train": "optimizers are in tf.keras.optimizers, such as tf.keras.optimizers.Adam()",
    "applications": "galago.applications has small networks, without trained weights",
}


class Namespace:
    """Names that stand for things in other modules.

    Arguments: what messages call it, such as "tf.nn", and its names or, as text, a module of which
    it has all public names. An unknown name raises AttributeError.

    >>> nn = Namespace("tf.nn", {"relu": "galago.activations:relu"})
    >>> nn.relu([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """

    def __init__(self, title: str, names: Names | str) -> None:
        self._title, self._source = title, names

    def __getattr__(self, name: str) -> Any:
        names = self._names()
        if name not in names:
            raise AttributeError(_unknown(self._title, name, names))
        value = _found(names[name])
        self.__dict__[name] = value
        return value

    def __dir__(self) -> list[str]:
        return sorted(self._names())

    def __repr__(self) -> str:
        return f"<{self._title} of galago.tf>"

    def _names(self) -> Names:
        if not isinstance(self._source, str):
            return self._source
        public = importlib.import_module(self._source).__all__
        return {name: f"{self._source}:{name}" for name in public}


def _found(where: Any) -> Any:
    """What an entry of a table stands for."""
    if not isinstance(where, str):
        return where
    module, _, name = where.partition(":")
    found = importlib.import_module(module)
    return getattr(found, name) if name else found


def _unknown(title: str, name: str, names: Names) -> str:
    advice = f" {_INSTEAD[name]}." if name in _INSTEAD else nearest(name, names)
    return f"{title} has no {name!r}.{advice[:1]}{advice[1:2].upper()}{advice[2:]} {_WHAT}."
