"""The record of a run."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from galago.callbacks import History


def test_it_records_epochs() -> None:
    history = History()
    history.set_params({"epochs": 2, "steps": 7})
    history.on_train_begin()
    for epoch, loss in ((3, 0.5), (4, 0.25)):
        history.on_epoch_end(epoch, {"loss": loss, "val_loss": 1.0})
    assert history.epoch == [3, 4]
    assert history.history == {"loss": [0.5, 0.25], "val_loss": [1.0, 1.0]}
    assert history.params == {"epochs": 2, "steps": 7}
    assert repr(history) == "<History of 2 epochs, last: {'loss': 0.25, 'val_loss': 1.0}>"


def test_a_name_that_appears_later() -> None:
    history = History()
    history.on_epoch_end(0, {"loss": 1.0})
    history.on_epoch_end(1, {"loss": 0.5, "learning_rate": 0.1})
    assert history.history == {"loss": [1.0, 0.5], "learning_rate": [0.1]}


def test_a_second_run_appends_as_in_keras() -> None:
    history = History()
    for loss in (1.0, 0.5):
        history.on_train_begin()
        history.on_epoch_end(0, {"loss": loss})
    assert (history.epoch, history.history) == ([0], {"loss": [1.0, 0.5]})


def test_its_state_is_a_copy() -> None:
    history, other = History(), History()
    history.on_epoch_end(0, {"loss": 1.0})
    other.set_state(history.get_state())
    history.on_epoch_end(1, {"loss": 0.5})
    assert (other.epoch, other.history) == ([0], {"loss": [1.0]})


def trained() -> History:
    history = History()
    history.history = {"loss": [0.9, 0.5], "accuracy": [0.5, 0.7], "val_loss": [0.8, 0.6]}
    return history


def test_notebooks_show_curves() -> None:
    text = trained()._repr_html_()
    assert text.count("<svg") == 3 and text.count("<polyline") == 3
    assert History()._repr_html_().count("<svg") == 1


def test_figures_and_files(tmp_path: Path) -> None:
    figure = trained().plot()
    assert [axes.get_title() for axes in figure.axes] == ["loss", "accuracy"]
    assert [line.get_label() for line in figure.axes[0].lines] == ["loss", "val_loss"]
    assert figure.axes[0].lines[1].get_ydata().tolist() == [0.8, 0.6]
    trained().save(tmp_path / "curves.png")
    trained().save(tmp_path / "curves.svg")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    drawing = ElementTree.fromstring((tmp_path / "curves.svg").read_text())
    assert [one.attrib["x"] for one in drawing if one.tag.endswith("}svg")] == ["0", "420"]
    assert len(History().plot().axes) == 1
