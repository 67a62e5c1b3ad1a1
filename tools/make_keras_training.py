"""Write what Keras makes of the models in tests/models/keras_models.py, for test_keras_training.py.

Needs Keras on TensorFlow, which alone computes in float64 throughout (made with Keras 3.15.1 and
TensorFlow 2.21):

    KERAS_BACKEND=tensorflow python tools/make_keras_training.py
"""

from __future__ import annotations

import runpy
from pathlib import Path

import keras
import numpy as np

TESTS = Path(__file__).parents[1] / "tests" / "models"


def main() -> None:
    """Train every model with Keras and store losses, outputs and weights."""
    keras.config.set_floatx("float64")
    models = runpy.run_path(str(TESTS / "keras_models.py"))
    for name in models["CASES"]:
        keras.utils.clear_session()
        stored = models["train"](keras, name)
        np.savez_compressed(TESTS / "keras_training" / f"{name}.npz", **stored)


if __name__ == "__main__":
    main()
