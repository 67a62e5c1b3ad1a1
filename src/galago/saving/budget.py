"""What opening a file may cost, counted before the memory is taken."""

from __future__ import annotations

from galago.errors import FileFormatError

#: A file costs so many bytes, and its size some times over, at most. Of the former a part is left
#: for what nobody counts: layers, names, messages.
FREE, TIMES = 16 << 20, 4
_UNCOUNTED = 4 << 20


class Budget:
    """The memory that a file of some size may take. `name` is for messages.

    >>> budget = Budget(1000, "net.keras")
    >>> budget.take(1000, "weights")
    >>> budget.take(1 << 30, "layers")
    Traceback (most recent call last):
    galago.errors.FileFormatError: net.keras: expected a file that takes 16 MB and 4 times its \
size of memory at most, found 1,000 bytes whose layers would take more. Such files are made to \
fill the memory; get another copy.
    """

    def __init__(self, size: int, name: str) -> None:
        self._size, self._name = size, name
        #: Bytes that may still be taken.
        self.left = FREE - _UNCOUNTED + TIMES * size

    def take(self, size: int, what: str) -> None:
        """Count bytes that are about to be taken. Raises FileFormatError if they are too many."""
        if size > self.left:
            raise FileFormatError(
                f"{self._name}: expected a file that takes {FREE >> 20} MB and {TIMES} times its "
                f"size of memory at most, found {self._size:,} bytes whose "
                f"{what} would take more. Such files are made to fill the memory; get another copy."
            )
        self.left -= size
