"""What a file may cost."""

from __future__ import annotations

import pytest

from galago.errors import FileFormatError
from galago.saving.budget import Budget


def test_what_is_left_is_a_constant_and_some_times_the_size() -> None:
    assert Budget(1000, "net.keras").left - Budget(0, "net.keras").left == 4000
    assert Budget(0, "net.keras").left == 12 << 20


def test_what_is_taken_is_gone() -> None:
    budget = Budget(0, "net.keras")
    budget.take(10 << 20, "weights")
    budget.take(2 << 20, "weights")
    assert budget.left == 0
    with pytest.raises(FileFormatError) as caught:
        budget.take(1, "layers")
    assert str(caught.value) == (
        "net.keras: expected a file that takes 16 MB and 4 times its size of memory at most, found "
        "0 bytes whose layers would take more. Such files are made to fill the memory; get another "
        "copy."
    )
