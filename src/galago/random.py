"""Random numbers by counter: a value depends on the seed and on where it is used, nothing else.

Only raw bits of the Philox generator are taken from NumPy (their stream is fixed for good);
uniform and normal numbers and permutations are made of them here, so that neither a NumPy release
nor another CPU can change them. Philox: Salmon et al., "Parallel random numbers: as easy as 1, 2,
3", SC 2011.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from galago.checks import MOST_SEED, whole
from galago.quantile import normal_quantile

#: What the numbers are for. Two streams of one seed have nothing in common.
WEIGHTS, SHUFFLE, DROPOUT, DATA = 1, 2, 3, 4
#: Of files in a folder: which are for validation, and in which order they come.
FILES = 6

_WORD = 1 << 64
#: The share of normal numbers that lie below -2.
_BELOW_MINUS_TWO = 0.022750131948179207
_seed: int | None = None
_draws: dict[int, int] = {}


def set_seed(seed: int) -> None:
    """Fix every random choice made from now on: weights of new layers, shuffled epochs.

    Without a call the seed is fresh entropy of the system.

    Arguments:
        seed: a whole number from 0
    Raises ArgumentError.

    >>> from galago import applications
    >>> weights = []
    >>> for _ in range(2):
    ...     set_seed(1)
    ...     weights.append(applications.lenet5().get_weights()[0])
    >>> (weights[0] == weights[1]).all().item()
    True
    """
    global _seed
    _seed = whole(seed, "seed", "set_seed()", minimum=0, maximum=MOST_SEED)
    _draws.clear()


def current_seed() -> int:
    """Return the seed in use, drawn from the system at first need."""
    global _seed
    if _seed is None:
        _seed = int.from_bytes(os.urandom(8), "little")
    return _seed


def get_state() -> dict[str, Any]:
    """Return the seed and how much was drawn of each stream, for a checkpoint."""
    return {"seed": current_seed(), "draws": [[*pair] for pair in sorted(_draws.items())]}


def set_state(state: Mapping[str, Any]) -> None:
    """Take over what get_state() returned: what is drawn next is what would have been then.

    Raises ArgumentError for numbers that are none.

    >>> state = get_state()
    >>> first = next_draw(WEIGHTS)
    >>> set_state(state)
    >>> next_draw(WEIGHTS) == first
    True
    """
    draws = {
        whole(stream, "stream", "set_state()"): whole(count, "count", "set_state()")
        for stream, count in state["draws"]
    }
    set_seed(state["seed"])
    _draws.update(draws)


def next_draw(stream: int) -> int:
    """Count what was drawn of a stream since the seed was set, such as sets of weights."""
    _draws[stream] = _draws.get(stream, 0) + 1
    return _draws[stream]


def bits(
    count: int, stream: int, *counters: int, seed: int | None = None
) -> npt.NDArray[np.uint64]:
    """Return `count` random 64-bit words for a stream and up to two counters."""
    from numpy.random import Philox

    seed = current_seed() if seed is None else seed
    # The key holds the seed and the stream; a seed beyond 64 bits moves into the last counter.
    words = [0, *counters, 0, 0][:3]
    counter = np.array([*words, seed // _WORD % _WORD], dtype=np.uint64)
    key = np.array([seed % _WORD, stream], dtype=np.uint64)
    return np.asarray(Philox(counter=counter, key=key).random_raw(count), dtype=np.uint64)


def uniform(
    shape: tuple[int, ...],
    low: float,
    high: float,
    stream: int,
    *counters: int,
    seed: int | None = None,
) -> npt.NDArray[np.float64]:
    """Return numbers drawn evenly from [low, high), with 53 random bits each."""
    words = bits(int(np.prod(shape, dtype=np.int64)), stream, *counters, seed=seed)
    fractions = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return (low + (high - low) * fractions).reshape(shape)


def normal(
    shape: tuple[int, ...],
    stream: int,
    *counters: int,
    truncated: bool = False,
    seed: int | None = None,
) -> npt.NDArray[np.float64]:
    """Return normal numbers of mean 0 and deviation 1, one random word each.

    Truncated, they are those of them that lie between -2 and 2.
    """
    count = int(np.prod(shape, dtype=np.int64))
    words = bits(count, stream, *counters, seed=seed) >> np.uint64(12)
    # Odd multiples of 2**-53: never 0 or 1, and as many above 1/2 as below.
    shares = (2.0 * words.astype(np.float64) + 1.0) * 2.0**-53
    if truncated:
        shares = _BELOW_MINUS_TWO + (1.0 - 2.0 * _BELOW_MINUS_TWO) * shares
    return normal_quantile(shares).reshape(shape)


def permutation(
    count: int, stream: int, *counters: int, seed: int | None = None
) -> npt.NDArray[np.int64]:
    """Return the numbers 0 to count-1 in random order.

    Each number stands in the low bits below random high bits; sorting these words shuffles.
    """
    low = np.uint64((1 << count.bit_length()) - 1)
    words = (bits(count, stream, *counters, seed=seed) & ~low) | np.arange(count, dtype=np.uint64)
    words.sort()
    return (words & low).astype(np.int64)
