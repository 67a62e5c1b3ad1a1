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
    means. Hooks that are not overridden cost nothing. One that remembers something from epoch to
    epoch overrides get_state() and set_state() too, so that checkpoints hold it.

    >>> class StopWhenGood(Callback):
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

    def uses(self, hook: str) -> bool:
        """Tell whether a hook, such as "on_epoch_end", has to be called: if it is overridden.

        As long as nobody uses on_train_batch_begin or on_train_batch_end the engine gets several
        small steps at a time.
        """
        names = (hook, _OLD_NAMES.get(hook, hook))
        return any(
            name in vars(self) or getattr(type(self), name) is not getattr(Callback, name)
            for name in names
        )

    def get_state(self) -> dict[str, Any]:
        """Return what a training that goes on from here has to know, for a checkpoint.

        Numbers, text, None, and arrays, also in lists and in dicts with text as keys.
        """
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take over a state that get_state() returned, after on_train_begin."""

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """At the start of fit()."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """At the end of fit(), with the last epoch's logs."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """At the start of an epoch."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """At the end of an epoch; names of the validation start with "val_"."""

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch: Keras's old name of on_train_batch_begin."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch: Keras's old name of on_train_batch_end."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch."""
        self.on_batch_end(batch, logs)

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


#: The old names of hooks, which the new ones call.
_OLD_NAMES: Mapping[str, str] = {
    "on_train_batch_begin": "on_batch_begin",
    "on_train_batch_end": "on_batch_end",
}

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

#: The hooks around a batch of training.
STEP_HOOKS = (_HOOKS[ev.StepBegin][0], _HOOKS[ev.StepEnd][0])


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
        """Return handlers for the hooks that some callback uses."""
        found: dict[type[ev.Event], ev.Handler] = {}
        if not self._callbacks:
            return found
        for kind, (hook, arguments) in _HOOKS.items():
            methods = [
                getattr(callback, hook) for callback in self._callbacks if callback.uses(hook)
            ]
            if methods:
                found[kind] = _call_all(methods, arguments)
        return found


def watch_steps(callbacks: Iterable[Callback]) -> bool:
    """Return whether any of the callbacks uses a hook before or after a batch of training."""
    return any(callback.uses(hook) for callback in callbacks for hook in STEP_HOOKS)


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
