"""Write what Keras makes of the losses, weights and metrics in the tests.

For tests/models/test_keras_losses.py and tests/metrics/test_keras_metrics.py. Needs Keras on
TensorFlow, which alone computes in float64 throughout (made with Keras 3.15.1 and TensorFlow 2.21):

    KERAS_BACKEND=tensorflow python tools/make_keras_losses.py
"""

from __future__ import annotations

import runpy
from pathlib import Path

import keras
import numpy as np

TESTS = Path(__file__).parents[1] / "tests"


def main() -> None:
    """Train with every loss and compute every metric with Keras, and store the numbers."""
    keras.config.set_floatx("float64")
    models = runpy.run_path(str(TESTS / "models" / "keras_losses.py"))
    found = {}
    for name in models["CASES"]:
        keras.utils.clear_session()
        found |= {f"{name}/{key}": value for key, value in models["train"](keras, name).items()}
    np.savez_compressed(TESTS / "models" / "keras_losses.npz", **found)
    metrics = runpy.run_path(str(TESTS / "metrics" / "keras_metrics.py"))
    found = {name: metrics["compute"](keras, name) for name in metrics["CASES"]}
    np.savez_compressed(TESTS / "metrics" / "keras_metrics.npz", **found)


if __name__ == "__main__":
    main()
