"""Batches by epochs: how a pass goes on over several, and what is said when data runs out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from galago.errors import DataError, GalagoWarning
from galago.training.adapters import Examples
from galago.training.feed import Feed
from galago.training.feeding import array_feed, batching
from galago.training.streams import recognized

DATA = Examples((np.arange(10),), (np.arange(10),))


class Loader:
    """Batches of one row, whose number it is; `counts` are the lengths of its passes."""

    def __init__(self, *counts: int) -> None:
        self.counts = list(counts)

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.counts.pop(0)))


def fed(given: Any, asked: int | None = None) -> Feed:
    source = recognized(given, "fit()")
    source.read = lambda batch, number: Examples((np.array([batch]),), (np.zeros(1),))
    return Feed(source, asked, "fit()", "steps_per_epoch")


def epoch(feed: Feed, most: int = 1, draw: int = 0, **how: bool) -> list[list[int]]:
    """The rows of each portion."""
    feed.begin(draw, **how)
    found = []
    while (portion := feed.take(most)) is not None:
        found.append(portion.examples.x[0][portion.rows].tolist())
    feed.end()
    return found


class TestArrays:
    def test_many_batches_at_a_time(self) -> None:
        feed = array_feed(DATA, batching(4, None, "fit()"), "fit()")
        assert feed.steps == feed.total == 3
        assert epoch(feed) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
        assert epoch(feed, most=2) == [[0, 1, 2, 3, 4, 5, 6, 7], [8, 9]]
        assert epoch(feed, most=9) == [list(range(10))]

    def test_no_more_than_an_epoch_at_a_time(self) -> None:
        feed = array_feed(DATA, batching(2, 3, "fit()"), "fit()")
        assert epoch(feed, most=9) == [[0, 1, 2, 3, 4, 5]]
        with pytest.warns(GalagoWarning):
            assert epoch(feed, most=9) == [[6, 7, 8, 9]]

    def test_the_order_is_drawn_when_a_pass_starts(self) -> None:
        feed = array_feed(DATA, batching(5, 1, "fit()"), "fit()", shuffle=True)
        first, rest = epoch(feed, draw=7), epoch(feed, draw=8)
        whole = array_feed(DATA, batching(5, None, "fit()"), "fit()", shuffle=True)
        assert first + rest == epoch(whole, draw=7) != epoch(whole, draw=8)

    def test_anew(self) -> None:
        feed = array_feed(DATA, batching(4, 1, "fit()"), "fit()")
        assert epoch(feed) == epoch(feed, anew=True) == [[0, 1, 2, 3]]
        assert epoch(feed) == [[4, 5, 6, 7]]

    @pytest.mark.parametrize(("steps", "size"), [(None, 32), (4, 3), (20, 1)])
    def test_the_batch_size_if_none_is_given(self, steps: int | None, size: int) -> None:
        assert batching(None, steps, "fit()").size_for(10) == size
        assert batching(7, steps, "fit()").size_for(10) == 7


class TestUnknownLength:
    def test_the_first_pass_tells(self) -> None:
        feed = fed(Loader(3, 3))
        assert feed.steps is None
        assert epoch(feed) == [[0], [1], [2]]
        assert feed.steps == feed.total == 3
        assert epoch(feed) == [[0], [1], [2]]

    def test_but_it_does_not_bind(self) -> None:
        feed = fed(Loader(2, 3, 1))
        seen = []
        for _ in range(3):
            feed.begin(0)
            while feed.take(1) is not None:
                seen.append(feed.steps)
        assert seen == [None, None, 2, 2, None, 3]
        assert feed.total == 1

    def test_a_pass_that_ends_where_an_epoch_does(self) -> None:
        feed = fed(Loader(2, 2), asked=2)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert epoch(feed) == epoch(feed) == [[0], [1]]

    def test_a_later_pass_without_data(self) -> None:
        feed = fed(Loader(1, 0, 0))
        epoch(feed)
        with pytest.raises(DataError, match="received a Loader that gives none"):
            epoch(feed)


def test_an_early_end_is_warned_of_once() -> None:
    feed = fed(Loader(2, 2), asked=3)
    with pytest.warns(GalagoWarning) as caught:
        assert epoch(feed) == epoch(feed) == [[0], [1]]
    assert [str(warning.message) for warning in caught] == [
        "fit(): expected 3 batches in an epoch, received 2: the Loader ran out of data. Lower "
        "steps_per_epoch, or pass data with more batches, such as dataset.repeat()."
    ]


def test_an_iterator_that_is_used_up_is_warned_of_once() -> None:
    feed = fed(iter([5, 6]))
    assert not feed.spent()
    assert epoch(feed) == [[5], [6]]
    with pytest.warns(GalagoWarning) as caught:
        assert [feed.spent(), feed.spent()] == [True, True]
    assert [str(warning.message) for warning in caught] == [
        "fit(): expected batches for another epoch, received none: the generator has been used "
        "up. Set steps_per_epoch, or pass data that can be read again, such as a Dataset or a "
        "PyDataset of galago.data."
    ]


def test_an_iterator_that_steps_have_used_up() -> None:
    feed = fed(iter([5, 6]), asked=1)
    assert [epoch(feed), epoch(feed)] == [[[5]], [[6]]]
    with pytest.warns(GalagoWarning, match="used up. Lower steps_per_epoch, or pass data that"):
        assert feed.spent()


def test_nothing_at_all() -> None:
    feed = fed(iter([]))
    assert not feed.spent()
    with pytest.raises(DataError) as caught:
        epoch(feed)
    assert str(caught.value) == (
        "fit(): expected at least one batch, received a generator that gives none. Check what it "
        "is made of; an iterator can be used once only."
    )


def test_nothing_that_is_known_before() -> None:
    class Empty(Loader):
        def __len__(self) -> int:
            return 0

    with pytest.raises(DataError, match="received a Empty that gives none"):
        fed(Empty())


def test_the_length_may_change_between_epochs() -> None:
    class Growing(Loader):
        def __len__(self) -> int:
            return self.counts[0]

    feed = fed(Growing(1, 2, 9))
    assert [epoch(feed), epoch(feed)] == [[[0]], [[0], [1]]]


def test_closing_ends_the_pass() -> None:
    closed: list[bool] = []

    class Watched:
        def __iter__(self) -> Iterator[int]:
            try:
                yield from range(9)
            finally:
                closed.append(True)

    feed = fed(Watched())
    feed.begin(0)
    feed.take(1)
    feed.close()
    feed.close()
    assert closed == [True]
