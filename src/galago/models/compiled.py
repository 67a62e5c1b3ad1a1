"""What compile() tells a model: optimizer, loss, metrics, and the session made ready for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy.typing as npt

from galago.engine import OutputLoss
from galago.errors import ArgumentError, NotCompiledError, ShapeError, warn
from galago.layers import KerasTensor, Layer
from galago.metrics import Metric
from galago.models.compilation import Compilation, Head, check_output, compilation
from galago.models.network import Network
from galago.optimizers import Optimizer
from galago.training.adapters import numbers
from galago.training.binding import Binding
from galago.training.format import Format, Labels, unpacked
from galago.training.meter import Measured, Meter
from galago.training.streams import Stream


class Compiled(Network):
    """Base of Trainer: a network that can be compiled, and its optimizer.

    Arguments:
        name: made up from the class if None
    Raises NotCompiledError where something needs compile() first.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._compilation: Compilation | None = None

    def compile(
        self,
        optimizer: str | Optimizer = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
    ) -> None:
        """Say how to train. Of several outputs each has a loss, or None, and metrics of its own.

        They then come as lists in the order of the outputs, or as dictionaries by their names.

        Arguments:
            optimizer: a name, or an object of galago.optimizers; its moments start anew
            loss: a name, or an object or function of galago.losses
            loss_weights: what is trained is the sum of the losses, each times its weight
            metrics: names, objects of galago.metrics, or functions of labels and outputs
            weighted_metrics: the same, for which weights of examples count, as they do in the loss
        Frozen layers (trainable=False) count as they are now. Raises UnknownNameError and
        ArgumentError.

        >>> from galago.models import Sequential
        >>> Sequential().compile(optimizer="adam", loss="mse", metrics=["mae"])
        """
        told = compilation(optimizer, loss, loss_weights, metrics, weighted_metrics, self.leaves)
        told.heads(self.output_names)
        self._compilation = told
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
        """Take over seeds, the drawn_seeds of an equal model."""
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
        """Take over a state that get_optimizer_state() returned. Raises ShapeError."""
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
        if self._input_format is not None and not labels:
            return self._input_format
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
            self._input_format = Format(shapes)
            return self._input_format
        compiled = self._require_compilation(owner)
        names = self.output_names
        heads = compiled.heads(names)
        formats = [
            Labels(name, tensor.sizes, head.loss, _decides(tensor))
            for name, tensor, head in zip(names, self.outputs, heads, strict=True)
        ]
        if self._session is None or self._session.compiled_for is not compiled:
            graph = self.to_graph()
            for place, output in zip(graph.outputs, formats, strict=True):
                if output.loss is not None:
                    check_output(graph, place, output.loss, output.layer)
        return Format(shapes, formats, class_weight)

    def _compiled_binding(self, compiled: Compilation, *, training: bool) -> tuple[Binding, Meter]:
        binding, heads = self._binding(), compiled.heads(self.output_names)
        meter = Meter(self._measured(heads))
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
            losses = [
                _for_engine(head, measured.from_engine)
                for head, measured in zip(heads, meter.outputs, strict=True)
            ]
            binding.compile(losses, compiled.control.optimizer, trained, compiled)
        return binding, meter

    def _measured(self, heads: Sequence[Head]) -> list[Measured]:
        several = sum(head.loss is not None for head in heads) > 1
        return [
            head.measured(tensor.sizes[-1], own_loss=several)
            for head, tensor in zip(heads, self.outputs, strict=True)
        ]

    @property
    def metrics_names(self) -> list[str]:
        """The names of what evaluate() returns, in its order. Raises NotCompiledError.

        >>> import galago as gl
        >>> model = gl.applications.lenet5()
        >>> model.compile("sgd", "mse", metrics=["mae"])
        >>> model.metrics_names
        ['loss', 'mae']
        """
        compiled = self._require_compilation("metrics_names")
        return list(Meter(self._measured(compiled.heads(self.output_names))).names)

    @property
    def logged(self) -> dict[str, Literal["max", "min"] | None]:
        """The names of what fit() logs, and whether larger or smaller values are better.

        Raises NotCompiledError.
        """
        compiled = self._require_compilation("logged")
        outputs = self._measured(compiled.heads(self.output_names))
        found: dict[str, Literal["max", "min"] | None] = {"loss": "min"}
        for output in outputs:
            found |= {output.loss: "min"} if output.loss else {}
            found |= {k: m.better for k, m in {**output.metrics, **output.weighted}.items()}
        return found


def _for_engine(head: Head, accuracy: Metric | None) -> OutputLoss:
    """A loss as the engine takes it, with the accuracy that it counts."""
    loss, kind = head.loss, accuracy.engine if accuracy is not None else None
    if loss is None:
        return OutputLoss("")
    reduction = loss.engine_reduction
    return OutputLoss(
        loss.kind, loss.from_logits, kind or "", head.weight, loss.options(), reduction
    )


def _decides(tensor: KerasTensor) -> str:
    """How messages call the layer that decides the number of an output's values."""
    path = tensor.path()
    return next((one.layer for one in path[::-1] if one.layer.weights), path[-1].layer).label
