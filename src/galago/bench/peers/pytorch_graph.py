"""A Graph in PyTorch: functions of tensors that stand for (batch, channels, rows, columns)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from galago.bench.peers.base import kernel_of, normalization
from galago.graph import Graph, Node

_ACTIVATIONS: dict[str, Callable[[Any, float], Any]] = {
    "elu": lambda x, alpha: F.elu(x, alpha),
    "exponential": lambda x, _: torch.exp(x),
    "gelu": lambda x, _: F.gelu(x),
    "hard_sigmoid": lambda x, _: F.relu6(x + 3) / 6,  # F.hardsigmoid rounds 1/6 to float32
    "leaky_relu": lambda x, alpha: F.leaky_relu(x, alpha),
    "linear": lambda x, _: x,
    "relu": lambda x, _: F.relu(x),
    "relu6": lambda x, _: F.relu6(x),
    "selu": lambda x, _: F.selu(x),
    "sigmoid": lambda x, _: torch.sigmoid(x),
    "silu": lambda x, _: F.silu(x),
    "softmax": lambda x, _: x.softmax(1),
    "softplus": lambda x, _: F.softplus(x, threshold=1e9),
    "softsign": lambda x, _: F.softsign(x),
    "tanh": lambda x, _: torch.tanh(x),
}


def parameter(graph: Graph, place: int, value: Any, channels_last: bool) -> Any:
    """A weight, a tensor in Keras's layout, in PyTorch's."""
    node = next(node for node in graph.nodes if place in node.parameters)
    if place == node.parameters[0] and node.op == "conv":
        kernel = kernel_of(node, value).permute(3, 2, 0, 1).contiguous()
        return kernel.to(memory_format=torch.channels_last) if channels_last else kernel
    if place == node.parameters[0] and node.op == "dense":
        return value.T.contiguous()
    return value


class Forward:
    """Calls from a batch as Galago has it, and the parameters, to the output of a node."""

    def __init__(self, graph: Graph, output: int, channels_last: bool, training: bool) -> None:
        self._nodes = graph.nodes[: output + 1]
        self._steps = [_step(node, training) for node in self._nodes]
        self._channels_last = channels_last

    def __call__(self, x: Any, parameters: Sequence[Any]) -> Any:
        """Return the output."""
        if x.ndim == 4:
            x = x.permute(0, 3, 1, 2)
            x = x if self._channels_last else x.contiguous()
        values = [x]
        for node, step in zip(self._nodes[1:], self._steps[1:], strict=True):
            sources = [values[place] for place in node.inputs]
            values.append(step(sources, [parameters[place] for place in node.parameters]))
        return values[-1]


def _step(node: Node, training: bool) -> Callable[[list[Any], list[Any]], Any]:
    """A node as a function of its inputs and parameters."""
    a: dict[str, Any] = dict(node.attributes)
    match node.op:
        case "conv":
            border, padding = _padding(a["padding"])
            rest = (a["strides"], padding, a["dilation"], a["groups"])
            return lambda x, p: F.conv2d(border(_maps(x[0]), 0.0), p[0], _bias(p), *rest)
        case "dense":
            return lambda x, p: F.linear(x[0], p[0], _bias(p))
        case "max_pool":
            border, padding = _padding(a["padding"])
            return lambda x, p: F.max_pool2d(
                border(_maps(x[0]), -math.inf), a["pool"], a["strides"], padding
            )
        case "average_pool":
            return lambda x, p: _average(_maps(x[0]), a)
        case "activation":
            function = _ACTIVATIONS[a["kind"]]
            return lambda x, p: function(x[0], a["alpha"])
        case "flatten":  # rows, columns, channels: nothing is moved in channels_last
            return lambda x, p: _rows(x[0]).flatten(1)
        case "pad":
            top, bottom, left, right = a["padding"]
            return lambda x, p: F.pad(x[0], (left, right, top, bottom))
        case "batch_norm":
            batch = training and not a["inference"]
            return lambda x, p: _normalize(x[0], node, p, batch)
        case "add":
            return lambda x, p: sum(x[1:], start=x[0])
        case "concatenate":
            return lambda x, p: torch.cat(x, 1)
        case "dropout":
            return lambda x, p: F.dropout(x[0], a["rate"], training)
        case "input":
            return lambda x, p: x[0]
    raise ValueError(f"its file in galago/bench/peers knows no {node.op!r}")


def _bias(p: Sequence[Any]) -> Any:
    return p[1] if len(p) > 1 else None


def _maps(x: Any) -> Any:
    """Maps that may come without an axis for their only channel."""
    return x if x.ndim == 4 else x[:, None]


def _rows(x: Any) -> Any:
    return x.permute(0, 2, 3, 1) if x.ndim == 4 else x


def _padding(padding: tuple[int, int, int, int]) -> tuple[Callable[[Any, float], Any], Any]:
    """What puts a border around, and the padding that PyTorch itself does: one of them nothing."""
    top, bottom, left, right = padding
    if top == bottom and left == right:
        return lambda x, value: x, (top, left)
    return lambda x, value: F.pad(x, (left, right, top, bottom), value=value), 0


def _average(x: Any, a: dict[str, Any]) -> Any:
    """A mean over the window without the padding."""
    top, bottom, left, right = a["padding"]
    if top == bottom and left == right:
        return F.avg_pool2d(x, a["pool"], a["strides"], (top, left), count_include_pad=False)
    border = (left, right, top, bottom)
    sums = F.avg_pool2d(F.pad(x, border), a["pool"], a["strides"])
    inside = F.pad(torch.ones_like(x[:1, :1]), border)
    return sums / F.avg_pool2d(inside, a["pool"], a["strides"])


def _normalize(x: Any, node: Node, p: Sequence[Any], batch: bool) -> Any:
    a: dict[str, Any] = dict(node.attributes)
    gamma, beta, mean, variance = normalization(node, p)
    return F.batch_norm(x, mean, variance, gamma, beta, batch, 1 - a["momentum"], a["epsilon"])
