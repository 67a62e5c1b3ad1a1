"""Good files, damaged at random: found or harmless, and nothing else."""

from __future__ import annotations

import json

import pytest
from outcomes import run

#: How many cases of each kind; `python tests/attacks/fuzz.py KIND FIRST COUNT` runs others.
CASES = {
    "keras": 700,
    "keras_config": 500,
    "keras_calls": 500,
    "keras_weights": 300,
    "weights": 500,
    "tensors": 500,
    "checkpoint": 300,
    "checkpoint_state": 300,
}


@pytest.mark.parametrize("kind", CASES)
def test_damage_is_found_or_harmless(kind: str) -> None:
    *wrong, end = map(json.loads, run("fuzz.py", kind, "0", str(CASES[kind])).splitlines())
    assert wrong == []
    assert end["cases"] == CASES[kind]
    assert 0 < end["opened"] < end["cases"]
