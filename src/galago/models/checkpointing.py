"""Checkpoints of a training: when they are written, what they hold, how it is put back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from galago import random
from galago.callbacks.backup_and_restore import BackupAndRestore
from galago.callbacks.base import Callback
from galago.callbacks.frequency import BatchCount
from galago.checks import MOST
from galago.errors import ArgumentError, FileFormatError, GalagoError
from galago.models.identity import difference
from galago.saving.generations import Generations
from galago.training import events as ev
from galago.training.loop import Start
from galago.training.meter import Meter

if TYPE_CHECKING:
    from galago.models.trainer import Trainer

T = TypeVar("T")

_NEW_OR_DELETE = "Choose another folder, or delete that one to begin anew."


class Checkpointing:
    """Writes checkpoints of one run and puts the newest one back.

    It has to be the last watcher but for progress: a checkpoint holds what the others have made of
    the same event. Everything is put back when the training begins; if that is within an epoch,
    once more after the epoch's beginning, which was in the past then.
    """

    def __init__(self, settings: BackupAndRestore, model: Trainer) -> None:
        self._settings, self._model = settings, model
        keep = 2 if settings.double_checkpoint else 1
        self._generations = Generations(Path(settings.backup_dir), keep)
        self._count = BatchCount(settings.save_freq)
        self._saved: Mapping[str, Any] | None = None
        self._start: Start | None = None
        self._ended = False

    @contextmanager
    def open(self, identity: Mapping[str, str]) -> Iterator[None]:
        """Keep others out, read the newest checkpoint, and give layers the seeds it names.

        Raises ArgumentError for a checkpoint of another training, FileFormatError and OSError.
        """
        self._identity = dict(identity)
        with self._generations.open("fit()"):
            self._saved = self._generations.newest()
            if self._saved is not None:
                self._require_ours()
                self._read(self._put_back_seeds)
            yield
            if self._ended and self._settings.delete_checkpoint:
                self._generations.delete()

    def watch(
        self, callbacks: Sequence[Callback], meter: Meter, control: ev.Control
    ) -> Start | None:
        """Learn what else belongs to the run; return where it goes on, None if it begins.

        Raises ArgumentError if the callbacks are not those of the checkpoint.
        """
        self._meter, self._control = meter, control
        self._remembering = [
            callback for callback in callbacks if type(callback).get_state != Callback.get_state
        ]
        if self._saved is not None:
            self._require_our_callbacks()
            self._start = self._read(self._read_start)
        return self._start

    def handlers(self) -> Mapping[type[ev.Event], ev.Handler]:
        """Return handlers for what has to be written or put back."""
        handlers: dict[type[ev.Event], ev.Handler] = {ev.TrainEnd: self._end}
        if self._saved is not None:
            handlers[ev.TrainBegin] = self._put_back
            handlers[ev.EpochBegin] = self._put_back_in_epoch
        if self._settings.save_freq == "epoch":
            handlers[ev.EpochEnd] = self._end_epoch
        else:
            handlers[ev.StepEnd] = self._end_step
        return handlers

    def _end_epoch(self, event: ev.EpochEnd) -> None:
        self._write(event.epoch + 1, 0, event.logs)

    def _end_step(self, event: ev.StepEnd) -> None:
        if self._count.due(event.step):
            self._write(event.epoch, event.step + 1, event.logs)

    def _end(self, event: ev.TrainEnd) -> None:
        self._ended = True

    def _write(self, epoch: int, step: int, logs: ev.Logs) -> None:
        self._saved = None  # all of it was put back; it would double the memory of the weights
        model, optimizer = self._model, self._control.optimizer
        self._generations.write(
            {
                "training": self._identity,
                "epoch": epoch,
                "step": step,
                "logs": logs,
                "meter": self._meter.get_state(),
                "stop": self._control.stop,
                "batches": self._count.get_state(),
                "learning_rate": optimizer.learning_rate,
                "random": random.get_state(),
                "seeds": model.drawn_seeds,
                "weights": model.get_weights(),
                "optimizer": model.get_optimizer_state(),
                "callbacks": [
                    {"class": type(callback).__name__, "state": callback.get_state()}
                    for callback in self._remembering
                ],
            }
        )

    def _require_ours(self) -> None:
        differs = self._read(lambda saved: difference(saved["training"], self._identity))
        if differs is not None:
            raise ArgumentError(
                f"fit(): the checkpoint in {self._settings.backup_dir!r} belongs to another "
                f"training: {differs}. {_NEW_OR_DELETE}"
            )

    def _require_our_callbacks(self) -> None:
        found = self._read(lambda saved: [str(one["class"]) for one in saved["callbacks"]])
        wanted = [type(callback).__name__ for callback in self._remembering]
        if found != wanted:
            raise ArgumentError(
                f"fit(): the checkpoint in {self._settings.backup_dir!r} belongs to a training "
                f"with the callbacks {', '.join(found)}, received {', '.join(wanted)}. Pass the "
                f"same ones. {_NEW_OR_DELETE}"
            )

    def _read_start(self, saved: Mapping[str, Any]) -> Start:
        epoch, step = int(saved["epoch"]), int(saved["step"])
        if not 0 <= min(epoch, step) <= max(epoch, step) <= MOST:
            raise ValueError(f"epoch {epoch}, step {step}")
        self._meter.set_state(saved["meter"])  # which tells whether it can be put back
        logs = {str(name): value for name, value in saved["logs"].items()}
        return Start(epoch, step, logs, saved["meter"])

    def _put_back_seeds(self, saved: Mapping[str, Any]) -> None:
        seeds = [None if seed is None else int(seed) for seed in saved["seeds"]]
        self._model.keep_seeds(seeds)

    def _put_back(self, event: ev.TrainBegin) -> None:
        self._read(self._put_back_state)

    def _put_back_in_epoch(self, event: ev.EpochBegin) -> None:
        start = self._start
        if start is not None and start.step and event.epoch == start.epoch:
            self._read(self._put_back_state)

    def _put_back_state(self, saved: Mapping[str, Any]) -> None:
        model, optimizer = self._model, self._control.optimizer
        model.set_weights(saved["weights"])
        model.set_optimizer_state(saved["optimizer"])
        if optimizer.learning_rate != saved["learning_rate"]:
            optimizer.learning_rate = saved["learning_rate"]
        random.set_state(saved["random"])
        self._control.stop = bool(saved["stop"])
        self._count.set_state(saved["batches"])
        for callback, stored in zip(self._remembering, saved["callbacks"], strict=True):
            callback.set_state(stored["state"])

    def _read(self, read: Callable[[Mapping[str, Any]], T]) -> T:
        """Apply a function to the checkpoint; what is not as it should be is the file's fault."""
        assert self._saved is not None
        try:
            return read(self._saved)
        except (
            GalagoError,
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
            ArithmeticError,
        ) as error:
            raise FileFormatError(
                f"fit(): the checkpoint in {self._settings.backup_dir!r} does not hold what it "
                f"should ({type(error).__name__}: {error}). {_NEW_OR_DELETE}"
            ) from error
