"""What the methods of a pipeline do to a pass, as iterators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any

from galago import random
from galago.data.elements import stack

Elements = Iterator[Any]

#: Random words drawn together.
_BLOCK = 1024


def mapped(elements: Elements, function: Callable[..., Any]) -> Elements:
    """Yield what a function returns for each."""
    for element in elements:
        yield function(*element) if isinstance(element, tuple) else function(element)


def batched(elements: Elements, size: int, full: bool) -> Elements:
    """Yield stacks of `size`; a shorter one at the end unless all must be full."""
    while group := list(islice(elements, size)):
        if full and len(group) < size:
            return
        yield stack(group)


def shuffled(elements: Elements, size: int, seed: int, draw: int) -> Elements:
    """Yield each from a place of the buffer that chance decides; the next element goes there."""
    words = _words(seed, draw)
    buffer: list[Any] = []
    for element in elements:
        if len(buffer) < size:
            buffer.append(element)
            continue
        place = _below(size, words)
        chosen, buffer[place] = buffer[place], element
        yield chosen
    while buffer:
        place = _below(len(buffer), words)
        buffer[place], buffer[-1] = buffer[-1], buffer[place]
        yield buffer.pop()


def repeated(start: Callable[[int], Elements], times: int | None, draw: int) -> Elements:
    """Yield pass after pass, each with a draw of its own; an empty one ends it."""
    for number in count() if times is None else range(times):
        empty = True
        for element in start(_draw_of(draw, number)):
            empty = False
            yield element
        if empty:
            return


class Cache:
    """The elements of a pass, kept when one has come to its end."""

    def __init__(self, start: Callable[[], Elements]) -> None:
        self._start = start
        self._kept: list[Any] | None = None

    def elements(self) -> Elements:
        """Yield them, from memory if they are there."""
        if self._kept is not None:
            yield from self._kept
            return
        seen: list[Any] = []
        for element in self._start():
            seen.append(element)
            yield element
        self._kept = seen


def _words(seed: int, draw: int) -> Iterator[int]:
    for block in count():
        yield from random.bits(_BLOCK, random.DATA, draw, block, seed=seed).tolist()


def _below(limit: int, words: Iterator[int]) -> int:
    """Draw a place below a limit; its product with a word of 64 bits has it in the high bits."""
    return next(words) * limit >> 64


def _draw_of(draw: int, number: int) -> int:
    """The draw of a repetition; the first one's is the pass's own."""
    return int(random.bits(1, random.DATA, draw, number)[0]) if number else draw
