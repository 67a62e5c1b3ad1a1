"""What compile() was told, and how it fits a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from galago import losses, metrics, optimizers
from galago.checks import real
from galago.errors import ArgumentError, warn
from galago.graph import Graph
from galago.layers import Layer
from galago.losses import Loss
from galago.registry import nearest
from galago.training.events import Control
from galago.training.meter import Measured

#: Activations that give negative numbers, so their outputs cannot be probabilities.
_SIGNED = ("linear", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "softsign")


class Head(NamedTuple):
    """What compile() was told of one output; `name` is empty where there is only one."""

    name: str
    loss: Loss | None
    weight: float
    metrics: tuple[Any, ...]
    weighted_metrics: tuple[Any, ...]

    def measured(self, units: int, *, own_loss: bool) -> Measured:
        """Return what is measured of the output, with `units` values. Raises ArgumentError."""
        prefix = f"{self.name}_" if self.name else ""
        if self.loss is None:
            return Measured({})
        loss, name = self.loss, f"{prefix}loss" if own_loss else None
        plain, weighted = (
            {prefix + key: metrics.resolve(metric, loss, units) for key, metric in listed}
            for listed in (self._named(), self._named_weighted())
        )
        return Measured(plain, weighted, not loss.rewrites_labels, name)

    def check(self) -> None:
        """Raise ArgumentError for metrics of one name."""
        keys = [key for key, _ in (*self._named(), *self._named_weighted())]
        twice = next((key for key in keys if keys.count(key) > 1 or key == "loss"), None)
        if twice is not None:
            raise ArgumentError(
                f"compile(): expected metrics with different names, received {twice!r} twice. "
                "Leave one out, or give a metric object another name."
            )

    def _named(self) -> list[tuple[str, Any]]:
        return [(metrics.name_of(metric), metric) for metric in self.metrics]

    def _named_weighted(self) -> list[tuple[str, Any]]:
        """A name that the others have too says that it is weighted."""
        taken = {metrics.name_of(metric) for metric in self.metrics}
        names = [metrics.name_of(metric) for metric in self.weighted_metrics]
        keys = [f"weighted_{name}" if name in taken else name for name in names]
        return list(zip(keys, self.weighted_metrics, strict=True))


@dataclass(frozen=True, eq=False)
class Compilation:
    """Loss, metrics as named, which layers were trainable at that time, and the optimizer.

    The optimizer stands behind `control`, through which a running training is steered. Loss, its
    weights and metrics are as they were given: one, a list, or a dictionary by outputs.
    """

    control: Control
    loss: Any
    loss_weights: Any
    metrics: Any
    weighted_metrics: Any
    trainable: Mapping[Layer, bool]

    def is_trainable(self, layer: Layer) -> bool:
        """Tell whether a layer is trained; one added later is as it says itself."""
        return self.trainable.get(layer, layer.trainable)

    def heads(self, names: Sequence[str]) -> list[Head]:
        """Return what was told of each output. Raises ArgumentError where it does not fit them."""
        losses_ = _spread(self.loss, names, "loss")
        weights = _spread(self.loss_weights, names, "loss_weights")
        listed = _spread_metrics(self.metrics, names, "metrics")
        weighted = _spread_metrics(self.weighted_metrics, names, "weighted_metrics")
        heads = [
            Head(name if len(names) > 1 else "", loss, 1.0 if weight is None else weight, *others)
            for name, loss, weight, *others in zip(
                names, losses_, weights, listed, weighted, strict=True
            )
        ]
        for head in heads:
            head.check()
            if head.loss is None and (head.metrics or head.weighted_metrics):
                raise ArgumentError(
                    f"compile(): expected metrics for outputs that have a loss, received some for "
                    f"{head.name!r}, which has none. Give it a loss, with a weight of 0 if it is "
                    "not to count."
                )
        if all(head.loss is None for head in heads):
            raise ArgumentError("compile(): expected a loss, received None. Pass one.")
        return heads


def compilation(
    optimizer: Any,
    loss: Any,
    loss_weights: Any,
    listed: Any,
    weighted: Any,
    layers: Sequence[Layer],
) -> Compilation:
    """Check the arguments of compile(). Raises ArgumentError and UnknownNameError."""
    return Compilation(
        Control(optimizers.get(optimizer)),
        _each(loss, lambda one: None if one is None else losses.get(one)),
        _each(loss_weights, _weight),
        _metrics(listed, "metrics"),
        _metrics(weighted, "weighted_metrics"),
        {layer: layer.trainable for layer in layers},
    )


def _weight(given: Any) -> float | None:
    return None if given is None else real(given, "loss_weights", "compile()")


def _each(given: Any, made: Callable[[Any], Any]) -> Any:
    """One, a list or a dictionary, with a function applied to each."""
    if isinstance(given, Mapping):
        return {key: made(one) for key, one in given.items()}
    return [made(one) for one in given] if isinstance(given, (list, tuple)) else made(given)


def _metrics(given: Any, argument: str) -> Any:
    """Names and metrics, checked, in the structure that they were given in."""
    if given is not None and not isinstance(given, (list, tuple, Mapping)):
        raise ArgumentError(
            f"compile(): expected {argument} as a list, received {given!r}. "
            f"Write {argument}=[{given!r}]."
        )
    if isinstance(given, Mapping):
        return {key: _metric_list(one) for key, one in given.items()}
    listed = list(given or ())
    if any(one is None or isinstance(one, (list, tuple)) for one in listed):
        return [_metric_list(one) for one in listed]
    return _metric_list(given)


def _metric_list(given: Any) -> tuple[Any, ...]:
    listed = tuple(given) if isinstance(given, (list, tuple)) else (given,)
    if given is None:
        return ()
    for metric in listed:
        metrics.check(metric)
    return listed


def _spread(given: Any, names: Sequence[str], argument: str) -> list[Any]:
    """What is given for each output: the same for all, by their order, or by their names."""
    if isinstance(given, Mapping):
        unknown = next((key for key in given if key not in names), None)
        if unknown is not None:
            raise ArgumentError(
                f"compile(): expected {argument} for the outputs {', '.join(map(repr, names))}, "
                f"received one for {unknown!r}.{nearest(unknown, names)} Use their names."
            )
        return [given.get(name) for name in names]
    if not isinstance(given, list):
        return [given] * len(names)
    if len(given) != len(names):
        raise ArgumentError(
            f"compile(): expected {argument} for {len(names)} outputs, received a list of "
            f"{len(given)}. Pass one for each of {', '.join(map(repr, names))}."
        )
    return given


def _spread_metrics(given: Any, names: Sequence[str], argument: str) -> list[tuple[Any, ...]]:
    """Metrics of each output: a plain list is for the only one."""
    if isinstance(given, tuple):
        if len(names) == 1 or not given:
            return [given, *([()] * (len(names) - 1))]
        if len(given) == len(names):
            return [(one,) for one in given]
        raise ArgumentError(
            f"compile(): expected {argument} for {len(names)} outputs, received a list of "
            f"{len(given)}. Pass a list of lists, or a dictionary, for "
            f"{', '.join(map(repr, names))}."
        )
    return [found or () for found in _spread(given, names, argument)]


#: What comes out lies between the smallest and the largest of what goes in.
_BETWEEN = ("flatten", "max_pool", "average_pool", "dropout", "activity")


def check_output(graph: Graph, place: int, loss: Loss, last_layer: str) -> None:
    """Raise ArgumentError if the loss cannot read an output of the graph."""
    output = graph.nodes[place]
    activation = _last_activation(graph, place)
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
        warn(
            f"compile(): {type(loss).__name__}(from_logits=True) expects outputs before softmax "
            f"or sigmoid, received those of {last_layer} after {activation!r}. Remove one of the "
            "two."
        )


def _last_activation(graph: Graph, place: int) -> str:
    """The activation that decides which numbers can come out."""
    node = graph.nodes[place]
    while node.op in _BETWEEN:
        node = graph.nodes[node.inputs[0]]
    return str(dict(node.attributes).get("kind", "linear"))
