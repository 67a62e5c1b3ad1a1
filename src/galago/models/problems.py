"""What a file has that Galago does not: found all of it, then said at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from galago.errors import ArgumentError, FileFormatError
from galago.layers import Layer

#: How many problems a message lists, how many names of one, and characters of each.
MOST_NAMED, MOST_ALIKE, LONGEST = 40, 4, 400


class Problems:
    """A list of problems. Those that layers of one class share are one line of it.

    >>> problems = Problems()
    >>> for number in range(6):
    ...     problems.add("no layer of Galago", f"LSTM 'lstm_{number}'")
    >>> print(problems.error("net.keras", "Use other layers."))
    net.keras: Galago cannot take this over:
    - LSTM 'lstm_0', 'lstm_1', 'lstm_2', 'lstm_3' and 2 more: no layer of Galago
    Use other layers.
    """

    def __init__(self, custom_objects: Mapping[str, type[Layer]] | None = None) -> None:
        #: What is wrong, and the class that it is of -> the names and how many there are.
        self._found: dict[tuple[str, str], tuple[list[str], int]] = {}
        self._more = 0
        #: Classes of the user's own that the file may name.
        self.custom_objects = custom_objects or {}

    def add(self, what: str, owner: str = "") -> None:
        """Note one, in as many words as somebody would read; of an owner such as "LSTM 'lstm'"."""
        kind, _, name = owner.partition(" ")
        key = (kind[:LONGEST], what if len(what) <= LONGEST else f"{what[:LONGEST]} ...")
        if key not in self._found and len(self._found) >= MOST_NAMED:
            self._more += 1
            return
        names, count = self._found.get(key, ([], 0))
        if count < MOST_ALIKE:
            names.append(name[:LONGEST])
        self._found[key] = names, count + 1

    @contextmanager
    def within(self, owner: str) -> Iterator[None]:
        """Note what makes an argument wrong, instead of raising it."""
        try:
            yield
        except ArgumentError as error:
            start = owner.split()[-1] if owner.startswith("metrics ") else owner
            self.add(f"{error}".removeprefix(f"{start}: "), owner)

    def error(self, file: str, advice: str) -> FileFormatError:
        """Return the error that lists them."""
        lines = [f"{file}: Galago cannot take this over:"]
        for (kind, what), (names, count) in self._found.items():
            more = f" and {count - len(names):,} more" if count > len(names) else ""
            owner = f"{kind} {', '.join(names)}".strip() + more
            lines.append(f"- {owner}: {what}" if owner else f"- {what}")
        lines += [f"- and {self._more:,} more"] if self._more else []
        return FileFormatError("\n".join([*lines, advice]))

    def __len__(self) -> int:
        return sum(count for _, count in self._found.values()) + self._more
