"""Write the events of real Keras for the calls in tests/models/keras_fit.py.

Made with Keras 3.15.1 on JAX:

    KERAS_BACKEND=jax python tools/make_keras_fit.py
"""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import keras

TESTS = Path(__file__).parents[1] / "tests" / "models"


def main() -> None:
    """Call fit() in every way, and store what it did."""
    cases = runpy.run_path(str(TESTS / "keras_fit.py"))["CASES"]
    lines = (
        f"{json.dumps(name)}: {json.dumps(without_empty_batches(case(keras)))}"
        for name, case in cases.items()
    )
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (TESTS / "keras_fit.json").write_text(text, encoding="utf-8")


def without_empty_batches(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out batches that Keras announces before it sees that there are none."""
    if "events" not in found:
        return found
    kinds = ("batch", "test batch")  # a loss stands behind the number of those that came
    events = [event for event in found["events"] if "." in event or not event.startswith(kinds)]
    return found | {"events": events}


if __name__ == "__main__":
    main()
