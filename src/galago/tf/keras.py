"""tf.keras: the names of Keras as TensorFlow has them, with Galago behind them."""

from __future__ import annotations

from typing import Any

from galago.tf.namespace import Namespace

_IMAGE = (
    *("array_to_img", "img_to_array", "load_img", "save_img"),
    "image_dataset_from_directory",
)
#: Modules that have the same names here and in Galago.
_MODULES = (
    *("activations", "callbacks", "config", "constraints", "datasets", "initializers", "layers"),
    *("losses", "metrics", "optimizers", "regularizers", "utils"),
)

_NAMES = Namespace(
    "tf.keras",
    {
        "Input": "galago.layers:Input",
        "KerasTensor": "galago.layers:KerasTensor",
        "Model": "galago.models:Model",
        "Sequential": "galago.models:Sequential",
        **{name: Namespace(f"tf.keras.{name}", f"galago.{name}") for name in _MODULES},
        "models": Namespace("tf.keras.models", "galago.models"),
        "saving": Namespace(
            "tf.keras.saving",
            {name: f"galago.models:{name}" for name in ("load_model", "save_model")},
        ),
        "backend": Namespace(
            "tf.keras.backend",
            {
                "clear_session": "galago.utils:clear_session",
                "floatx": "galago.config:floatx",
                "set_floatx": "galago.config:set_floatx",
            },
        ),
        "preprocessing": Namespace(
            "tf.keras.preprocessing",
            {
                "image": Namespace(
                    "tf.keras.preprocessing.image",
                    {name: f"galago.utils:{name}" for name in _IMAGE},
                ),
                "image_dataset_from_directory": "galago.utils:image_dataset_from_directory",
            },
        ),
    },
)

__all__ = [*dir(_NAMES)]


def __getattr__(name: str) -> Any:
    return getattr(_NAMES, name)


def __dir__() -> list[str]:
    return dir(_NAMES)
