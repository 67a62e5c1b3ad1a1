"""What TensorBoard gets to see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from event_reader import Value, read

import galago
from galago.callbacks import TensorBoard
from galago.callbacks.base import watch_steps
from galago.errors import ArgumentError


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for value in read(folder):
        if value.plugin == "scalars":
            found.setdefault(value.tag, []).append((value.step, float(value.value)))
    return found


def as_float32(values: list[float]) -> list[tuple[int, float]]:
    return [(step, float(np.float32(value))) for step, value in enumerate(values)]


def test_epochs(model: galago.Sequential, data: Any, tmp_path: Path) -> None:
    board = TensorBoard(tmp_path, write_steps_per_second=True)
    fit = model.fit(*data, 12, 3, 0, board, validation_split=0.25)
    train, validation = scalars(tmp_path / "train"), scalars(tmp_path / "validation")
    assert list(train) == [
        "epoch_accuracy",
        "epoch_loss",
        "epoch_learning_rate",
        "epoch_steps_per_second",
    ]
    assert train["epoch_loss"] == as_float32(fit.history["loss"])
    assert train["epoch_learning_rate"] == [(0, 0.5), (1, 0.5), (2, 0.5)]
    assert all(speed > 1 for _, speed in train["epoch_steps_per_second"])
    assert sorted(validation) == [
        "epoch_accuracy",
        "epoch_loss",
        "evaluation_accuracy_vs_iterations",
        "evaluation_loss_vs_iterations",
    ]
    losses = as_float32(fit.history["val_loss"])
    assert validation["epoch_loss"] == losses
    over = validation["evaluation_loss_vs_iterations"]
    assert over == [(3 * (epoch + 1), loss) for epoch, loss in losses]


@pytest.mark.parametrize(("frequency", "steps"), [("batch", [1, 2, 3, 4, 5, 6]), (4, [4])])
def test_batches(
    model: galago.Sequential, data: Any, tmp_path: Path, frequency: Any, steps: list[int]
) -> None:
    board = TensorBoard(tmp_path, update_freq=frequency, write_steps_per_second=True)
    model.fit(*data, 16, 2, 0, board)
    found = scalars(tmp_path / "train")
    names = ("batch_accuracy", "batch_loss", "batch_steps_per_second")
    for name in names:
        assert [step for step, _ in found[name]] == steps
    assert [step for step, _ in found["epoch_loss"]] == [0, 1]


def test_histograms_and_the_model(model: galago.Sequential, data: Any, tmp_path: Path) -> None:
    model.fit(*data, 16, 3, 0, TensorBoard(tmp_path, histogram_freq=2))
    found = read(tmp_path / "train")
    weights: list[Value] = [value for value in found if value.plugin == "histograms"]
    assert [(value.tag, value.step) for value in weights] == [
        (f"{variable.path}/histogram", epoch) for epoch in (0, 2) for variable in model.weights
    ]
    kernel = model.get_weights()[0]
    counts = np.histogram(kernel.astype(float), 30)[0]
    np.testing.assert_array_equal(weights[2].value[:, 2], counts)
    assert found[0][:3] == ("keras", 0, "graph_keras_model")
    assert json.loads(found[0].value)["class_name"] == "Sequential"


def test_an_evaluation_alone(model: galago.Sequential, data: Any, tmp_path: Path) -> None:
    board = TensorBoard(tmp_path, write_graph=False)
    loss, _ = model.evaluate(*data, verbose=0, callbacks=board)
    model.fit(*data, batch_size=12, verbose=0)
    model.evaluate(*data, verbose=0, callbacks=board)
    found = scalars(tmp_path / "validation")["evaluation_loss_vs_iterations"]
    assert found[0] == (0, float(np.float32(loss))) and found[1][0] == 4
    assert not (tmp_path / "train").exists()


def test_batches_are_watched_only_if_they_are_written() -> None:
    assert not watch_steps([TensorBoard(write_steps_per_second=True)])
    assert watch_steps([TensorBoard(update_freq="batch")])


def test_its_state_is_the_count_of_batches(
    model: galago.Sequential, data: Any, tmp_path: Path
) -> None:
    board, other = TensorBoard(tmp_path, update_freq=1), TensorBoard(tmp_path, update_freq=1)
    model.fit(*data, 16, 1, 0, board)
    other.set_state(board.get_state())
    other.on_train_batch_begin(0)
    other.on_train_batch_end(0, {"loss": 1.0})
    assert (4, 1.0) in scalars(tmp_path / "train")["batch_loss"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"update_freq": "step"}, "update_freq must be 'epoch', 'batch' or a number of batches"),
        ({"update_freq": 0}, "update_freq must be a whole number"),
        ({"histogram_freq": -1}, "histogram_freq must be a whole number"),
        ({"write_images": True}, "write_images is not written by Galago, received True"),
        ({"profile_batch": 2}, "profile_batch is not written by Galago"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        TensorBoard(**arguments)


@pytest.mark.parity
def test_tensorflow_reads_the_same(model: galago.Sequential, data: Any, tmp_path: Path) -> None:
    from tensorflow.compat.v1.train import summary_iterator
    from tensorflow.python.framework.tensor_util import MakeNdarray

    model.fit(*data, 16, 2, 0, TensorBoard(tmp_path, 1, update_freq=1), validation_split=0.5)
    for name in ("train", "validation"):
        folder = tmp_path / name
        events = [event for path in folder.iterdir() for event in summary_iterator(str(path))]
        assert events[0].file_version == "brain.Event:2"
        values = [(event.step, value) for event in events for value in event.summary.value]
        found = read(folder)
        assert len(values) == len(found) > 4
        for ours, (step, value) in zip(found, values, strict=True):
            plugin = value.metadata.plugin_data.plugin_name
            assert ours[:3] == (value.tag, step, plugin)
            array = MakeNdarray(value.tensor)
            if plugin == "graph_keras_model":
                assert array.item().decode() == ours.value
            else:
                np.testing.assert_array_equal(array, ours.value)
            assert value.metadata.data_class == {"scalars": 1, "histograms": 2}.get(plugin, 0)
