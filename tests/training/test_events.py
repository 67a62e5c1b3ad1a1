"""How events reach the watchers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from galago.optimizers import SGD
from galago.training import events as ev


class Recorder:
    def __init__(self, name: str, log: list[Any], *kinds: Any) -> None:
        self.name, self.log, self.kinds = name, log, kinds

    def handlers(self) -> Mapping[Any, ev.Handler]:
        return dict.fromkeys(self.kinds, lambda event: self.log.append((self.name, event)))


def two_events() -> Iterator[ev.Event]:
    yield ev.PredictBegin(3)
    yield ev.PredictEnd(3)


def test_watchers_see_what_they_asked_for_in_their_order() -> None:
    log: list[Any] = []
    one = Recorder("one", log, ev.PredictBegin, ev.PredictEnd)
    other = Recorder("other", log, ev.PredictEnd)
    last = ev.run(two_events(), [one, other])
    begin, end = ev.PredictBegin(3), ev.PredictEnd(3)
    assert log == [("one", begin), ("one", end), ("other", end)]
    assert last == end


def test_an_exception_is_told_and_passed_on() -> None:
    def broken() -> Iterator[ev.Event]:
        yield ev.PredictBegin(3)
        raise KeyboardInterrupt

    log: list[Any] = []
    with pytest.raises(KeyboardInterrupt):
        ev.run(broken(), [Recorder("one", log, ev.Aborted)])
    assert log == [("one", ev.Aborted())]


def test_control_is_the_optimizers_learning_rate() -> None:
    optimizer = SGD(0.5)
    control = ev.Control(optimizer)
    control.learning_rate = 0.25
    assert (optimizer.learning_rate, control.learning_rate, control.stop) == (0.25, 0.25, False)


def test_events_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        ev.PredictBegin(3).steps = 4  # type: ignore[misc]
