"""Which epochs are validated."""

from __future__ import annotations

from typing import Any

import pytest

from galago.errors import ArgumentError
from galago.training.schedule import schedule


@pytest.mark.parametrize(
    ("frequency", "validated"),
    [
        (1, [0, 1, 2, 3, 4, 5]),
        (2, [1, 3, 5]),
        (7, []),
        ([1, 6, 9], [0, 5]),
        ((2,), [1]),
        ({3}, [2]),
        (range(2, 4), [1, 2]),
        ([], []),
    ],
)
def test_validated_epochs(frequency: Any, validated: list[int]) -> None:
    planned = schedule(6, 0, frequency, live=True)
    assert [epoch for epoch in range(6) if planned.validates(epoch)] == validated


@pytest.mark.parametrize("frequency", [0, 1.5, "2", None, [1, 0]])
def test_errors(frequency: Any) -> None:
    wrong = 0 if frequency == [1, 0] else frequency
    with pytest.raises(ArgumentError) as caught:
        schedule(6, 0, frequency, live=True)
    assert str(caught.value) == (
        f"fit(): validation_freq must be a whole number of at least 1, received {wrong!r}. Pass "
        "an int, such as validation_freq=1."
    )
