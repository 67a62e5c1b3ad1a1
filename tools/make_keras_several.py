"""Write what Keras gives for trainings of models with several inputs and outputs.

    KERAS_BACKEND=tensorflow python tools/make_keras_several.py

Needs Keras on TensorFlow, which alone computes in float64 throughout (made with Keras 3.15.1 and
TensorFlow 2.21), and no Galago. Writes tests/models/keras_several.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

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
