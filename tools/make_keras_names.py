"""Write the public names of Keras that tests/keras_names holds those of Galago against.

Needs Keras and a backend (made with Keras 3.15.1 and KERAS_BACKEND=jax):

    KERAS_BACKEND=jax python tools/make_keras_names.py
"""

from __future__ import annotations

import importlib
import json
import runpy
from pathlib import Path
from typing import Any

import keras

TESTS = Path(__file__).parents[1] / "tests" / "keras_names"


def main() -> None:
    """Look at every module and class of the test."""
    names: dict[str, Any] = runpy.run_path(str(TESTS / "keras_names.py"))
    modules = {one: importlib.import_module(f"keras.{one}") for one in names["MODULES"]}
    found = names["surface"](keras, modules)
    path = TESTS / "keras_names.json"
    path.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
