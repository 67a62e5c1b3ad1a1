"""The base of data that makes each batch by itself."""

from __future__ import annotations

from typing import Any

import pytest

from galago.data import PyDataset
from galago.errors import ArgumentError


class Numbers(PyDataset):
    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        return index * 10


def test_it_is_iterated_by_number() -> None:
    assert list(Numbers()) == list(Numbers()) == [0, 10, 20]


def test_hooks_do_nothing_by_themselves() -> None:
    data = Numbers(workers=2, max_queue_size=3)
    data.on_epoch_begin()
    data.on_epoch_end()
    assert (data.workers, data.max_queue_size) == (2, 3)


def test_what_has_to_be_overridden() -> None:
    for ask in (len, lambda data: data[0]):
        with pytest.raises(NotImplementedError):
            ask(PyDataset())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"use_multiprocessing": True},
            "Numbers: expected use_multiprocessing=False, received True. Batches are made by "
            "threads: set workers, and let NumPy or the image library do the work in them.",
        ),
        (
            {"workers": -1},
            "Numbers: workers must be a whole number of at least 0, received -1. Pass an int, such "
            "as workers=1.",
        ),
        (
            {"max_queue_size": 0},
            "Numbers: max_queue_size must be a whole number of at least 1, received 0. Pass an "
            "int, such as max_queue_size=1.",
        ),
    ],
)
def test_errors(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Numbers(**arguments)
    assert str(caught.value) == message
