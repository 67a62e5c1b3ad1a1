"""Layers of the user's own in files, between an installed Keras and Galago.

    python tools/make_keras_custom.py write FOLDER    # a model that Keras saves, with its outputs
    python tools/make_keras_custom.py check FOLDER    # files of Galago: does Keras load them?

It runs in an environment that has Keras and needs no Galago. The layers are those of
tests/models/blend.py, written with Keras's operations. Next to each `NAME.keras` stands `NAME.npz`
with inputs `x` and the model's `outputs`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np


class Blend(keras.layers.Layer):
    """rate * x + (1 - rate) * (x @ mix), and a count that is not trained."""

    def __init__(self, rate: float = 0.5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate

    def build(self, input_shape: Any) -> None:
        """Make the weights, not in the order of the file."""
        self.count = self.add_weight(shape=(), initializer="ones", trainable=False, name="count")
        self.mix = self.add_weight(shape=(input_shape[-1], input_shape[-1]), name="mix")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The blend."""
        mixed = keras.ops.matmul(inputs, self.mix)
        return self.rate * inputs + (1 - self.rate) * mixed * self.count

    def get_config(self) -> dict[str, Any]:
        """With the rate."""
        return {**super().get_config(), "rate": self.rate}


class Both(keras.layers.Layer):
    """The product of two inputs."""

    def call(self, inputs: Any) -> Any:
        """The product."""
        return inputs[0] * inputs[1]


OWN = {"Blend": Blend, "Both": Both}


def write(folder: Path) -> None:
    """Save a model of this Keras, and what it gives."""
    keras.utils.set_random_seed(3)
    la = keras.layers
    start = keras.Input((6,))
    first = Blend(0.25)(la.Dense(4)(start))
    model = keras.Model(start, la.Dense(3)(Both()([first, Blend()(first)])))
    x = np.random.default_rng(0).random((5, 6), np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / f"blend_{keras.__version__}.keras")
    outputs = np.asarray(model.predict(x, verbose=0))
    np.savez(folder / f"blend_{keras.__version__}.npz", x=x, outputs=outputs)


def check(folder: Path) -> None:
    """Load every file of a folder; end with 1 if one gives something else."""
    for path in sorted(folder.glob("*.keras")):
        with np.load(path.with_suffix(".npz")) as file:
            x, outputs = file["x"], file["outputs"]
        model = keras.models.load_model(path, custom_objects=OWN)
        error = float(np.abs(np.asarray(model.predict(x, verbose=0)) - outputs).max())
        print(f"Keras {keras.__version__}: {path.name}: {error:.1e}")
        if not error <= 1e-5:
            sys.exit(f"Keras {keras.__version__} does not agree on {path.name}")


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["write", "check"])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    {"write": write, "check": check}[options.what](options.folder)


if __name__ == "__main__":
    main()
