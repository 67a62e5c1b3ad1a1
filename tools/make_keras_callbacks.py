"""Write what Keras's callbacks do with tests/callbacks/keras_callback_cases.py.

Needs Keras (made with Keras 3.15.1):

    KERAS_BACKEND=jax python tools/make_keras_callbacks.py
"""

from __future__ import annotations

import inspect
import json
import runpy
from pathlib import Path
from typing import Any

import keras

TESTS = Path(__file__).parents[1] / "tests" / "callbacks"
#: What some metrics cannot be made without.
NEEDED: dict[str, Any] = {
    "num_classes": 2,
    "target_class_ids": [0],
    "recall": 0.5,
    "precision": 0.5,
    "sensitivity": 0.5,
    "specificity": 0.5,
}


def directions() -> dict[str, str | None]:
    """Whether larger or smaller values of each metric are better, as Keras says it."""
    found: dict[str, str | None] = {}
    words = {"up": "max", "down": "min", None: None}
    for name, kind in inspect.getmembers(keras.metrics, inspect.isclass):
        wanted = inspect.signature(kind).parameters.values()
        missing = [p.name for p in wanted if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
        if set(missing) <= set(NEEDED):
            metric = kind(**{key: NEEDED[key] for key in missing})
            found[name] = words[getattr(metric, "_direction", None)]
    return found


def main() -> None:
    """Drive Keras's callbacks and store their traces."""
    known = runpy.run_path(str(TESTS / "keras_callback_cases.py"))
    stored = {
        "keras": keras.__version__,
        "directions": directions(),
        "tables": [known["table"](keras, case) for case in known["TABLES"]],
        "traces": [known["trace"](keras, case) for case in known["cases"]()],
    }
    lines = [f'"{key}": ' + _lines(value) for key, value in stored.items()]
    text = "{" + ",\n".join(lines) + "}\n"
    (TESTS / "keras_callbacks.json").write_text(text)


def _lines(value: Any) -> str:
    """JSON with the members of a list on lines of their own."""
    if isinstance(value, list):
        return "[\n" + ",\n".join(json.dumps(part, separators=(",", ":")) for part in value) + "]"
    return json.dumps(value)


if __name__ == "__main__":
    main()
