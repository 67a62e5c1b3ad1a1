"""The names of TensorFlow that courses on images use, with Galago behind them.

    from galago import tf     # in place of: import tensorflow as tf

Nothing of TensorFlow is imported. A name that is not here raises AttributeError.
"""

from __future__ import annotations

from typing import Any

from galago.tf.namespace import Namespace

#: The release that the course is written for, and who answers.
__version__ = "2.16.1+galago"

_NN = (
    *("elu", "gelu", "leaky_relu", "relu", "relu6", "selu", "sigmoid", "silu", "softmax"),
    *("softplus", "softsign", "swish", "tanh"),
)

_NAMES = Namespace(
    "tf",
    {
        "keras": "galago.tf.keras",
        "nn": Namespace("tf.nn", {name: f"galago.activations:{name}" for name in _NN}),
        "optimizers": Namespace("tf.optimizers", "galago.optimizers"),
        "losses": Namespace("tf.losses", "galago.losses"),
        "metrics": Namespace("tf.metrics", "galago.metrics"),
        "initializers": Namespace("tf.initializers", "galago.initializers"),
        "data": Namespace(
            "tf.data",
            {
                "AUTOTUNE": 2,
                "Dataset": "galago.data:Dataset",
                "INFINITE_CARDINALITY": "galago.data:INFINITE_CARDINALITY",
                "UNKNOWN_CARDINALITY": "galago.data:UNKNOWN_CARDINALITY",
            },
        ),
        "random": Namespace("tf.random", {"set_seed": "galago.random:set_seed"}),
        **{name: f"numpy:{name}" for name in ("float32", "float64", "int32", "int64", "uint8")},
    },
)

__all__ = ["__version__", *dir(_NAMES)]


def __getattr__(name: str) -> Any:
    return getattr(_NAMES, name)


def __dir__() -> list[str]:
    return dir(_NAMES)
