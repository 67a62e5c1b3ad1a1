"""Tables of names, and answers to wrong ones."""

from __future__ import annotations

import pytest

from galago.activations import ACTIVATIONS
from galago.errors import UnknownNameError
from galago.registry import look_up, nearest


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("rellu", " Did you mean 'relu'?"),
        ("ReLU", " Did you mean 'relu'?"),
        ("soft_max", " Did you mean 'softmax'?"),
        ("xyzzy", ""),
        (None, ""),
        (3, ""),
    ],
)
def test_nearest(name: object, hint: str) -> None:
    assert nearest(name, ACTIVATIONS) == hint


def test_look_up_says_what_is_known() -> None:
    with pytest.raises(UnknownNameError) as caught:
        look_up({"valid": 1, "same": 2}, 7, kind="padding")
    assert str(caught.value) == "expected a known padding, received 7. Known: valid, same."
    with pytest.raises(UnknownNameError, match="received \\['valid'\\]"):
        look_up({"valid": 1}, ["valid"], kind="padding")


def test_no_name_is_near_a_very_long_one() -> None:
    assert nearest("relu" + "u" * 1_000_000, ACTIVATIONS) == ""
