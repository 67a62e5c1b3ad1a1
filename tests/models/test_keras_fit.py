"""fit() goes through its data, and tells callbacks of it, as Keras's fit() does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from keras_fit import CASES

import galago

STORED = json.loads((Path(__file__).parent / "keras_fit.json").read_text(encoding="utf-8"))


def test_every_case_is_stored() -> None:
    assert list(STORED) == list(CASES)


@pytest.mark.parametrize("name", CASES)
def test_fit_is_keras(name: str) -> None:
    found: dict[str, Any] = CASES[name](galago)
    for part, expected in STORED[name].items():
        assert found[part] == expected, part
    assert found.keys() == STORED[name].keys()
