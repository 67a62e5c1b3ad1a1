"""Pipelines: what each step gives, how often, in which order, and what is known of its length."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import galago
from galago.data import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Dataset
from galago.errors import ArgumentError, DataError


def numbers(count: int) -> Dataset:
    return Dataset.from_tensor_slices(np.arange(count))


def listed(data: Dataset) -> list[int]:
    return [int(element) for element in data]


class TestSources:
    def test_rows_of_an_array_are_not_copied(self) -> None:
        x = np.arange(12).reshape(3, 4)
        found = list(Dataset.from_tensor_slices(x))
        assert [row.tolist() for row in found] == x.tolist()
        assert np.shares_memory(found[1], x)

    def test_rows_of_several_arrays(self) -> None:
        data = Dataset.from_tensor_slices((np.zeros((3, 2)), [1, 2, 3], np.ones(3)))
        assert len(data) == 3
        assert [[part.shape for part in element] for element in data] == [[(2,), (), ()]] * 3

    def test_a_generator_is_called_for_each_pass(self) -> None:
        calls: list[int] = []

        def generator() -> Iterator[int]:
            calls.append(1)
            return iter(range(3))

        data = Dataset.from_generator(generator)
        assert (list(data), list(data), len(calls)) == ([0, 1, 2], [0, 1, 2], 2)
        assert data.cardinality() == UNKNOWN_CARDINALITY


class TestSteps:
    def test_map(self) -> None:
        assert listed(numbers(3).map(lambda x: x * x)) == [0, 1, 4]
        pairs = Dataset.from_tensor_slices(([1, 2], [3, 4])).map(lambda x, y: (x + y, y))
        assert [tuple(map(int, pair)) for pair in pairs] == [(4, 3), (6, 4)]

    def test_batches_of_arrays(self) -> None:
        data = numbers(7).batch(3)
        assert [batch.tolist() for batch in data] == [[0, 1, 2], [3, 4, 5], [6]]
        assert (len(data), len(numbers(6).batch(3))) == (3, 2)

    def test_batches_without_the_short_one(self) -> None:
        data = numbers(7).batch(3, drop_remainder=True)
        assert [batch.tolist() for batch in data] == [[0, 1, 2], [3, 4, 5]]
        assert len(data) == 2

    def test_batches_of_tuples(self) -> None:
        x = np.arange(20, dtype=np.uint8).reshape(5, 2, 2)
        first = next(iter(Dataset.from_tensor_slices((x, np.arange(5))).batch(4)))
        assert isinstance(first, tuple)
        np.testing.assert_array_equal(first[0], x[:4])
        assert first[0].dtype == np.uint8
        assert first[1].tolist() == [0, 1, 2, 3]

    def test_take_and_skip(self) -> None:
        assert listed(numbers(5).take(2)) == [0, 1]
        assert listed(numbers(5).skip(3)) == [3, 4]
        assert listed(numbers(5).skip(9)) == listed(numbers(5).take(0)) == []

    def test_repeat(self) -> None:
        assert listed(numbers(2).repeat(3)) == [0, 1] * 3
        assert listed(numbers(2).repeat(0)) == listed(numbers(0).repeat()) == []
        assert listed(numbers(2).repeat().take(5)) == [0, 1, 0, 1, 0]

    def test_cache_runs_what_is_before_it_once(self) -> None:
        made: list[int] = []
        data = numbers(3).map(lambda x: made.append(int(x)) or x).cache()  # type: ignore[func-returns-value]
        first, again = iter(data), iter(data)
        next(first), next(again)
        assert made == [0, 0]  # a pass that has not come to its end is not kept
        assert len(list(first)) == 2
        assert listed(data) == listed(data) == [0, 1, 2]
        assert made == [0, 0, 1, 2]

    def test_prefetch_keeps_the_order_and_works_ahead(self) -> None:
        reached = threading.Event()

        def seen(x: Any) -> Any:
            if x == 3:
                reached.set()
            return x

        passing = iter(numbers(20).map(seen).prefetch(3))
        assert int(next(passing)) == 0
        assert reached.wait(10)
        assert [int(x) for x in passing] == list(range(1, 20))

    def test_an_error_comes_where_its_element_would_have(self) -> None:
        def fail(x: Any) -> Any:
            if x == 2:
                raise KeyError("two")
            return x

        passing = iter(numbers(4).map(fail).prefetch(8))
        assert [int(next(passing)), int(next(passing))] == [0, 1]
        with pytest.raises(KeyError, match="two"):
            next(passing)
        assert list(passing) == []

    @pytest.mark.parametrize("end", ["dropped", "closed", "used up"])
    def test_no_thread_of_a_pass_stays(self, end: str) -> None:
        before = threading.active_count()
        passing = numbers(9).prefetch(2).batch(2).shuffle(2).repeat(2).iterate(0)
        next(passing)
        assert threading.active_count() == before + 1
        if end == "closed":
            passing.close()  # type: ignore[attr-defined]
        elif end == "used up":
            list(passing)
        else:
            del passing
        assert threading.active_count() == before


class TestShuffle:
    def test_every_element_once_in_another_order_each_pass(self) -> None:
        data = numbers(20).shuffle(20)
        passes = [listed(data) for _ in range(3)]
        assert all(sorted(order) == list(range(20)) for order in passes)
        assert len(set(map(tuple, passes))) == 3

    def test_orders_depend_on_the_seed(self) -> None:
        found = []
        for seed in (1, 1, 2):
            galago.set_seed(seed)
            data = numbers(9).shuffle(9)
            found.append([listed(data), listed(data)])
        assert found[0] == found[1] != found[2]
        fixed = [listed(numbers(9).shuffle(9, seed=7)) for _ in range(2)]
        assert fixed[0] == fixed[1]

    def test_two_shuffles_do_not_go_together(self) -> None:
        one, two = (numbers(30).shuffle(30) for _ in range(2))
        assert listed(one) != listed(two)

    def test_the_same_order_each_time(self) -> None:
        data = numbers(9).shuffle(9, reshuffle_each_iteration=False)
        assert listed(data) == listed(data) != list(range(9))

    def test_the_order_of_a_draw(self) -> None:
        data = numbers(9).shuffle(9)
        listed(data)
        assert list(data.iterate(5)) == list(data.iterate(5)) != list(data.iterate(6))

    def test_repetitions_have_orders_of_their_own(self) -> None:
        data = numbers(9).shuffle(9)
        once, many = list(data.iterate(4)), list(data.repeat(3).iterate(4))
        assert many[:9] == once
        assert len({tuple(many[start : start + 9]) for start in (0, 9, 18)}) == 3

    def test_a_small_buffer_looks_little_ahead(self) -> None:
        order = listed(numbers(1000).shuffle(10, seed=1))
        assert sorted(order) == list(range(1000))
        assert all(element <= place + 9 for place, element in enumerate(order))
        assert order != sorted(order)

    def test_it_is_fair(self) -> None:
        data = numbers(3).shuffle(3, seed=1)
        orders = [tuple(map(int, data.iterate(draw))) for draw in range(6000)]
        counts = [orders.count(order) for order in itertools.permutations(range(3))]
        assert all(900 < count < 1100 for count in counts)  # 1000 each, deviation 29

    def test_the_orders_are_fixed_for_good(self) -> None:
        data = numbers(8).shuffle(5, seed=3)
        assert [listed(data), listed(data)] == ORDERS


ORDERS = [[4, 3, 1, 5, 2, 6, 0, 7], [1, 2, 0, 7, 4, 5, 6, 3]]


#: Steps, and what each does to a list.
STEPS: list[tuple[Callable[[Dataset], Dataset], Callable[[list[Any]], list[Any]]]] = [
    (lambda d: d.take(4), lambda e: e[:4]),
    (lambda d: d.skip(2), lambda e: e[2:]),
    (lambda d: d.repeat(2), lambda e: e * 2),
    (lambda d: d.map(lambda x: x + 1), lambda e: [x + 1 for x in e]),
    (lambda d: d.cache(), lambda e: e),
    (lambda d: d.prefetch(2), lambda e: e),
    (lambda d: d.repeat().take(3), lambda e: (e * 3)[:3]),
]


@settings(deadline=None)  # threads start
@given(st.integers(0, 6), st.lists(st.sampled_from(STEPS), max_size=5))
def test_steps_do_what_they_do_to_lists_and_know_how_many(count: int, chosen: list[Any]) -> None:
    data, expected = numbers(count), list(range(count))
    for step, model in chosen:
        data, expected = step(data), model(expected)
    assert listed(data) == listed(data) == expected
    assert len(data) == data.cardinality() == len(expected)


def test_lengths_that_are_not_known() -> None:
    endless, unknown = numbers(3).repeat(), Dataset.from_generator(lambda: range(3))
    for step in (lambda d: d.batch(2), lambda d: d.skip(1), lambda d: d.shuffle(2)):
        assert step(endless).cardinality() == INFINITE_CARDINALITY
        assert step(unknown).cardinality() == UNKNOWN_CARDINALITY
    assert unknown.take(2).cardinality() == unknown.repeat(2).cardinality() == UNKNOWN_CARDINALITY
    assert unknown.repeat().cardinality() == endless.repeat(2).cardinality() == INFINITE_CARDINALITY
    assert unknown.repeat(0).cardinality() == endless.repeat(0).cardinality() == 0
    assert (endless.take(7).cardinality(), unknown.take(0).cardinality()) == (7, 0)
    with pytest.raises(TypeError) as caught:
        len(endless)
    assert str(caught.value) == (
        "Dataset: its length is infinite. Ask cardinality(), or use take(count)."
    )
    with pytest.raises(TypeError, match="Dataset: its length is unknown"):
        len(unknown)
    shown = [repr(data) for data in (endless, unknown, numbers(3))]
    assert shown == [
        "<Dataset of infinite elements>",
        "<Dataset of unknown elements>",
        "<Dataset of 3 elements>",
    ]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: Dataset.from_tensor_slices((np.zeros(3), np.zeros(4))),
            DataError,
            "from_tensor_slices(): expected arrays with equally many rows, received [3, 4]. "
            "Pass one label for each example.",
        ),
        (
            lambda: Dataset.from_tensor_slices(5),
            DataError,
            "from_tensor_slices(): expected an array or a tuple of arrays, received int. Pass for "
            "example (x, y), with one row for each example.",
        ),
        (
            lambda: Dataset.from_tensor_slices(()),
            DataError,
            "from_tensor_slices(): expected an array or a tuple of arrays, received tuple. Pass "
            "for example (x, y), with one row for each example.",
        ),
        (
            lambda: Dataset.from_generator(iter([1])),  # type: ignore[arg-type]
            ArgumentError,
            "from_generator(): expected a function that returns an iterator, received "
            "list_iterator. Pass the generator function itself, not its call.",
        ),
        (
            lambda: numbers(3).map(3),  # type: ignore[arg-type]
            ArgumentError,
            "map(): expected a function of an element, received 3. Pass a function.",
        ),
        (
            lambda: numbers(3).batch(0),
            ArgumentError,
            "batch(): batch_size must be a whole number of at least 1, received 0. Pass an int, "
            "such as batch_size=1.",
        ),
        (
            lambda: list(Dataset.from_generator(lambda: [np.zeros(2), np.zeros(3)]).batch(2)),
            DataError,
            "batch(): expected elements of one shape, received different ones: (2,), (3,). Bring "
            "them to one shape with map() before.",
        ),
        (
            lambda: list(Dataset.from_generator(lambda: [(1, 2), (1, 2, 3)]).batch(2)),
            DataError,
            "batch(): expected elements of one shape, received different ones. Bring them to one "
            "shape with map() before.",
        ),
    ],
)
def test_errors(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["shuffle", "take", "skip", "repeat", "prefetch"])
def test_counts_are_whole_numbers(name: str) -> None:
    with pytest.raises(ArgumentError, match=rf"{name}\(\): \w+ must be a whole number"):
        getattr(numbers(3), name)(1.5)
