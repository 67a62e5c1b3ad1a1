"""What is taken for batches, and how each kind is gone through."""

from __future__ import annotations

import array
from collections import deque
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest

import galago
from galago.data import Dataset, PyDataset
from galago.errors import ArgumentError, DataError
from galago.training.adapters import Examples
from galago.training.format import Given
from galago.training.streams import (
    DatasetStream,
    IterableStream,
    IteratorStream,
    PyDatasetStream,
    Stream,
    recognized,
)


class Loader:
    """As PyTorch's DataLoader: a length, and a new iterator each time."""

    def __len__(self) -> int:
        return 3

    def __iter__(self) -> Iterator[int]:
        return iter(range(3))


class Sequence:
    """As keras.utils.Sequence of earlier releases: no base class of ours, no on_epoch_begin."""

    def __init__(self) -> None:
        self.ended = 0

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> int:
        return 10 * index

    def on_epoch_end(self) -> None:
        self.ended += 1


class Single:
    """As PyTorch's Dataset: examples by number."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> int:
        return index


class Converting:
    """As tensors and data frames: NumPy can read it, and it can be iterated."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.zeros(3)

    def __iter__(self) -> Iterator[int]:
        return iter(range(3))


class Exporting:
    """As arrays that only know DLPack."""

    def __init__(self) -> None:
        self.values = np.arange(3.0)

    def __dlpack__(self, **options: Any) -> Any:
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.values.__dlpack_device__()


@pytest.mark.parametrize(
    "x",
    [
        None,
        5,
        "text",
        b"bytes",
        {"x": 1},
        [1, 2],
        (1, 2),
        range(3),
        deque([1]),
        np.zeros(3),
        array.array("f", [1.0]),
        memoryview(b"123"),
        bytearray(3),
        Converting(),
        Exporting(),
    ],
)
def test_what_is_an_array_or_no_data_stays(x: Any) -> None:
    assert recognized(x, "fit()") is x


@pytest.mark.parametrize(
    ("x", "kind"),
    [
        ((number for number in range(3)), IteratorStream),
        (iter([1]), IteratorStream),
        (map(str, range(3)), IteratorStream),
        (Loader(), IterableStream),
        (Dataset.from_tensor_slices([1]), DatasetStream),
        (PyDataset(), PyDatasetStream),
        (Sequence(), PyDatasetStream),
    ],
)
def test_what_gives_batches(x: Any, kind: type[Stream]) -> None:
    assert type(recognized(x, "fit()")) is kind


def test_examples_by_number_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        recognized(Single(), "fit()")
    assert str(caught.value) == (
        "fit(): expected arrays or something that gives batches, received Single, which gives "
        "single examples. Wrap it: DataLoader(data, batch_size=32)."
    )


def batches(source: Stream, draw: int = 0) -> list[Any]:
    return list(source.iterate(draw))


class TestIterator:
    def test_it_goes_on_where_it_stopped(self) -> None:
        source = recognized(iter(range(5)), "fit()")
        first = source.iterate(0)
        assert [next(first), next(first)] == [0, 1]
        first.close()
        assert batches(source) == [2, 3, 4]
        assert source.batches() is None

    def test_looking_uses_nothing_up(self) -> None:
        source = recognized(iter(range(2)), "fit()")
        assert [source.peek("fit()"), source.peek("fit()"), source.spent()] == [0, 0, False]
        assert batches(source) == [0, 1]
        assert source.spent()
        with pytest.raises(DataError, match="received a generator that gives none"):
            source.peek("fit()")

    def test_no_more_is_fetched_than_used(self) -> None:
        given = iter(range(5))
        source = recognized(given, "fit()")
        passing = source.iterate(0)
        next(passing), next(passing)
        assert next(given) == 2


class TestIterable:
    def test_each_pass_is_new(self) -> None:
        source = recognized(Loader(), "fit()")
        assert batches(source) == batches(source) == [0, 1, 2]
        assert (source.batches(), source.kind, source.peek("fit()")) == (3, "Loader", 0)
        assert not source.spent()


class TestDataset:
    def test_the_order_is_that_of_the_draw(self) -> None:
        data = Dataset.from_tensor_slices(range(9)).shuffle(9)
        source = recognized(data, "fit()")
        assert batches(source, 3) == list(data.iterate(3)) != batches(source, 4)
        assert (source.batches(), source.endless) == (9, False)
        assert recognized(data.repeat(), "fit()").endless


class Numbers(PyDataset):
    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> int:
        return index


class TestPyDataset:
    def test_batches_by_number(self) -> None:
        source = recognized(Sequence(), "fit()")
        assert batches(source) == [0, 10, 20, 30]
        assert (source.batches(), source.peek("fit()")) == (4, 0)
        source.begin_epoch()
        source.end_epoch()
        assert source.given.ended == 1

    @pytest.mark.parametrize("workers", [0, 1, 3])
    def test_shuffled_by_the_seed_and_the_draw(self, workers: int) -> None:
        source = recognized(Numbers(workers=workers), "fit()")
        source.shuffle = True
        galago.set_seed(1)
        order = batches(source, 5)
        assert sorted(order) == list(range(8))
        assert order == batches(source, 5) != batches(source, 6)
        assert order != list(range(8))

    @pytest.mark.parametrize("workers", [1, 2])
    def test_without_an_end(self, workers: int) -> None:
        class Endless(Numbers):
            num_batches: ClassVar[None] = None  # as Keras says it

            def __len__(self) -> int:
                raise TypeError

        source = recognized(Endless(workers=workers), "fit()")
        passing = source.iterate(0)
        assert [next(passing) for _ in range(20)] == list(range(20))
        assert source.batches() is None

    def test_keras_says_its_length_otherwise(self) -> None:
        class Sized(Numbers):
            num_batches = 3

        assert batches(recognized(Sized(), "fit()")) == [0, 1, 2]

    def test_an_empty_one(self) -> None:
        class Empty(Numbers):
            def __len__(self) -> int:
                return 0

        with pytest.raises(DataError, match="received a PyDataset that gives none"):
            recognized(Empty(), "fit()").peek("fit()")


@pytest.mark.parametrize(("given", "name"), [({"y": 1}, "y"), ({"weights": 1}, "sample_weight")])
def test_labels_come_with_the_batches(given: dict[str, int], name: str) -> None:
    source = recognized(iter([]), "fit()")
    with pytest.raises(ArgumentError) as caught:
        source.require_alone(Given(source, **given), "fit()")
    assert str(caught.value) == (
        "fit(): expected x alone, as the generator gives whole batches, received "
        f"{name} too. Let it give (x, y) or (x, y, sample_weight)."
    )


def test_a_pass_reads_each_batch_and_knows_its_number() -> None:
    numbers: list[int] = []

    def read(batch: Any, number: int) -> Examples:
        numbers.append(number)
        return Examples((np.zeros((batch, 1)),), (np.zeros(batch),))

    source = recognized(iter([3, 1]), "fit()")
    source.read = read
    passing = source.open(0)
    first = passing.take(9)
    assert (first.start, first.stop, first.batch, first.rows.tolist()) == (0, 3, 3, [0, 1, 2])
    assert passing.take(9).steps == 1
    assert passing.take(9) is None
    assert numbers == [0, 1]


def test_an_error_of_the_source_says_where_it_came_from() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise KeyError("lost")

    source = recognized(broken(), "fit()")
    source.read = lambda batch, number: Examples((np.zeros((1, 1)),), (np.zeros(1),))
    passing = source.open(0)
    passing.take(1)
    with pytest.raises(KeyError, match="lost") as caught:
        passing.take(1)
    assert caught.value.__notes__ == ["The generator raised this instead of batch 1."]
