"""What every model does: compile, fit, evaluate, predict."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from galago.callbacks.base import CallbackWatcher, checked, watch_steps
from galago.callbacks.progress import progress
from galago.checks import flag, real, whole
from galago.errors import ArgumentError, DataError, GalagoWarning, NotCompiledError, ShapeError
from galago.models.compilation import Compilation, check_output, compilation
from galago.models.network import Network
from galago.optimizers import Optimizer
from galago.training.adapters import Examples, inputs, numbers, require_equal_lengths, split
from galago.training.binding import Binding
from galago.training.events import EvaluateEnd, Watcher, run
from galago.training.history import History
from galago.training.labels import labels
from galago.training.loop import Schedule, evaluate_events, fit_events, predict_events
from galago.training.meter import Meter
from galago.training.numerics import NumericsWatch
from galago.training.profile import Profile, profile_session
from galago.training.weights import class_weights, sample_weights

_DEFAULT_BATCH = 32


class Trainer(Network):
    """Base of Model: a network that can be compiled, trained, evaluated and asked."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.history: History | None = None
        self._compilation: Compilation | None = None

    def compile(
        self,
        optimizer: str | Optimizer,
        loss: Any,
        *,
        metrics: Any = None,
        weighted_metrics: Any = None,
    ) -> None:
        """Say how to train: optimizer, loss and metrics, by name or as objects.

        Weights of examples count in the loss and in `weighted_metrics`, not in `metrics`.

        Frozen layers (trainable=False) count as they are now. The optimizer's moments start
        anew. Raises UnknownNameError or ArgumentError.

        >>> from galago.models import Sequential
        >>> Sequential().compile(optimizer="adam", loss="mse", metrics=["mae"])
        """
        self._compilation = compilation(optimizer, loss, metrics, self.layers, weighted_metrics)
        if self._session is not None and self._session.graph != self.lower():
            self._forget_session()  # what is frozen computes in another way

    @property
    def compiled(self) -> bool:
        """Whether compile() was called."""
        return self._compilation is not None

    @property
    def compilation(self) -> Compilation | None:
        """What compile() was told, None before."""
        return self._compilation

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer given to compile(). Raises NotCompiledError."""
        return self._require_compilation("optimizer").control.optimizer

    @property
    def stop_training(self) -> bool:
        """Set it to True, from a callback, to end fit() after the present step."""
        return self._require_compilation("stop_training").control.stop

    @stop_training.setter
    def stop_training(self, stop: bool) -> None:
        self._require_compilation("stop_training").control.stop = stop

    def fit(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        *,
        initial_epoch: int = 0,
    ) -> History:
        """Train; return the loss and metrics of each epoch.

        Arguments: examples of shape (n, ...) and their labels; batches of 32 by default; epochs
        to run up to, starting after `initial_epoch`; "auto", 1 (bar), 2 (lines) or 0 (silence);
        callbacks; the last fraction of the data, or (x, y) or (x, y, weights), to validate on
        after each epoch; whether each epoch has its own random order; how much examples count in
        the loss, by class {class: weight} or one by one (n,). Raises NotCompiledError,
        ArgumentError, ShapeError, DataError, all before the first step.
        """
        compiled = self._require_compilation("fit()")
        size = _DEFAULT_BATCH if batch_size is None else batch_size
        given, shown = checked(callbacks, "fit()"), progress(verbose)
        schedule = Schedule(
            whole(size, "batch_size", "fit()"),
            whole(epochs, "epochs", "fit()"),
            whole(initial_epoch, "initial_epoch", "fit()", minimum=0),
            flag(shuffle, "shuffle", "fit()"),
            live=watch_steps(given),
        )
        fraction = real(validation_split, "validation_split", "fit()", low=0.0, high=1.0)
        array = self._inputs(x, "x", "fit()")
        check_output(self.lower(), compiled.loss, self._last_layer())
        train = self._examples(array, y, "fit()", sample_weight=sample_weight)
        validation = None
        if validation_data is not None:
            val_x, val_y, val_weights = _parts(validation_data)
            val_x = self._inputs(val_x, "validation x", "fit()")
            validation = self._examples(val_x, val_y, "fit()", "validation ", val_weights)
        elif fraction:
            train, validation = split(train, fraction, "fit()")
        if class_weight is not None:
            train = self._by_class(train, class_weight, "fit()")
        binding, meter = self._compiled_binding(compiled, training=True)
        steps = -(-len(train.x) // schedule.batch_size)
        params = {"verbose": verbose, "epochs": epochs, "steps": steps}
        self.history = history = History(params)
        events = fit_events(binding, train, validation, schedule, meter, compiled.control)
        watch: list[Watcher] = [CallbackWatcher(given, self, params), history, NumericsWatch()]
        run(events, watch + shown)
        return history

    @overload
    def evaluate(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        *,
        callbacks: Any = None,
        return_dict: Literal[True],
    ) -> dict[str, float]: ...

    @overload
    def evaluate(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        *,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any: ...

    def evaluate(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        *,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> float | list[float] | dict[str, float]:
        """Return the mean loss, and the metrics if there are any: [loss, accuracy].

        With return_dict=True it is {"accuracy": ..., "loss": ...}. `sample_weight` (n,) says how
        much each example counts in the loss. Arguments and errors as fit().
        """
        compiled = self._require_compilation("evaluate()")
        size = _DEFAULT_BATCH if batch_size is None else batch_size
        size = whole(size, "batch_size", "evaluate()")
        given, shown = checked(callbacks, "evaluate()"), progress(verbose)
        flag(return_dict, "return_dict", "evaluate()")
        array = self._inputs(x, "x", "evaluate()")
        check_output(self.lower(), compiled.loss, self._last_layer())
        examples = self._examples(array, y, "evaluate()", sample_weight=sample_weight)
        binding, meter = self._compiled_binding(compiled, training=False)
        params = {"verbose": verbose, "epochs": 1, "steps": -(-len(examples.x) // size)}
        events = evaluate_events(binding, examples, size, meter)
        end = run(events, [CallbackWatcher(given, self, params), *shown])
        logs = end.logs if isinstance(end, EvaluateEnd) else {}
        if return_dict:
            return logs
        values = [logs[name] for name in meter.names]
        return values if len(values) > 1 else values[0]

    def predict(
        self,
        x: npt.ArrayLike,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        *,
        callbacks: Any = None,
    ) -> npt.NDArray[Any]:
        """Return the outputs for examples of shape (n, ...), one row each.

        An example's outputs do not depend on the batch it came in. Raises ArgumentError,
        ShapeError or DataError. Needs no compile().
        """
        size = _DEFAULT_BATCH if batch_size is None else batch_size
        size = whole(size, "batch_size", "predict()")
        given, shown = checked(callbacks, "predict()"), progress(verbose)
        array = self._inputs(x, "x", "predict()")
        binding = self._binding()
        params = {"verbose": verbose, "epochs": 1, "steps": -(-len(array) // size)}
        outputs = np.empty((len(array), *self.output_sizes), dtype=self.dtype)
        events = predict_events(binding, array, size, outputs)
        run(events, [CallbackWatcher(given, self, params), *shown])
        return outputs

    def predict_on_batch(self, x: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the outputs for one batch of shape (n, ...): predict() without callbacks.

        The quickest way to ask for a few images at a time. Raises what predict() raises.

        >>> import numpy as np, galago as gl
        >>> gl.applications.lenet5().predict_on_batch(np.zeros((1, 28, 28, 1))).shape
        (1, 10)
        """
        array = self._inputs(x, "x", "predict_on_batch()")
        return self._binding().predict(array, 0, len(array))

    def profile(self, x: npt.ArrayLike, y: npt.ArrayLike | None = None) -> Profile:
        """Return where the time of one batch goes, layer by layer; printed, a table.

        x (n, ...) is the batch; with its labels y a train step is clocked, without them a
        prediction. Weights, optimizer and moving statistics stay as they are. Takes about a
        second. Raises what fit() and predict() raise.

        >>> import numpy as np, galago as gl
        >>> found = gl.applications.reference(filters=4).profile(np.zeros((8, 28, 28, 1)))
        >>> [layer.name.partition("_")[0] for layer in found.layers][:2]
        ['input', 'conv2d']
        """
        array = self._inputs(x, "x", "profile()")
        if y is None:
            binding = self._binding()
            binding.push()
            return profile_session(binding.session, "predict", array, None)
        compiled = self._require_compilation("profile()")
        check_output(self.lower(), compiled.loss, self._last_layer())
        examples = self._examples(array, y, "profile()")
        binding, _ = self._compiled_binding(compiled, training=True)
        binding.push()
        return profile_session(binding.session, "train", examples.x, examples.y)

    def get_optimizer_state(self) -> list[npt.NDArray[Any]]:
        """Return what the optimizer keeps, as Keras's files hold it.

        The steps so far, the learning rate, then for each trained weight its moments. Raises
        NotCompiledError and NotBuiltError.
        """
        compiled = self._require_compilation("get_optimizer_state()")
        binding, _ = self._compiled_binding(compiled, training=False)
        return binding.get_optimizer_state()

    def set_optimizer_state(self, state: Sequence[npt.ArrayLike]) -> None:
        """Take over what get_optimizer_state() of an equal model returned. Raises ShapeError."""
        compiled = self._require_compilation("set_optimizer_state()")
        binding, _ = self._compiled_binding(compiled, training=False)
        binding.set_optimizer_state(state)

    def _require_compilation(self, wanted: str) -> Compilation:
        if self._compilation is None:
            raise NotCompiledError(
                f"{self.label}: {wanted} needs a compiled model, but compile() was not called. "
                "Call model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', "
                "metrics=['accuracy']) first."
            )
        return self._compilation

    def _frozen(self) -> set[str]:
        """Names of the layers that are not trained, by compile() or else by themselves."""
        known = self._compilation
        return {
            layer.name
            for layer in self.layers
            if not (layer.trainable if known is None else known.is_trainable(layer))
        }

    def _inputs(self, x: Any, name: str, owner: str) -> npt.NDArray[Any]:
        """Checked inputs; a model that does not know its input shape learns it here."""
        array = numbers(x, name, owner)
        if not self.layers:
            raise ShapeError(
                f"{self.label}: expected at least one layer, but the model has none. "
                "Add some with model.add(...)."
            )
        if not self.built:
            self.build((None, *array.shape[1:]))
        return inputs(array, self.input_sizes, name, owner)

    def _examples(
        self,
        x: npt.NDArray[Any],
        y: Any,
        owner: str,
        kind: str = "",
        sample_weight: Any = None,
    ) -> Examples:
        """Checked labels and weights next to their inputs."""
        loss, shape = self._require_compilation(owner).loss, self.output_sizes
        found = labels(y, loss, shape, self._last_layer(), f"{kind}y", owner)
        examples = Examples(x, found)
        require_equal_lengths(examples, f"{kind}x and {kind}y", owner)
        name = f"{kind}sample_weight"
        weights = sample_weights(sample_weight, len(found), shape[:-1], name, owner)
        return examples._replace(weights=weights)

    def _by_class(self, examples: Examples, class_weight: Any, owner: str) -> Examples:
        """The examples with weights by their classes."""
        if examples.weights is not None:
            raise ArgumentError(
                f"{owner}: expected class_weight or sample_weight, received both. Multiply them "
                "into one sample_weight."
            )
        loss, units = self._require_compilation(owner).loss, self.output_sizes[-1]
        found = class_weights(class_weight, examples.y, loss, units, owner)
        return examples._replace(weights=found)

    def _last_layer(self) -> str:
        """How messages call the layer that decides the number of outputs."""
        layers = self.layers
        return next((known for known in layers[::-1] if known.weights), layers[-1]).label

    def _compiled_binding(self, compiled: Compilation, *, training: bool) -> tuple[Binding, Meter]:
        binding = self._binding()
        units, loss = self.output_sizes[-1], compiled.loss
        weighted = compiled.resolved_weighted(units)
        meter = Meter(compiled.resolved_metrics(units), weighted, not loss.rewrites_labels)
        layers = self.layers
        trainable = [
            variable.trainable and compiled.is_trainable(layer)
            for layer in layers
            for variable in layer.weights
        ]
        if training and not any(trainable):
            raise ArgumentError(
                f"{self.label}: fit() expects weights to train, but every layer is frozen or has "
                "none. Set layer.trainable = True and call compile() again."
            )
        changed = next((la for la in layers if la.trainable != compiled.is_trainable(la)), None)
        if training and changed is not None:
            warnings.warn(
                f"{changed.label}: trainable was set to {changed.trainable} after compile(), which "
                "expected it before; training goes on with the old value. Call compile() again.",
                GalagoWarning,
                stacklevel=3,
            )
        if binding.compiled_for is not compiled:
            accuracy = meter.from_engine.engine if meter.from_engine else None
            binding.compile(loss, compiled.control.optimizer, accuracy, trainable, compiled)
        return binding, meter


def _parts(data: Any) -> tuple[Any, Any, Any]:
    """Examples, labels and weights or None."""
    if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
        received = f"{len(data)} values" if isinstance(data, (tuple, list)) else repr(type(data))
        raise DataError(
            f"fit(): expected validation_data as (x, y) or (x, y, sample_weight), received "
            f"{received}. Pass validation_data=(x_test, y_test)."
        )
    return data[0], data[1], data[2] if len(data) == 3 else None
