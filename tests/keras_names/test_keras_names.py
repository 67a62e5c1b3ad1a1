"""Every public name of Keras is in Galago or in docs/keras_differences.md, and none is in both."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType

import keras_names
import pytest

import galago

FOLDER = Path(__file__).parent
DOCUMENT = FOLDER.parents[1] / "docs" / "keras_differences.md"


def modules(package: str) -> dict[str, ModuleType]:
    return {name: importlib.import_module(f"{package}.{name}") for name in keras_names.MODULES}


def missing(theirs: Mapping[str, list[str]]) -> list[str]:
    """Names of Keras that Galago does not have: "layers.LSTM", "layers.Dense(lora_rank)"."""
    ours = keras_names.surface(galago, modules("galago"))
    found = []
    for owner, names in theirs.items():
        if owner.endswith("()") and owner not in ours:
            continue  # of what is not there itself
        form = f"{owner[:-2]}({{}})" if owner.endswith("()") else f"{owner}.{{}}"
        found += [form.format(name) for name in names if name not in ours[owner]]
    return found


def documented() -> list[str]:
    """The names in the first columns of the tables of what is not there, with their `*`."""
    text = DOCUMENT.read_text(encoding="utf-8")
    tables = text.partition("## Layers, losses")[2]
    rows = [line.split("|")[1] for line in tables.splitlines() if line.startswith("| `")]
    return [token for row in rows for token in re.findall(r"`([^`]+)`", row)]


def test_every_name_is_there_or_in_the_table() -> None:
    stored = json.loads((FOLDER / "keras_names.json").read_text(encoding="utf-8"))
    absent, patterns = missing(stored), documented()
    unsaid = [name for name in absent if not any(fnmatchcase(name, one) for one in patterns)]
    assert unsaid == []
    idle = [one for one in patterns if not any(fnmatchcase(name, one) for name in absent)]
    assert idle == [], "these are there, or Keras does not have them"


def test_a_new_name_would_be_noticed() -> None:
    assert missing({"keras": ["Model", "Nothing"], "Model.fit()": ["x", "magic"]}) == [
        "keras.Nothing",
        "Model.fit(magic)",
    ]


@pytest.mark.parity
def test_the_stored_names_are_those_of_keras() -> None:
    import keras

    stored = json.loads((FOLDER / "keras_names.json").read_text(encoding="utf-8"))
    found = keras_names.surface(keras, modules("keras"))
    assert sorted(missing(found)) == sorted(missing(stored))
