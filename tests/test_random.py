"""Random numbers by counter."""

from __future__ import annotations

import json

import numpy as np
import pytest

import galago
from galago import random
from galago.errors import ArgumentError


def test_the_words_are_fixed_for_good() -> None:
    words = random.bits(3, random.WEIGHTS, 5, seed=42).tolist()
    assert words == [5170134968509957807, 5172245347008536936, 16798672476565319533]


def test_uniform_numbers_are_fixed_for_good() -> None:
    random.set_seed(7)
    values = random.uniform((3,), 0.0, 1.0, random.WEIGHTS, 1)
    assert values == pytest.approx([0.5058618, 0.92715973, 0.1772861], abs=5e-9)


def test_permutations_are_fixed_for_good() -> None:
    random.set_seed(7)
    assert random.permutation(8, random.SHUFFLE, 0).tolist() == [6, 7, 4, 0, 1, 5, 3, 2]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 255, 256, 257, 60000])
def test_a_permutation_holds_each_number_once(count: int) -> None:
    order = random.permutation(count, random.SHUFFLE, 3)
    assert order.dtype == np.int64
    assert np.array_equal(np.sort(order), np.arange(count))


def test_permutations_are_fair() -> None:
    orders = np.stack([random.permutation(6, random.SHUFFLE, k) for k in range(6000)])
    counts = np.stack([(orders == value).sum(axis=0) for value in range(6)])
    assert np.abs(counts - 1000).max() < 150  # five standard deviations of a fair one


def test_every_part_of_the_key_counts() -> None:
    random.set_seed(1)
    keys = [
        random.bits(2, 1, 0, 0),
        random.bits(2, 2, 0, 0),
        random.bits(2, 1, 1, 0),
        random.bits(2, 1, 0, 1),
        random.bits(2, 1, 0, 0, seed=2),
        random.bits(2, 1, 0, 0, seed=1 + 2**64),
    ]
    assert len({tuple(words.tolist()) for words in keys}) == len(keys)


def test_neighbouring_counters_do_not_overlap() -> None:
    one, other = random.bits(1000, 1, 4), random.bits(1000, 1, 5)
    assert not set(one.tolist()) & set(other.tolist())


def test_uniform_numbers_fill_the_interval() -> None:
    values = random.uniform((100, 100), -2.0, 3.0, random.WEIGHTS, 1)
    assert values.shape == (100, 100)
    assert -2.0 <= values.min() < -1.99
    assert 2.99 < values.max() < 3.0
    assert values.mean() == pytest.approx(0.5, abs=0.06)


def test_without_a_seed_there_is_fresh_entropy(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = set()
    for _ in range(2):
        monkeypatch.setattr(random, "_seed", None)
        seeds.add(random.current_seed())
        assert random.current_seed() in seeds
    assert len(seeds) == 2


def test_a_seed_is_a_whole_number() -> None:
    with pytest.raises(ArgumentError) as caught:
        galago.set_seed("7")  # type: ignore[arg-type]
    assert str(caught.value) == (
        "set_seed(): seed must be a whole number of at least 0, received '7'. "
        "Pass an int, such as seed=1."
    )


def test_a_state_brings_the_same_draws_back() -> None:
    random.set_seed(2**70 + 3)
    random.next_draw(random.WEIGHTS)
    random.next_draw(random.DROPOUT)
    state = json.loads(json.dumps(random.get_state()))
    expected = random.permutation(9, random.SHUFFLE, 1).tolist()
    random.set_seed(1)
    random.next_draw(random.SHUFFLE)
    random.set_state(state)
    assert random.permutation(9, random.SHUFFLE, 1).tolist() == expected
    assert [random.next_draw(stream) for stream in (1, 2, 3)] == [2, 1, 2]
