"""What an operation read, as tables: the numbers under a window, channel by channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from galago.explain.probe import Array
from galago.explain.steps import CHOICE, MEAN, SUM, Step, Term


@dataclass(frozen=True, eq=False, slots=True)
class Patch:
    """The numbers that a window reads of one channel.

    Attributes:
        channel: its number
        values: (rows, columns), float64
        weights: what each is multiplied by
        winner: (row, column) of the one that a pool took, None if it took another channel's or adds
    """

    channel: int
    values: Array
    weights: Array
    winner: tuple[int, int] | None

    @property
    def products(self) -> Array:
        """What each number adds."""
        return self.values * self.weights

    @property
    def total(self) -> float:
        """What the channel adds."""
        with np.errstate(invalid="ignore"):  # infinities of both signs
            return float(self.products.sum())


def patches(step: Step) -> list[Patch]:
    """Return what a window read, the channel that adds most first.

    Nothing for what reads no window of a map.
    """
    if step.how not in (SUM, MEAN, CHOICE) or len({term.source for term in step.terms}) != 1:
        return []
    channels: dict[int, list[Term]] = {}
    for term in step.terms:
        if len(term.place) != 3:
            return []
        channels.setdefault(term.place[2], []).append(term)
    winner = step.terms[step.winner] if step.how == CHOICE else None
    found = [_patch(channel, terms, winner) for channel, terms in channels.items()]
    return sorted(found, key=lambda patch: -abs(patch.total))


def _patch(channel: int, terms: list[Term], winner: Term | None) -> Patch:
    rows = sorted({term.place[0] for term in terms})
    columns = sorted({term.place[1] for term in terms})
    values, weights = np.zeros((2, len(rows), len(columns)))
    place = None
    for term in terms:
        at = rows.index(term.place[0]), columns.index(term.place[1])
        values[at], weights[at] = term.value, term.weight
        if term is winner:
            place = at
    return Patch(channel, values, weights, place)
