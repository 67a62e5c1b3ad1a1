"""Callbacks do what Keras's do with the same logs, to the line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from keras_callback_cases import TABLES, cases, table, trace

import galago
from galago.metrics import METRICS

STORED: dict[str, Any] = json.loads((Path(__file__).parent / "keras_callbacks.json").read_text())
CASES = list(zip(cases(), STORED["traces"], strict=True))
KINDS = sorted({case["class"] for case, _ in CASES})


def same(value: Any) -> str:
    """Text that is equal for equal values, NaN included."""
    return json.dumps(value)


@pytest.mark.parametrize("kind", KINDS)
def test_traces(kind: str) -> None:
    for case, expected in CASES:
        if case["class"] == kind:
            assert same(trace(galago, case)) == same(expected), case


@pytest.mark.parametrize("restart", range(5))
def test_a_callback_goes_on_from_its_state(restart: int) -> None:
    for case, expected in CASES:
        assert same(trace(galago, case, restart)) == same(expected), case


def test_the_cases_see_the_rare_things() -> None:
    told = json.dumps(STORED["traces"])
    for words in ("early stopping", "Restoring", "reducing", "did not improve", "from None to"):
        assert words in told


@pytest.mark.parametrize("place", range(len(TABLES)))
def test_tables(place: int) -> None:
    assert table(galago, TABLES[place]) == STORED["tables"][place]


@pytest.mark.parametrize("name", sorted(set(METRICS) & set(STORED["directions"])))
def test_which_way_a_metric_is_better(name: str) -> None:
    assert METRICS[name].better == STORED["directions"][name]


def test_only_the_confusion_matrix_is_not_of_keras() -> None:
    assert set(METRICS) - set(STORED["directions"]) == {"ConfusionMatrix"}
    assert METRICS["ConfusionMatrix"].better is None
