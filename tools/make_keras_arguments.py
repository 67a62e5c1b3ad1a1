"""Write down which arguments each class of a Keras takes: tests/saving/keras_arguments.json.

    python tools/make_keras_arguments.py     # with Keras 3.0.5, the last one of 3.0

What Galago writes may have no others, so that every Keras 3 reads it. Needs Keras and no Galago.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import keras

FILE = Path(__file__).parents[1] / "tests" / "saving" / "keras_arguments.json"
MODULES = (
    "constraints",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "regularizers",
)


def arguments(cls: type) -> list[str]:
    """The names that a constructor takes: its own, and those that it hands on to its bases."""
    names: set[str] = set()
    for base in cls.__mro__:
        if "__init__" not in vars(base):
            continue
        parameters = inspect.signature(base.__init__).parameters.values()
        kinds = {parameter.kind for parameter in parameters}
        names |= {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            break
    return sorted(names - {"self"})


def classes(module: str) -> dict[str, list[str]]:
    """The public classes of a module of Keras with their arguments."""
    found: Any = keras
    for part in module.split("."):
        found = getattr(found, part)
    public = {n: c for n, c in vars(found).items() if inspect.isclass(c) and n[0].isupper()}
    return {name: arguments(cls) for name, cls in sorted(public.items())}


def main() -> None:
    """Write the file, a line for each class."""
    lines = [f'"keras": "{keras.__version__}"']
    for module in MODULES:
        listed = classes(module).items()
        rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(names)}" for name, names in listed)
        lines.append(f'"keras.{module}": {{\n{rows}\n }}')
    FILE.write_text("{\n " + ",\n ".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
