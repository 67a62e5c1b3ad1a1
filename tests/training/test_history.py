"""The record of a run."""

from __future__ import annotations

from galago.training import events as ev
from galago.training.history import History


def test_it_records_epochs() -> None:
    history = History({"epochs": 2})
    handle = history.handlers()
    handle[ev.TrainBegin](ev.TrainBegin(3, 5, 7))
    for epoch, loss in ((3, 0.5), (4, 0.25)):
        handle[ev.EpochEnd](ev.EpochEnd(epoch, 5, 7, {"loss": loss, "val_loss": 1.0}))
    assert history.epoch == [3, 4]
    assert history.history == {"loss": [0.5, 0.25], "val_loss": [1.0, 1.0]}
    assert history.params == {"epochs": 2, "steps": 7}
    assert repr(history) == "<History of 2 epochs, last: {'loss': 0.25, 'val_loss': 1.0}>"


def test_a_name_that_appears_later() -> None:
    history = History()
    record = history.handlers()[ev.EpochEnd]
    record(ev.EpochEnd(0, 2, 1, {"loss": 1.0}))
    record(ev.EpochEnd(1, 2, 1, {"loss": 0.5, "learning_rate": 0.1}))
    assert history.history == {"loss": [1.0, 0.5], "learning_rate": [0.1]}
