"""Write what Keras gives for trainings of models with several inputs and outputs.

    KERAS_BACKEND=jax python tools/make_keras_several.py

It runs in an environment that has Keras and JAX, needs no Galago, and writes
tests/models/keras_several.json.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("JAX_ENABLE_X64", "1")

import keras

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "models"))

from several_outputs import CASES, trained

TESTS = Path(__file__).parents[1] / "tests" / "models"


def main() -> None:
    """Train each case in float64 and store the numbers."""
    keras.config.set_floatx("float64")
    stored = {case: trained(keras, case) for case in CASES}
    text = json.dumps({"keras": keras.__version__, **stored}, indent=1)
    (TESTS / "keras_several.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
