"""Write the tables that tests/models/test_summary.py compares ours with, as Keras prints them.

Needs Keras and a backend (made with Keras 3.15.1 and KERAS_BACKEND=torch), and Galago itself for
the models' definitions:

    COLUMNS=80 KERAS_BACKEND=torch python tools/make_keras_summaries.py
"""

from __future__ import annotations

import contextlib
import io
import runpy
import warnings
from pathlib import Path

import keras

TESTS = Path(__file__).parents[1] / "tests" / "models"


def main() -> None:
    """Print every model of the test with Keras, each into its file."""
    warnings.simplefilter("ignore")  # Keras warns about input_shape
    for name, show in runpy.run_path(str(TESTS / "test_summary.py"))["MODELS"].items():
        keras.utils.clear_session()
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            show(keras)
        (TESTS / "keras_summaries" / f"{name}.txt").write_text(text.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    main()
