"""A source's batches, handed out by epochs."""

from __future__ import annotations

from galago.errors import warn
from galago.training.sources import Pass, Portion, Source, nothing


class Feed:
    """Epochs of a source, each of `asked` batches or else a pass.

    A pass that has batches left when an epoch of `asked` ones is over goes on in the next.
    `owner` ("fit()") and `argument` ("steps_per_epoch") are for messages.
    """

    def __init__(self, source: Source, asked: int | None, owner: str, argument: str) -> None:
        self.source, self._asked = source, asked
        self._owner, self._argument = owner, argument
        self._pass: Pass | None = None
        self._limit = source.batches() if asked is None else asked
        self._draw = self._done = 0
        self._begun = self._warned = False
        #: Batches in an epoch; None while only the end of the first pass can tell.
        self.steps = self._limit
        if self._limit == 0:
            raise nothing(source.kind, owner)

    @property
    def total(self) -> int:
        """Batches in an epoch, known when it is over."""
        return self._done if self.steps is None else self.steps

    def spent(self) -> bool:
        """Whether nothing is left for an epoch after the first, of which it warns once."""
        if not self._begun or not self.source.spent():
            return False
        advice = "Set" if self._asked is None else "Lower"
        self._warn(
            f"batches for another epoch, received none: the {self.source.kind} has been used up. "
            f"{advice} {self._argument}, or pass data that can be read again, such as a Dataset or "
            "a PyDataset of galago.data."
        )
        return True

    @property
    def whole(self) -> bool:
        """Whether an epoch is a pass, neither more nor less."""
        return self._asked is None

    def begin(self, draw: int, *, anew: bool = False, skip: int = 0) -> None:
        """Start an epoch; `anew`: from the first batch, where the source can; without the first
        `skip` batches, which have been used before.
        """
        self.source.begin_epoch()
        if anew or self._asked is None:
            self.close()
        if self._asked is None and (known := self.source.batches()) is not None:
            self._limit = self.steps = known
        if self._pass is None:
            self._pass = self.source.open(draw)
        self._draw, self._done, self._begun = draw, 0, True
        if skip:
            self.take(skip)

    def take(self, most: int) -> Portion | None:
        """Return the next batches, 1 to `most`; None at the end of the epoch. Raises DataError.

        Warns where it ends before the number of batches that was to come.
        """
        assert self._pass is not None
        if self._limit is not None:
            most = min(most, self._limit - self._done)
            if most == 0:
                return None
        portion = self._pass.take(most)
        if portion is None and self._done == 0:  # the epoch before has used up the pass
            self._pass = self.source.open(self._draw)
            portion = self._pass.take(most)
            if portion is None:
                raise nothing(self.source.kind, self._owner)
        if portion is None:
            self.close()
            if self._limit is None:
                self.steps = self._done
            else:
                self._warn(
                    f"{self._limit} batches in an epoch, received {self._done}: the "
                    f"{self.source.kind} ran out of data. Lower {self._argument}, or pass data "
                    "with more batches, such as dataset.repeat()."
                )
            return None
        self._done += portion.steps
        if self._limit is None and self.steps is not None and self._done > self.steps:
            self.steps = None  # this pass is longer than the first one was
        return portion

    def end(self) -> None:
        """End the epoch."""
        self.source.end_epoch()

    def close(self) -> None:
        """Give up what is left of the pass."""
        if self._pass is not None:
            self._pass.close()
            self._pass = None

    def _warn(self, message: str) -> None:
        if not self._warned:
            self._warned = True
            warn(f"{self._owner}: expected {message}")
