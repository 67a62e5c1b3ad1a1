"""The arguments that a constructor was called with, and where errors come from."""

from __future__ import annotations

from typing import Any

import pytest

from galago.layers.custom_arguments import bound, named, noted, takes


class Some:
    def __init__(self, units: int, *, rate: float = 0.5, name: str = "", **kwargs: Any) -> None:
        """Keep nothing."""


def test_what_was_given_by_name() -> None:
    assert bound(Some, (3,), {"rate": 0.1, "name": "n", "other": 1, "trainable": False}) == {
        "units": 3,
        "rate": 0.1,
        "other": 1,
    }


def test_what_does_not_fit_is_left_to_the_constructor() -> None:
    assert bound(Some, (), {}) == {}


def test_which_arguments_there_are() -> None:
    assert named(Some) == ["units", "rate", "name"]
    assert takes(Some.__init__, "rate")
    assert not takes(Some.__init__, "other")
    assert takes(Some.__init__, None)
    assert not takes(test_which_arguments_there_are, None)


def test_errors_say_where_they_were() -> None:
    with pytest.raises(KeyError) as raised, noted("outside"), noted("inside"):
        raise KeyError
    assert raised.value.__notes__ == ["inside", "outside"]
