"""Write what Keras makes of the cases of augmentation_cases.py.

They are for tests/layers/test_keras_augmentation.py. Needs Keras on JAX (made with Keras 3.15.1):

    JAX_ENABLE_X64=1 KERAS_BACKEND=jax python tools/make_keras_augmentation.py
"""

from __future__ import annotations

import runpy
from pathlib import Path

import keras
import numpy as np

FOLDER = Path(__file__).parents[1] / "tests" / "layers" / "contract"


def main() -> None:
    """Augment the pictures with every case and store what comes out."""
    keras.config.set_floatx("float64")
    module = runpy.run_path(str(FOLDER / "augmentation_cases.py"))
    pictures = module["pictures"]()
    found = {
        name: np.asarray(make(keras.layers)(pictures, training=True), np.float32)
        for name, make in module["cases"]()
    }
    np.savez_compressed(FOLDER / "keras_augmentation.npz", **found)


if __name__ == "__main__":
    main()
