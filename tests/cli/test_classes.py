"""Counting what was recognized, and the table of it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from galago.cli.classes import ClassResult, class_results, class_table, most_confused

NAMES = ("cat", "dog", "owl")
LABELS = np.array([0, 0, 0, 0, 1, 1, 1], dtype=np.uint8)
PREDICTIONS = np.array([0, 2, 1, 1, 1, 0, 2])
RESULTS = [
    ClassResult("cat", 4, 1, 2, "dog", 2),
    ClassResult("dog", 3, 1, 3, "cat", 1),
    ClassResult("owl", 0, 0, 2, None, 0),
]


def test_counts() -> None:
    assert class_results(LABELS, PREDICTIONS, NAMES) == RESULTS


def test_the_most_frequent_mistakes() -> None:
    assert most_confused(RESULTS) == ["cat taken for dog (2 of 4)", "dog taken for cat (1 of 3)"]
    assert most_confused(RESULTS, 1) == ["cat taken for dog (2 of 4)"]
    assert most_confused([RESULTS[2]]) == []


def test_against_counting_one_by_one() -> None:
    random = np.random.default_rng(3)
    labels, predictions = random.integers(0, 10, (2, 500))
    results = class_results(labels.astype(np.uint8), predictions, [str(k) for k in range(10)])
    for k, result in enumerate(results):
        pairs = list(zip(labels.tolist(), predictions.tolist(), strict=True))
        assert result.images == sum(label == k for label, _ in pairs)
        assert result.predicted == sum(guess == k for _, guess in pairs)
        assert result.correct == pairs.count((k, k))
        assert result.mistakes == max(pairs.count((k, j)) for j in range(10) if j != k)
        assert result.mistakes == pairs.count((k, int(result.mistaken_for or -1)))


def test_shares() -> None:
    cat, dog, owl = RESULTS
    assert (cat.recall, cat.precision) == (0.25, 0.5)
    assert dog.precision == pytest.approx(1 / 3)
    assert owl.recall is None and owl.precision == 0.0
    assert ClassResult("emu", 1, 0, 0, "cat", 1).precision is None


def shown(width: int) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=200, force_terminal=False).print(class_table(RESULTS, width))
    return text.getvalue().splitlines()


def lines(width: int) -> list[list[str]]:
    return [line.split() for line in shown(width) if line.strip(" \u2500")]


def test_the_table() -> None:
    assert lines(80) == [
        ["Class", "Images", "Correct", "Recall", "Precision", "Most", "often", "taken", "for"],
        ["cat", "4", "1", "25.0%", "50.0%", "dog", "(2)"],
        ["dog", "3", "1", "33.3%", "33.3%", "cat", "(1)"],
        ["owl", "0", "0", "-", "0.0%", "-"],
        ["All", "7", "2", "28.6%"],
    ]


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (68, "Class Images Correct Recall Precision Most often taken for"),
        (67, "Class Images Correct Recall Most often taken for"),
        (48, "Class Correct Recall Most often taken for"),
        (37, "Class Recall Most often taken for"),
        (36, "Class Recall"),
    ],
)
def test_a_narrow_table_has_fewer_columns(width: int, titles: str) -> None:
    assert lines(width)[0] == titles.split()
    assert max(map(len, shown(width))) <= width
