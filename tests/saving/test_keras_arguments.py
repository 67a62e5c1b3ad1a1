"""Files have nothing in them that Keras 3.0 does not take: what its classes are called and told.

keras_arguments.json is made by `python tools/make_keras_arguments.py`.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from version_cases import CASES

import galago

KNOWN = json.loads((Path(__file__).parent / "keras_arguments.json").read_text())
MODELS = {"Sequential", "Functional"}
#: What Galago has from newer versions, which old ones then refuse: told only by who asks for it.
NEWER = {
    ("keras.layers", "RandomContrast", "value_range"),
    ("keras.layers", "Resizing", "fill_value"),
    ("keras.layers", "Resizing", "pad_to_aspect_ratio"),
    ("keras.metrics", "SparseCategoricalCrossentropy", "ignore_class"),
}


def descriptions(value: Any) -> Iterator[Mapping[str, Any]]:
    """Everything in a configuration that describes an object."""
    if isinstance(value, Mapping):
        if "module" in value:
            yield value
        value = list(value.values())
    for part in value if isinstance(value, list) else []:
        yield from descriptions(part)


def test_old_versions_know_all_that_is_written(tmp_path: Path) -> None:
    assert KNOWN["keras"] == "3.0.5"
    newer, seen = set(), set()
    for case in CASES.values():
        case.make(galago).save(tmp_path / "model.keras")
        with zipfile.ZipFile(tmp_path / "model.keras") as archive:
            config = json.loads(archive.read("config.json"))
        for found in descriptions(config):
            if found["class_name"] in MODELS:
                continue
            assert set(found) <= {
                *("module", "class_name", "config", "registered_name"),
                *("build_config", "inbound_nodes", "name"),
            }
            arguments = KNOWN[found["module"]][found["class_name"]]
            seen.add((found["module"], found["class_name"]))
            newer |= {
                (found["module"], found["class_name"], name)
                for name in set(found["config"]) - set(arguments)
            }
    assert newer == NEWER
    assert len(seen) > 90
