"""The callback class, with Keras's hooks, and its way from the loop's events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from galago.errors import ArgumentError
from galago.training import events as ev

if TYPE_CHECKING:
    from galago.models.trainer import Trainer

Logs = dict[str, Any]


class Callback:
    """Base of callbacks: override the hooks you need, pass an object to fit(callbacks=[...]).

    `self.model` is the model, `self.params` holds "verbose", "epochs" and "steps". To stop, set
    `self.model.stop_training = True`; to change the step size, set
    `self.model.optimizer.learning_rate`. Epochs and batches count from 0; `logs` are running
    means. Hooks that are not overridden cost nothing.

    >>> class StopAt(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         if logs["accuracy"] > 0.95:
    ...             self.model.stop_training = True
    """

    model: Trainer
    params: Mapping[str, Any]

    def set_model(self, model: Trainer) -> None:
        """Receive the model, before anything else."""
        self.model = model

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Receive the settings of the run."""
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """At the start of fit()."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """At the end of fit(), with the last epoch's logs."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """At the start of an epoch."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """At the end of an epoch; names of the validation start with "val_"."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch."""

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """At the start of evaluate(), or of the validation in fit()."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """At the end of evaluate(), or of the validation in fit()."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch of evaluate() or validation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch of evaluate() or validation."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """At the start of predict()."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """At the end of predict()."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch of predict()."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch of predict(), with {"outputs": array}."""


#: Event -> hook and the arguments it gets. Hooks that know nothing yet get empty logs.
_HOOKS: Mapping[type[ev.Event], tuple[str, Callable[[Any], tuple[Any, ...]]]] = {
    ev.TrainBegin: ("on_train_begin", lambda event: ({},)),
    ev.EpochBegin: ("on_epoch_begin", lambda event: (event.epoch, {})),
    ev.StepBegin: ("on_train_batch_begin", lambda event: (event.step, {})),
    ev.StepEnd: ("on_train_batch_end", lambda event: (event.step, event.logs)),
    ev.EpochEnd: ("on_epoch_end", lambda event: (event.epoch, event.logs)),
    ev.TrainEnd: ("on_train_end", lambda event: (event.logs,)),
    ev.EvaluateBegin: ("on_test_begin", lambda event: ({},)),
    ev.EvaluateStepBegin: ("on_test_batch_begin", lambda event: (event.step, {})),
    ev.EvaluateStepEnd: ("on_test_batch_end", lambda event: (event.step, event.logs)),
    ev.EvaluateEnd: ("on_test_end", lambda event: (event.logs,)),
    ev.PredictBegin: ("on_predict_begin", lambda event: ({},)),
    ev.PredictStepBegin: ("on_predict_batch_begin", lambda event: (event.step, {})),
    ev.PredictStepEnd: (
        "on_predict_batch_end",
        lambda event: (event.step, {"outputs": event.outputs}),
    ),
    ev.PredictEnd: ("on_predict_end", lambda event: ({},)),
}


class CallbackWatcher:
    """Shows events to callbacks as Keras's hooks, in the order of the list."""

    def __init__(
        self, callbacks: Iterable[Callback], model: Trainer, params: Mapping[str, Any]
    ) -> None:
        self._callbacks = list(callbacks)
        for callback in self._callbacks:
            callback.set_params(dict(params))
            callback.set_model(model)

    def handlers(self) -> Mapping[type[ev.Event], ev.Handler]:
        """Return handlers for the hooks that some callback overrides."""
        found: dict[type[ev.Event], ev.Handler] = {}
        if not self._callbacks:
            return found
        for kind, (hook, arguments) in _HOOKS.items():
            methods = [
                getattr(callback, hook)
                for callback in self._callbacks
                if _overrides(callback, hook)
            ]
            if methods:
                found[kind] = _call_all(methods, arguments)
        return found


def _overrides(callback: Callback, hook: str) -> bool:
    own = getattr(type(callback), hook) is not getattr(Callback, hook)
    return own or hook in vars(callback)


def watch_steps(callbacks: Iterable[Callback]) -> bool:
    """Return whether any of the callbacks has a hook before or after a batch of training."""
    hooks = (_HOOKS[ev.StepBegin][0], _HOOKS[ev.StepEnd][0])
    return any(_overrides(callback, hook) for callback in callbacks for hook in hooks)


def checked(callbacks: Any, owner: str) -> list[Callback]:
    """Return the callbacks of an argument (None, one, or several). Raises ArgumentError."""
    several = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
    given = [] if callbacks is None else list(several)
    for callback in given:
        if isinstance(callback, Callback):
            continue
        is_class = isinstance(callback, type) and issubclass(callback, Callback)
        raise ArgumentError(
            f"{owner}: expected callbacks to be objects of galago.callbacks.Callback, received "
            + (
                f"the class {callback.__name__}. Add parentheses: {callback.__name__}()."
                if is_class
                else f"{callback!r}. Derive its class from Callback."
            )
        )
    return given


def _call_all(
    methods: list[Callable[..., None]], arguments: Callable[[Any], tuple[Any, ...]]
) -> ev.Handler:
    def call(event: Any) -> None:
        values = arguments(event)
        for method in methods:
            method(*values)

    return call
