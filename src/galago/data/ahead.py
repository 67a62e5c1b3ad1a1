"""Work done ahead of its use, by threads, with its results in the order of the calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import repeat
from typing import Any, TypeVar

T = TypeVar("T")

_END: Any = object()


def call_ahead(calls: Iterable[Callable[[], T]], workers: int, depth: int) -> Iterator[T]:
    """Yield the result of each call; up to `depth` further calls are made or under way meanwhile.

    A call's exception comes where its result would. Closing the iterator waits for the calls
    that have begun and drops the others.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="galago-data")
    waiting: deque[Future[T]] = deque()
    try:
        for call in calls:
            waiting.append(pool.submit(call))
            if len(waiting) > depth:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def prefetch(items: Iterator[T], depth: int) -> Iterator[T]:
    """Yield the items of an iterator that a thread of its own runs up to `depth` items ahead."""
    for item in call_ahead(repeat(lambda: next(items, _END)), 1, depth):
        if item is _END:
            return
        yield item
