"""Write what Keras makes of the cases of layer_cases.py, for tests/layers/test_contract.py.

Needs Keras on JAX, which has a transposed convolution with dilation for CPUs (made with Keras
3.15.1):

    JAX_ENABLE_X64=1 KERAS_BACKEND=jax python tools/make_layer_numbers.py
"""

from __future__ import annotations

import runpy
from pathlib import Path

import keras
import numpy as np

FOLDER = Path(__file__).parents[1] / "tests" / "layers" / "contract"


def main() -> None:
    """Run every case with Keras and store its numbers: float32 is as exact as they are compared."""
    keras.config.set_floatx("float64")
    module = runpy.run_path(str(FOLDER / "layer_cases.py"))
    stored: dict[str, np.ndarray] = {}
    for name in module["CASES"]:
        keras.utils.clear_session()
        for key, value in module["results"](keras, name).items():
            stored[f"{name}/{key}"] = value.astype(np.float32)
    np.savez_compressed(FOLDER / "keras.npz", **stored)


if __name__ == "__main__":
    main()
