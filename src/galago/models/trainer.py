"""What every model does: fit, evaluate, predict, and the same for a single batch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from galago.callbacks.backup_and_restore import backup_among
from galago.callbacks.base import CallbackWatcher, checked, watch_steps
from galago.callbacks.history import History
from galago.callbacks.progress import progress
from galago.checks import flag, real
from galago.errors import ArgumentError
from galago.models.checkpointing import Checkpointing
from galago.models.compiled import Compiled
from galago.models.eager import TrainingCalls
from galago.models.identity import identity
from galago.training.adapters import split
from galago.training.binding import Binding
from galago.training.events import EvaluateEnd, Logs, Watcher, run
from galago.training.feed import Feed
from galago.training.feeding import array_feed, batching, feed, validation_parts
from galago.training.format import Given
from galago.training.loop import evaluate_events, fit_events, predict_events
from galago.training.numerics import NumericsWatch
from galago.training.profile import Profile, profile_session
from galago.training.schedule import schedule
from galago.training.streams import Stream, recognized


class Trainer(Compiled):
    """Base of Model: a network that can be compiled, trained, evaluated and asked.

    Arguments:
        name: made up from the class if None

    Arguments that its methods share:
        x: examples: an array (n, ...); for several inputs a list, or a dictionary by the names of
            the input layers; or what gives batches (x, y): a generator, a `galago.data.Dataset` or
            PyDataset, PyTorch's DataLoader, anything else that can be iterated (docs/training.md)
        y: the labels, where x is arrays; for several outputs as x
        batch_size: how many examples of arrays make a batch, 32 if None
        verbose: "auto", 1 (bar), 2 (lines) or 0 (silence)
        callbacks: one, or a list of them
        steps: how many batches to look at, if not all
        sample_weight: how much each example of arrays counts in the loss, (n,)
        class_weight: how much a class counts, {0: 1.0, 1: 10.0}; 1 if it is not named
        return_dict: {"accuracy": 0.9, "loss": 0.3} instead of [0.3, 0.9]
    They raise ArgumentError, ShapeError and DataError, and NotCompiledError but for predictions;
    for arrays all before the first step.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.history: History | None = None
        #: What predict() calls the outputs, if they were given by name.
        self._keys: list[str] | None = None

    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
        *,
        checkpoint: str | os.PathLike[str] | None = None,
    ) -> History:
        """Train; return the loss and metrics of each epoch.

        Arguments besides those that the methods of a Trainer share:
            epochs, initial_epoch: run epochs initial_epoch + 1 to epochs
            validation_split: the last fraction of the arrays, which is not trained on
            validation_data: (x, y), (x, y, weights) or batches to validate on instead
            shuffle: whether each epoch has a random order of its own
            steps_per_epoch: how many batches an epoch has, if not all
            validation_batch_size, validation_steps: batch_size and steps of the validation
            validation_freq: after each how many epochs to validate, or after which, from 1
            checkpoint: a folder from which the same call on the same data goes on exactly, should
                it be interrupted (callbacks.BackupAndRestore)

        >>> import numpy as np, galago as gl
        >>> model = gl.Sequential([gl.layers.Dense(1, input_shape=(2,))])
        >>> model.compile("sgd", "mse")
        >>> x, y = np.ones((8, 2)), np.ones((8, 1))
        >>> list(model.fit(x, y, epochs=2, validation_split=0.5, verbose=0).history)
        ['loss', 'val_loss']
        """
        compiled = self._require_compilation("fit()")
        cut = batching(batch_size, steps_per_epoch, "fit()", "steps_per_epoch")
        size = batch_size if validation_batch_size is None else validation_batch_size
        val_cut = batching(size, validation_steps, "fit()", "validation_steps")
        given, shown = checked(callbacks, "fit()"), progress(verbose)
        backup = backup_among(given, checkpoint)
        if backup is not None and backup not in given:
            given.append(backup)
        planned = schedule(epochs, initial_epoch, validation_freq, live=watch_steps(given))
        flag(shuffle, "shuffle", "fit()")
        fraction = real(validation_split, "validation_split", "fit()", low=0.0, high=1.0)
        data = Given(recognized(x, "fit()"), y, sample_weight)
        takes = self._takes(data.x, "fit()", class_weight=class_weight)
        validation: Feed | None = None
        if validation_data is not None or not fraction:
            train = feed(data, takes, cut, "fit()", shuffle=shuffle)
        elif isinstance(data.x, Stream):
            raise ArgumentError(
                f"fit(): expected arrays to split, received a {data.x.kind} with validation_split="
                f"{fraction:g}. Pass validation_data instead."
            )
        else:
            first, last = split(takes.examples(data, "fit()"), fraction, "fit()")
            train = array_feed(first, cut, "fit()", shuffle=shuffle)
            validation = array_feed(last, val_cut, "fit()")
        if validation_data is not None:
            parts = validation_parts(validation_data)
            validation = feed(parts, takes.validating, val_cut, "fit()", kind="validation ")
        params = {"verbose": verbose, "epochs": epochs, "steps": train.steps}
        self.history = history = next((one for one in given if isinstance(one, History)), History())
        recorded = given if history in given else [*given, history]
        control, checkpoints = compiled.control, None
        with ExitStack() as stack:
            for source in (train, validation):
                if source is not None:
                    stack.callback(source.close)
            if backup is not None:
                checkpoints = Checkpointing(backup, self)
                stack.enter_context(checkpoints.open(identity(self, compiled, train, validation)))
            binding, meter = self._compiled_binding(compiled, training=True)
            watch: list[Watcher] = [CallbackWatcher(recorded, self, params), NumericsWatch(control)]
            start = None
            if checkpoints is not None:
                start = checkpoints.watch(recorded, meter, control)
                watch.append(checkpoints)
            events = fit_events(binding, train, validation, planned, meter, control, start)
            run(events, watch + shown)
        return history

    @overload
    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        *,
        return_dict: Literal[True],
    ) -> dict[str, float]: ...

    @overload
    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any: ...

    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> float | list[float] | dict[str, float]:
        """Return the mean loss, and the metrics if there are any: [loss, accuracy].

        Its arguments are those that the methods of a Trainer share.

        >>> import numpy as np, galago as gl
        >>> model = gl.Sequential([gl.layers.Dense(1, "linear", False, "zeros", input_shape=(2,))])
        >>> model.compile("sgd", "mse", metrics=["mae"])
        >>> model.evaluate(np.ones((8, 2)), np.full((8, 1), 3.0), verbose=0)
        [9.0, 3.0]
        """
        compiled = self._require_compilation("evaluate()")
        cut = batching(batch_size, steps, "evaluate()")
        given, shown = checked(callbacks, "evaluate()"), progress(verbose)
        flag(return_dict, "return_dict", "evaluate()")
        data = Given(recognized(x, "evaluate()"), y, sample_weight)
        source = feed(data, self._takes(data.x, "evaluate()"), cut, "evaluate()")
        binding, meter = self._compiled_binding(compiled, training=False)
        params = {"verbose": verbose, "epochs": 1, "steps": source.steps}
        watch = [CallbackWatcher(given, self, params), *shown]
        try:
            end = run(evaluate_events(binding, source, meter), watch)
        finally:
            source.close()
        logs = end.logs if isinstance(end, EvaluateEnd) else {}
        return _values(logs, meter.names, return_dict)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """Return the outputs for examples of shape (n, ...), one row each. Needs no compile().

        Several outputs come as a list, or as the dictionary that the model was made with. Labels in
        batches are not looked at. An example's outputs do not depend on the batch it came in. Its
        arguments are those that the methods of a Trainer share.

        >>> import numpy as np, galago as gl
        >>> gl.applications.lenet5().predict(np.zeros((3, 28, 28, 1)), verbose=0).shape
        (3, 10)
        """
        cut = batching(batch_size, steps, "predict()")
        given, shown = checked(callbacks, "predict()"), progress(verbose)
        data = Given(recognized(x, "predict()"))
        source = feed(data, self._takes(data.x, "predict()", labels=False), cut, "predict()")
        outputs: list[list[npt.NDArray[Any]]] = []
        params = {"verbose": verbose, "epochs": 1, "steps": source.steps}
        watch = [CallbackWatcher(given, self, params), *shown]
        try:
            run(predict_events(self._binding(), source, outputs), watch)
        finally:
            source.close()
        return self._structured([np.concatenate(parts) for parts in zip(*outputs, strict=True)])

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Train one step on one batch; return its loss, and metrics, as evaluate() does.

        They are those of this batch alone, before the step.

        >>> import numpy as np, galago as gl
        >>> model = gl.Sequential([gl.layers.Dense(1, input_shape=(2,))])
        >>> model.compile("sgd", "mse")
        >>> x, y = np.ones((4, 2)), np.ones((4, 1))
        >>> model.train_on_batch(x, y) > model.train_on_batch(x, y)
        True
        """
        owner = "train_on_batch()"
        compiled = self._require_compilation(owner)
        flag(return_dict, "return_dict", owner)
        takes = self._takes(x, owner, class_weight=class_weight)
        examples = takes.examples(Given(x, y, sample_weight), owner)
        binding, meter = self._compiled_binding(compiled, training=True)
        binding.begin_training()
        rows = np.arange(examples.rows, dtype=np.int64)
        rate = compiled.control.learning_rate
        result = binding.train_steps(examples, rows, len(rows), rate)[0]
        outputs = binding.session.last_outputs
        meter.add(len(rows), result, examples.y, outputs, examples.weights)
        return _values(meter.logs(), meter.names, return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Return the loss of one batch, and metrics: evaluate() without callbacks."""
        owner = "test_on_batch()"
        compiled = self._require_compilation(owner)
        flag(return_dict, "return_dict", owner)
        examples = self._takes(x, owner).examples(Given(x, y, sample_weight), owner)
        binding, meter = self._compiled_binding(compiled, training=False)
        result = binding.test_step(examples, 0, examples.rows)
        outputs = binding.session.last_outputs
        meter.add(examples.rows, result, examples.y, outputs, examples.weights)
        return _values(meter.logs(), meter.names, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch of shape (n, ...): predict() without callbacks.

        The quickest way to ask for a few images at a time.

        >>> import numpy as np, galago as gl
        >>> gl.applications.lenet5().predict_on_batch(np.zeros((1, 28, 28, 1))).shape
        (1, 10)
        """
        owner = "predict_on_batch()"
        arrays = self._takes(x, owner, labels=False).inputs(x, "x", owner)
        return self._structured(self._binding().predict(arrays, 0, len(arrays[0])))

    def _call_in_training(self, x: Any) -> Any:
        """The outputs for one batch with what layers do in training."""
        owner = f"{self.label}: a call"
        arrays = self._takes(x, owner, labels=False).inputs(x, "x", owner)
        if self._as_in_training is None:
            lowered = self.lowered()
            binding = Binding(lowered.graph, lowered.variables, self.dtype)
            self._as_in_training = TrainingCalls(binding)
        outputs = self._as_in_training.outputs(arrays, self._training_calls)
        self._training_calls += 1
        return self._structured(outputs)

    def profile(self, x: npt.ArrayLike, y: npt.ArrayLike | None = None) -> Profile:
        """Return where the time of one batch goes, layer by layer; printed, a table.

        x (n, ...) is the batch; with its labels y a train step is clocked, without them a
        prediction. Weights, optimizer and moving statistics stay as they are. Takes about a second.

        >>> import numpy as np, galago as gl
        >>> found = gl.applications.reference(filters=4).profile(np.zeros((8, 28, 28, 1)))
        >>> [layer.name.partition("_")[0] for layer in found.layers][:2]
        ['input', 'conv2d']
        """
        takes = self._takes(x, "profile()", labels=y is not None)
        examples = takes.examples(Given(x, y), "profile()")
        if y is None:
            binding = self._binding()
            binding.push()
            return profile_session(binding.session, "predict", examples.x, None)
        compiled = self._require_compilation("profile()")
        binding, _ = self._compiled_binding(compiled, training=True)
        binding.push()
        return profile_session(binding.session, "train", examples.x, examples.y)

    def _structured(self, outputs: Sequence[Any]) -> Any:
        """What stands for the outputs as the model's outputs: one, a list or a dictionary."""
        if self._keys:
            return dict(zip(self._keys, outputs, strict=True))
        return list(outputs) if len(outputs) > 1 else outputs[0]


def _values(logs: Logs, names: Sequence[str], return_dict: bool) -> float | list[float] | Logs:
    """Logs as Keras returns them: a number, a list in the order of compile(), or all by name."""
    if return_dict:
        return logs
    values = [logs[name] for name in names]
    return values if len(values) > 1 else values[0]
