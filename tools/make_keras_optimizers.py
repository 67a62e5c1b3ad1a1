"""Write what Keras makes of the cases in tests/models/keras_optimizers.py, for its tests.

Needs Keras on TensorFlow, which alone computes in float64 throughout (made with Keras 3.15.1 and
TensorFlow 2.21):

    KERAS_BACKEND=tensorflow python tools/make_keras_optimizers.py
"""

from __future__ import annotations

import runpy
from pathlib import Path

import keras
import numpy as np

TESTS = Path(__file__).parents[1] / "tests" / "models"


def main() -> None:
    """Train every case with Keras and store losses, weights and optimizer states."""
    keras.config.set_floatx("float64")
    cases = runpy.run_path(str(TESTS / "keras_optimizers.py"))
    stored = {}
    for name in cases["CASES"]:
        keras.utils.clear_session()
        found = cases["train"](keras, name)
        stored |= {f"{name}/{key}": value for key, value in found.items()}
    np.savez_compressed(TESTS / "keras_optimizers.npz", **stored)


if __name__ == "__main__":
    main()
