"""What compile() was told, and how it fits a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from galago import losses, metrics, optimizers
from galago.errors import ArgumentError, ShapeError, warn
from galago.graph import Graph
from galago.layers import Layer
from galago.losses import Loss, MeanSquaredError
from galago.metrics import Metric
from galago.shapes import with_batch
from galago.training.events import Control

#: Activations that give negative numbers, so their outputs cannot be probabilities.
_SIGNED = ("linear", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "softsign")


@dataclass(frozen=True, eq=False)
class Compilation:
    """Loss, metrics as named, which layers were trainable at that time, and the optimizer.

    The optimizer stands behind `control`, through which a running training is steered.
    """

    control: Control
    loss: Loss
    metrics: tuple[Any, ...]
    trainable: Mapping[Layer, bool]

    def is_trainable(self, layer: Layer) -> bool:
        """Tell whether a layer is trained; one added later is as it says itself."""
        return self.trainable.get(layer, layer.trainable)

    def resolved_metrics(self, units: int) -> list[Metric]:
        """Return the metrics for a model with `units` outputs. Raises ArgumentError."""
        return [metrics.resolve(metric, self.loss, units) for metric in self.metrics]


def compilation(optimizer: Any, loss: Any, names: Any, layers: Sequence[Layer]) -> Compilation:
    """Check the arguments of compile(). Raises ArgumentError and UnknownNameError."""
    if names is not None and not isinstance(names, (list, tuple)):
        raise ArgumentError(
            f"compile(): expected metrics as a list, received {names!r}. Write metrics=[{names!r}]."
        )
    listed = tuple(names or ())
    for metric in listed:
        metrics.check(metric)
    keys = [metric.name if isinstance(metric, Metric) else metric for metric in listed]
    twice = next((key for key in keys if keys.count(key) > 1 or key == "loss"), None)
    if twice is not None:
        raise ArgumentError(
            f"compile(): expected metrics with different names, received {twice!r} twice. "
            "Leave one out, or give a metric object another name."
        )
    return Compilation(
        Control(optimizers.get(optimizer)),
        losses.get(loss),
        listed,
        {layer: layer.trainable for layer in layers},
    )


#: What comes out lies between the smallest and the largest of what goes in.
_BETWEEN = ("flatten", "max_pool", "average_pool", "dropout")


def check_output(graph: Graph, loss: Loss, last_layer: str) -> None:
    """Raise ShapeError or ArgumentError if the loss cannot read the model's output."""
    output = graph.nodes[graph.outputs[0]]
    if len(output.shape) != 1:
        raise ShapeError(
            f"compile(): loss {loss.kind!r} expects outputs of shape (None, classes), received "
            f"{with_batch(output.shape)} from {last_layer}. Put Flatten() before the last Dense."
        )
    activation = _last_activation(graph)
    if activation == "softmax" and output.shape == (1,):
        raise ArgumentError(
            f"compile(): softmax expects two outputs or more, received the single one of "
            f"{last_layer}, which would always be 1. Use activation='sigmoid' and "
            "loss='binary_crossentropy'."
        )
    if isinstance(loss, MeanSquaredError):
        return
    if not loss.from_logits and activation in _SIGNED:
        name = "sigmoid" if loss.kind == "binary_crossentropy" else "softmax"
        raise ArgumentError(
            f"compile(): loss {loss.kind!r} expects probabilities, received the {activation!r} "
            f"outputs of {last_layer}. Give it activation={name!r}, or use "
            f"{type(loss).__name__}(from_logits=True)."
        )
    if loss.from_logits and activation in ("softmax", "sigmoid"):
        warn(
            f"compile(): {type(loss).__name__}(from_logits=True) expects outputs before softmax "
            f"or sigmoid, received those of {last_layer} after {activation!r}. Remove one of the "
            "two."
        )


def _last_activation(graph: Graph) -> str:
    """The activation that decides which numbers the model can put out."""
    node = graph.nodes[graph.outputs[0]]
    while node.op in _BETWEEN:
        node = graph.nodes[node.inputs[0]]
    return str(dict(node.attributes).get("kind", "linear"))
