"""What compile() was told, and how it fits a model."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from galago import losses, metrics, optimizers
from galago.errors import ArgumentError, GalagoWarning
from galago.graph import Graph
from galago.layers import Layer
from galago.losses import Loss
from galago.metrics import Metric
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
    weighted_metrics: tuple[Any, ...]
    trainable: Mapping[Layer, bool]

    def is_trainable(self, layer: Layer) -> bool:
        """Tell whether a layer is trained; one added later is as it says itself."""
        return self.trainable.get(layer, layer.trainable)

    def resolved_metrics(self, units: int) -> list[Metric]:
        """Return the metrics for a model with `units` outputs. Raises ArgumentError."""
        return [metrics.resolve(metric, self.loss, units) for metric in self.metrics]

    def resolved_weighted(self, units: int) -> dict[str, Metric]:
        """Return the metrics that know weights of examples, by their keys in the logs."""
        return {
            key: metrics.resolve(metric, self.loss, units)
            for key, metric in zip(
                _weighted_keys(self.metrics, self.weighted_metrics),
                self.weighted_metrics,
                strict=True,
            )
        }


def compilation(
    optimizer: Any,
    loss: Any,
    names: Any,
    layers: Sequence[Layer],
    weighted_names: Any = None,
) -> Compilation:
    """Check the arguments of compile(). Raises ArgumentError and UnknownNameError."""
    listed = _listed(names, "metrics")
    weighted = _listed(weighted_names, "weighted_metrics")
    keys = [metrics.name_of(metric) for metric in listed] + _weighted_keys(listed, weighted)
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
        weighted,
        {layer: layer.trainable for layer in layers},
    )


def _listed(names: Any, argument: str) -> tuple[Any, ...]:
    if names is not None and not isinstance(names, (list, tuple)):
        raise ArgumentError(
            f"compile(): expected {argument} as a list, received {names!r}. "
            f"Write {argument}=[{names!r}]."
        )
    for metric in names or ():
        metrics.check(metric)
    return tuple(names or ())


def _weighted_keys(plain: Sequence[Any], weighted: Sequence[Any]) -> list[str]:
    """Names of the weighted metrics; a name that the others have too says that it is weighted."""
    taken = {metrics.name_of(metric) for metric in plain}
    names = [metrics.name_of(metric) for metric in weighted]
    return [f"weighted_{name}" if name in taken else name for name in names]


#: What comes out lies between the smallest and the largest of what goes in.
_BETWEEN = ("flatten", "max_pool", "average_pool", "dropout")


def check_output(graph: Graph, loss: Loss, last_layer: str) -> None:
    """Raise ArgumentError if the loss cannot read the model's output."""
    output = graph.nodes[graph.outputs[0]]
    activation = _last_activation(graph)
    if activation == "softmax" and output.shape[-1] == 1:
        raise ArgumentError(
            f"compile(): softmax expects two outputs or more, received the single one of "
            f"{last_layer}, which would always be 1. Use activation='sigmoid' and "
            "loss='binary_crossentropy'."
        )
    if loss.activation is None:
        return
    if not loss.from_logits and activation in _SIGNED:
        raise ArgumentError(
            f"compile(): loss {loss.kind!r} expects probabilities, received the {activation!r} "
            f"outputs of {last_layer}. Give it activation={loss.activation!r}, or use "
            f"{type(loss).__name__}(from_logits=True)."
        )
    if loss.from_logits and activation in ("softmax", "sigmoid"):
        warnings.warn(
            f"compile(): {type(loss).__name__}(from_logits=True) expects outputs before softmax "
            f"or sigmoid, received those of {last_layer} after {activation!r}. Remove one of the "
            "two.",
            GalagoWarning,
            stacklevel=3,
        )


def _last_activation(graph: Graph) -> str:
    """The activation that decides which numbers the model can put out."""
    node = graph.nodes[graph.outputs[0]]
    while node.op in _BETWEEN:
        node = graph.nodes[node.inputs[0]]
    return str(dict(node.attributes).get("kind", "linear"))
