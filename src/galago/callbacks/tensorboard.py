"""A callback that writes what TensorBoard shows, without TensorFlow."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from galago.callbacks.base import STEP_HOOKS, Callback, Logs
from galago.checks import flag, whole
from galago.errors import ArgumentError
from galago.saving.event_file import EventFile, histogram, model_graph, scalar

if TYPE_CHECKING:
    from galago.models.model import Model


class TensorBoard(Callback):
    """Writes numbers, weights and the model for `tensorboard --logdir logs`.

    Under train/: epoch_loss, epoch_learning_rate and the metrics, batch_loss and the rest by
    update_freq; under validation/: epoch_loss, and evaluation_loss_vs_iterations.

    Arguments:
        log_dir: the folder
        histogram_freq: every how many epochs the weights' histograms are written, 0 for never
        write_graph: whether the model is
        write_steps_per_second: whether the speed is
        update_freq: "epoch", "batch", or a number of batches between two running means
        write_images, profile_batch, embeddings_freq, embeddings_metadata: not written; leave them
            out
    Raises ArgumentError.

    >>> TensorBoard("runs/first", update_freq=100).update_freq
    100
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: int = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: None = None,
    ) -> None:
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = whole(histogram_freq, "histogram_freq", "TensorBoard", minimum=0)
        self.write_graph = flag(write_graph, "write_graph", "TensorBoard")
        self.write_steps_per_second = flag(
            write_steps_per_second, "write_steps_per_second", "TensorBoard"
        )
        self.update_freq = _update_frequency(update_freq)
        unwritten = {
            "write_images": write_images,
            "profile_batch": profile_batch,
            "embeddings_freq": embeddings_freq,
            "embeddings_metadata": embeddings_metadata,
        }
        for name, value in unwritten.items():
            if value:
                raise ArgumentError(
                    f"TensorBoard: {name} is not written by Galago, received {value!r}. Leave it "
                    "out."
                )
        self._batches = 0
        self._open()

    def _open(self) -> None:
        """Begin new files, which appear with their first events."""
        self._train = EventFile(os.path.join(self.log_dir, "train"))
        self._validation = EventFile(os.path.join(self.log_dir, "validation"))

    def uses(self, hook: str) -> bool:
        """Tell whether a hook has to be called: those of batches by update_freq."""
        return super().uses(hook) and (self.update_freq != "epoch" or hook not in STEP_HOOKS)

    def get_state(self) -> dict[str, Any]:
        """Return how many batches were trained on."""
        return {"batches": self._batches}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take over what get_state() returned."""
        self._batches = state["batches"]

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Write the model."""
        self._batches = 0
        self._open()
        if self.write_graph:
            self._train.write([model_graph("keras", cast("Model", self.model).to_json())], 0)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Count."""
        self._batches += 1
        self._batch_began = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Write the running means, if it is time."""
        if self.update_freq == "epoch" or self._batches % int(self.update_freq):
            return
        values = dict(logs or {})
        if self.write_steps_per_second:
            values["steps_per_second"] = 1.0 / (time.perf_counter() - self._batch_began)
        self._write(self._train, "batch_{}", values, self._batches)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Start the clock."""
        self._epoch_began, self._steps_before = time.perf_counter(), self.model.iterations

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write the means of the epoch, and histograms if it is time."""
        logs = logs or {}
        values = {name: value for name, value in logs.items() if not name.startswith("val_")}
        values["learning_rate"] = self.model.optimizer.learning_rate
        if self.write_steps_per_second:
            steps = self.model.iterations - self._steps_before
            values["steps_per_second"] = steps / (time.perf_counter() - self._epoch_began)
        self._write(self._train, "epoch_{}", values, epoch)
        validated = {
            name.removeprefix("val_"): value
            for name, value in logs.items()
            if name.startswith("val_")
        }
        if validated:
            self._write(self._validation, "epoch_{}", validated, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            weights = self.model.weights
            values_of = (histogram(f"{w.path}/histogram", w.numpy()) for w in weights)
            self._train.write(values_of, epoch)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Write the means of an evaluation, over the train steps so far."""
        name = "evaluation_{}_vs_iterations"
        self._write(self._validation, name, logs or {}, self.model.iterations)

    def _write(self, file: EventFile, name: str, values: Mapping[str, float], step: int) -> None:
        file.write([scalar(name.format(key), value) for key, value in values.items()], step)


def _update_frequency(value: Any) -> str | int:
    if value in ("epoch", "batch"):
        return "epoch" if value == "epoch" else 1
    if isinstance(value, str):
        raise ArgumentError(
            f"TensorBoard: update_freq must be 'epoch', 'batch' or a number of batches, received "
            f"{value!r}. Pass one of them."
        )
    return whole(value, "update_freq", "TensorBoard")
