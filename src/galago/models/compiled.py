"""What compile() tells a model: optimizer, loss, metrics, and the session made ready for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy.typing as npt

from galago.errors import ArgumentError, NotCompiledError, ShapeError, warn
from galago.layers import Layer
from galago.models.compilation import Compilation, check_output, compilation
from galago.models.network import Network
from galago.optimizers import Optimizer
from galago.training.adapters import numbers
from galago.training.binding import Binding
from galago.training.format import Format, unpacked
from galago.training.meter import Meter
from galago.training.streams import Stream


class Compiled(Network):
    """Base of Trainer: a network that can be compiled, and its optimizer."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._compilation: Compilation | None = None

    def compile(self, optimizer: str | Optimizer, loss: Any, *, metrics: Any = None) -> None:
        """Say how to train: optimizer, loss and metrics, by name or as objects.

        Frozen layers (trainable=False) count as they are now. The optimizer's moments start
        anew. Raises UnknownNameError or ArgumentError.

        >>> from galago.models import Sequential
        >>> Sequential().compile(optimizer="adam", loss="mse", metrics=["mae"])
        """
        self._compilation = compilation(optimizer, loss, metrics, self.leaves)
        if self._session is not None and self._session.graph != self.to_graph():
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

    @property
    def iterations(self) -> int:
        """Train steps since compile()."""
        bound = self._session
        if bound is None or bound.compiled_for is not self._compilation:
            return 0
        return bound.session.iterations

    @property
    def drawn_seeds(self) -> list[int | None]:
        """The seed that each layer drew for itself, None where it has none."""
        return [layer.drawn_seed for layer in self.leaves]

    def keep_seeds(self, seeds: Sequence[int | None]) -> None:
        """Take over the drawn_seeds of an equal model."""
        if list(seeds) == self.drawn_seeds:
            return
        for layer, seed in zip(self.leaves, seeds, strict=True):
            layer.keep_seed(seed)
        self._forget_session()  # which goes by the old ones

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

    def _frozen(self) -> set[Layer]:
        """The layers that are not trained, by compile() or else by themselves."""
        known = self._compilation
        return {
            layer
            for layer in self.leaves
            if not (layer.trainable if known is None else known.is_trainable(layer))
        }

    def _takes(
        self, x: Any, owner: str, *, labels: bool = True, class_weight: Any = None
    ) -> Format:
        """What the model takes; one that does not know its input shape learns it from x."""
        if not self.built:
            first = unpacked(x.peek(owner), owner).x if isinstance(x, Stream) else x
            array = numbers(first, "x", owner)
            if not self.layers:
                raise ShapeError(
                    f"{self.label}: expected at least one layer, but the model has none. "
                    "Add some with model.add(...)."
                )
            self.build((None, *array.shape[1:]))
        shapes = {tensor.layer.name: tensor.sizes for tensor in self.inputs}
        if not labels:
            return Format(shapes)
        compiled = self._require_compilation(owner)
        loss, last = compiled.loss, self._last_layer()
        if self._session is None or self._session.compiled_for is not compiled:
            check_output(self.to_graph(), loss, last)
        return Format(shapes, loss, self.output_sizes[-1], last, class_weight)

    def _last_layer(self) -> str:
        """How messages call the layer that decides the number of outputs."""
        layers = self.layers
        return next((known for known in layers[::-1] if known.weights), layers[-1]).label

    def _compiled_binding(self, compiled: Compilation, *, training: bool) -> tuple[Binding, Meter]:
        binding = self._binding()
        meter = Meter(compiled.resolved_metrics(self.output_sizes[-1]))
        layers = self.leaves
        trained = [
            variable
            for layer in layers
            if compiled.is_trainable(layer)
            for variable in layer.weights
            if variable.trainable
        ]
        if training and not trained:
            raise ArgumentError(
                f"{self.label}: fit() expects weights to train, but every layer is frozen or has "
                "none. Set layer.trainable = True and call compile() again."
            )
        changed = next((la for la in layers if la.trainable != compiled.is_trainable(la)), None)
        if training and changed is not None:
            warn(
                f"{changed.label}: trainable was set to {changed.trainable} after compile(), which "
                "expected it before; training goes on with the old value. Call compile() again."
            )
        if binding.compiled_for is not compiled:
            accuracy = meter.from_engine.engine if meter.from_engine else None
            binding.compile(compiled.loss, compiled.control.optimizer, accuracy, trained, compiled)
        return binding, meter
