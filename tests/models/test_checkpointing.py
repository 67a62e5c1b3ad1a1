"""Trainings that go on from a checkpoint are the ones that were never interrupted."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago import callbacks as cb
from galago import layers, models, optimizers
from galago.errors import ArgumentError, FileFormatError, GalagoWarning
from galago.saving.checkpoint_file import read_checkpoint, write_checkpoint

EPOCHS, BATCH = 6, 16
X = np.random.default_rng(0).random((70, 8), np.float32)
Y = (X[:, 0] * 3).astype(int)


def make(seed: int = 5, rate: float = 0.3, optimizer: Any = "adam") -> models.Sequential:
    """A network with everything that has a state; its dropout draws from the global seed."""
    galago.set_seed(seed)
    model = models.Sequential(
        [
            layers.Dense(16, activation="relu", input_shape=(8,)),
            layers.Dropout(rate),
            layers.BatchNormalization(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    names = ["accuracy", "sparse_categorical_accuracy"]
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=names)
    return model


def watching(folder: Path) -> list[cb.Callback]:
    """Callbacks that remember something, or change the learning rate."""
    return [
        cb.LearningRateScheduler(lambda epoch, rate: rate * 0.97),
        cb.ReduceLROnPlateau(patience=1, factor=0.7, cooldown=1),
        cb.EarlyStopping(patience=3, restore_best_weights=True),
        cb.CSVLogger(folder / "log.csv"),
        cb.ModelCheckpoint(folder / "best.keras", save_best_only=True),
    ]


class Interrupt(cb.Callback):
    """Ends the process, as far as a test can, after so many batches."""

    def __init__(self, batches: int) -> None:
        self.left = batches

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


def fit(model: models.Model, folder: Path, *more: cb.Callback, **options: Any) -> cb.History:
    given = [*watching(folder), *more]
    settings = {"epochs": EPOCHS, "validation_split": 0.2, "verbose": 0, **options}
    return model.fit(X, Y, BATCH, callbacks=given, **settings)


def outcome(model: models.Model, history: cb.History, folder: Path) -> list[Any]:
    """All that came out of a training, bit by bit."""
    arrays = [*model.get_weights(), *model.get_optimizer_state()]
    model.load_weights(folder / "best.keras")
    return [
        *[array.tobytes() for array in arrays],
        *[array.tobytes() for array in model.get_weights()],
        history.epoch,
        list(history.history.items()),
        model.optimizer.learning_rate,
        (folder / "log.csv").read_bytes(),
        galago.random.get_state(),
    ]


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What comes out if nothing happens."""
    folder, model = tmp_path_factory.mktemp("truth"), make()
    return outcome(model, fit(model, folder), folder)


def interrupted(folder: Path, batches: int, **options: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(make(), folder, Interrupt(batches), **options)


def backup(folder: Path, frequency: str | int = "epoch", **options: Any) -> cb.BackupAndRestore:
    return cb.BackupAndRestore(folder / "backup", frequency, **options)


def test_checkpoints_change_nothing(truth: list[Any], tmp_path: Path) -> None:
    model = make()
    history = fit(model, tmp_path, checkpoint=tmp_path / "backup")
    assert outcome(model, history, tmp_path) == truth
    assert not (tmp_path / "backup").exists()


@pytest.mark.parametrize("frequency", ["epoch", 1, 3, 5])
@pytest.mark.parametrize("batches", [2, 5, 7, 8, 11])
def test_it_ends_as_if_nothing_had_happened(
    truth: list[Any], tmp_path: Path, frequency: str | int, batches: int
) -> None:
    """Interrupted within an epoch and at its end, once and again, with other threads each time."""
    for threads in (3, 1, 2):
        galago.set_threads(threads)
        with contextlib.suppress(KeyboardInterrupt):
            fit(make(), tmp_path, Interrupt(batches), backup(tmp_path, frequency))
    model = make()
    history = fit(model, tmp_path, backup(tmp_path, frequency))
    assert outcome(model, history, tmp_path) == truth


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_other_optimizers(tmp_path: Path, momentum: float) -> None:
    def run(name: str, *more: cb.Callback) -> tuple[models.Sequential, cb.History]:
        model = make(optimizer=optimizers.SGD(0.1, momentum, nesterov=momentum > 0))
        return model, model.fit(X, Y, 16, 4, 0, more, checkpoint=tmp_path / name)

    model, history = run("one")
    with pytest.raises(KeyboardInterrupt):
        run("two", Interrupt(12))
    other, found = run("two")
    assert found.history == history.history and found.epoch == history.epoch
    for one, two in zip(model.get_optimizer_state(), other.get_optimizer_state(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_random_numbers_go_on_with_the_seed_of_the_checkpoint(
    truth: list[Any], tmp_path: Path
) -> None:
    interrupted(tmp_path, 6, checkpoint=tmp_path / "backup")
    model = make(seed=99)  # other weights, other drops, another order
    history = fit(model, tmp_path, checkpoint=tmp_path / "backup")
    assert outcome(model, history, tmp_path) == truth


def test_the_same_model_goes_on_too(truth: list[Any], tmp_path: Path) -> None:
    model = make()
    with pytest.raises(KeyboardInterrupt):
        fit(model, tmp_path, Interrupt(6), checkpoint=tmp_path / "backup")
    history = fit(model, tmp_path, checkpoint=tmp_path / "backup")
    assert outcome(model, history, tmp_path) == truth


def test_a_training_that_has_ended_is_not_repeated(truth: list[Any], tmp_path: Path) -> None:
    seen: list[int] = []
    spy = cb.LambdaCallback(on_epoch_begin=lambda epoch, logs: seen.append(epoch))
    for _ in range(2):
        model = make()
        history = fit(model, tmp_path, spy, backup(tmp_path, delete_checkpoint=False))
        assert outcome(model, history, tmp_path) == truth
    assert seen == list(range(EPOCHS))


def test_more_epochs_than_at_first(truth: list[Any], tmp_path: Path) -> None:
    fit(make(), tmp_path, backup(tmp_path, delete_checkpoint=False), epochs=2)
    model = make()
    history = fit(model, tmp_path, backup(tmp_path))
    assert outcome(model, history, tmp_path) == truth


def test_an_early_stop_stays_one(tmp_path: Path) -> None:
    """Killed between the last checkpoint and the end of fit(): no epoch more is trained."""

    class KillAtTheEnd(cb.Callback):
        def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
            raise KeyboardInterrupt

    def stops() -> cb.EarlyStopping:
        return cb.EarlyStopping("loss", min_delta=9, patience=2, restore_best_weights=True)

    def run(name: str, *more: cb.Callback) -> tuple[models.Sequential, cb.History]:
        model = make()
        history = model.fit(X, Y, 16, 9, 0, [stops(), *more], checkpoint=tmp_path / name)
        return model, history

    first, expected = run("one")
    with pytest.raises(KeyboardInterrupt):
        run("two", KillAtTheEnd())
    second, found = run("two")
    assert found.epoch == expected.epoch == [0, 1, 2]
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_stop_within_an_epoch_stays_one(tmp_path: Path) -> None:
    def run(*more: cb.Callback) -> cb.History:
        stop = cb.LambdaCallback(on_train_batch_end=stop_at_two)
        given = [stop, *more, backup(tmp_path, 1)]
        return make().fit(X, Y, 16, 9, 0, given, validation_split=0.2)

    def stop_at_two(batch: int, logs: Any) -> None:
        steps.append(batch)
        if batch == 1:
            current.stop_training = True

    def kill(logs: Any) -> None:
        raise KeyboardInterrupt

    class Know(cb.Callback):
        def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
            nonlocal current
            current = self.model

    current: Any = None
    steps: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        run(Know(), cb.LambdaCallback(on_test_begin=kill))
    assert run(Know()).epoch == [0]
    assert steps == [0, 1]


class Remembers(cb.Callback):
    """A callback of a user's, with arrays in its state."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def get_state(self) -> dict[str, Any]:
        return {"seen": self.seen, "nothing": float("nan")}

    def set_state(self, state: Mapping[str, Any]) -> None:
        assert np.isnan(state["nothing"])
        self.seen = state["seen"]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.seen.append({"epoch": epoch, "bias": self.model.get_weights()[1]})


def test_callbacks_of_users_may_remember(tmp_path: Path) -> None:
    interrupted_one, one = Remembers(), Remembers()
    with pytest.raises(KeyboardInterrupt):
        fit(make(), tmp_path, interrupted_one, Interrupt(9), checkpoint=tmp_path / "backup")
    fit(make(), tmp_path, one, checkpoint=tmp_path / "backup")
    assert [entry["epoch"] for entry in one.seen] == list(range(len(one.seen)))
    for before, after in zip(interrupted_one.seen, one.seen, strict=False):
        np.testing.assert_array_equal(before["bias"], after["bias"])


def test_what_a_checkpoint_cannot_hold(tmp_path: Path) -> None:
    class Odd(Remembers):
        def get_state(self) -> dict[str, Any]:
            return {"model": self}

    with pytest.raises(ArgumentError, match=r"at state\['callbacks'\].*Let get_state\(\) return"):
        fit(make(), tmp_path, Odd(), checkpoint=tmp_path / "backup")


@pytest.mark.parametrize(
    ("model", "options", "words"),
    [
        (lambda: make(rate=0.4), {}, "its model is another one"),
        (lambda: make(optimizer="sgd"), {}, "its optimizer is Adam .*and here it is SGD"),
        (lambda: make(optimizer=optimizers.Adam(beta_1=0.8)), {}, '"beta_1": 0.8'),
        (make, {"batch_size": 8}, "its batch_size is 16, and here it is 8"),
        (make, {"shuffle": False}, "its shuffle is True, and here it is False"),
        (make, {"x": X + 1}, "its data is another one"),
        (make, {"y": Y[::-1]}, "its data is another one"),
        (make, {"validation_data": (X, Y)}, "its validation data is another one"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused(
    tmp_path: Path, model: Any, options: dict[str, Any], words: str
) -> None:
    given: dict[str, Any] = {"x": X, "y": Y, "batch_size": 16, "verbose": 0}
    given["callbacks"] = [backup(tmp_path, delete_checkpoint=False)]
    make().fit(**given)
    another = model()
    before = another.get_weights()
    with pytest.raises(ArgumentError, match=f"belongs to another training: .*{words}") as caught:
        another.fit(**{**given, **options})
    assert "Choose another folder, or delete that one to begin anew." in str(caught.value)
    np.testing.assert_array_equal(before[0], another.get_weights()[0])


def test_another_loss_or_metric_is_refused(tmp_path: Path) -> None:
    given = (X, Y, 16, 1, 0, [backup(tmp_path, delete_checkpoint=False)])
    make().fit(*given)
    model = make()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    with pytest.raises(ArgumentError, match="its metrics is"):
        model.fit(*given)


def test_other_callbacks_are_refused(tmp_path: Path) -> None:
    keep = backup(tmp_path, delete_checkpoint=False)
    make().fit(X, Y, 16, 1, 0, [keep, cb.ReduceLROnPlateau("loss")])
    with pytest.raises(ArgumentError, match=r"ReduceLROnPlateau, History, received History. Pass"):
        make().fit(X, Y, 16, 1, 0, [keep])
    spy = cb.LambdaCallback(on_epoch_end=print)  # which remembers nothing
    make().fit(X, Y, 16, 1, 0, [spy, keep, cb.ReduceLROnPlateau("loss")])


def test_names_of_layers_are_no_difference(tmp_path: Path) -> None:
    given = (X, Y, 16, 1, 0, [backup(tmp_path, delete_checkpoint=False)])
    make().fit(*given)
    model = make()
    assert model.layers[0].name != "dense"
    model.fit(*given)


def checkpoints(folder: Path) -> list[Path]:
    return sorted((folder / "backup").glob("*.npz"))


def test_a_damaged_checkpoint_is_passed_over(truth: list[Any], tmp_path: Path) -> None:
    interrupted(tmp_path, 11, checkpoint=tmp_path / "backup")
    older, newest = checkpoints(tmp_path)
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    model = make()
    with pytest.warns(GalagoWarning, match=f"damaged.*goes on from the one before: {older.name}"):
        history = fit(model, tmp_path, checkpoint=tmp_path / "backup")
    assert outcome(model, history, tmp_path) == truth


def test_it_does_not_begin_anew_in_silence(tmp_path: Path) -> None:
    interrupted(tmp_path, 11, checkpoint=tmp_path / "backup")
    for path in checkpoints(tmp_path):
        path.write_bytes(b"gone")
    with pytest.raises(FileFormatError, match="There is no other checkpoint in"):
        fit(make(), tmp_path, checkpoint=tmp_path / "backup")


def test_one_checkpoint_is_enough_if_one_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(make(), tmp_path, Interrupt(11), backup(tmp_path, 1, double_checkpoint=False))
    assert len(checkpoints(tmp_path)) == 1


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("call", [2, 3, 5, 8])
def test_a_failing_disk_costs_a_checkpoint_at_most(
    truth: list[Any], tmp_path: Path, step: str, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = getattr(os, step), 0

    def sometimes(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise OSError(errno.ENOSPC, "simulated failure")
        return real(*given)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="simulated failure"):
        patch.setattr(os, step, sometimes)
        fit(make(), tmp_path, checkpoint=tmp_path / "backup")
    model = make()
    history = fit(model, tmp_path, checkpoint=tmp_path / "backup")
    assert outcome(model, history, tmp_path) == truth


def broken_states() -> list[tuple[str, Any]]:
    return [
        ("epoch", "two"),
        ("epoch", -5),
        ("meter", {"rows": 1, "sums": [1.0]}),
        ("step", None),
        ("meter", 3),
        ("meter", {"rows": 1, "sums": [[1], [2]]}),
        ("logs", [1]),
        ("random", {"seed": -1, "draws": []}),
        ("random", {}),
        ("seeds", []),
        ("weights", [np.zeros(3)]),
        ("optimizer", [np.zeros(3)]),
        ("callbacks", [{"class": "History", "state": {}}]),
        ("callbacks", ["History"]),
        ("learning_rate", "fast"),
        ("training", None),
    ]


@pytest.mark.parametrize(("name", "value"), broken_states())
def test_states_that_make_no_sense_are_refused(tmp_path: Path, name: str, value: Any) -> None:
    """Whole files, but of somebody who did not know what belongs in."""
    given = (X, Y, 16, 2, 0, [backup(tmp_path, delete_checkpoint=False)])
    make().fit(*given)
    for path in checkpoints(tmp_path):
        write_checkpoint(path, {**read_checkpoint(path), name: value})
    with pytest.raises((FileFormatError, ArgumentError)):
        make().fit(*given)


def test_two_places_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="expected one place for checkpoints, received 2"):
        fit(make(), tmp_path, backup(tmp_path), checkpoint=tmp_path / "other")
