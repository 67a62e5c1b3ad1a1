"""A Graph in JAX, maps as (batch, rows, columns, channels)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from galago.bench.peers.base import normalization
from galago.graph import Graph, Node

_MAPS = ("NHWC", "HWIO", "NHWC")
_ACTIVATIONS: dict[str, Callable[[Any, float], Any]] = {
    "elu": lambda x, alpha: jax.nn.elu(x, alpha),
    "exponential": lambda x, _: jnp.exp(x),
    "gelu": lambda x, _: jax.nn.gelu(x, approximate=False),
    "hard_sigmoid": lambda x, _: jax.nn.hard_sigmoid(x),
    "leaky_relu": lambda x, alpha: jax.nn.leaky_relu(x, alpha),
    "linear": lambda x, _: x,
    "relu": lambda x, _: jax.nn.relu(x),
    "relu6": lambda x, _: jax.nn.relu6(x),
    "selu": lambda x, _: jax.nn.selu(x),
    "sigmoid": lambda x, _: jax.nn.sigmoid(x),
    "silu": lambda x, _: jax.nn.silu(x),
    "softmax": lambda x, _: jax.nn.softmax(x),
    "softplus": lambda x, _: jax.nn.softplus(x),
    "softsign": lambda x, _: jax.nn.soft_sign(x),
    "tanh": lambda x, _: jnp.tanh(x),
}


def forward(
    graph: Graph, output: int, parameters: Sequence[Any], x: Any, key: Any = None
) -> tuple[Any, list[Any]]:
    """The output of a node, and the parameters with new moving means and variances.

    With a key for its random numbers it is a training step.
    """
    updated = list(parameters)
    values = [x]
    for place, node in enumerate(graph.nodes[1 : output + 1], start=1):
        sources = [values[source] for source in node.inputs]
        own = [parameters[source] for source in node.parameters]
        if node.op == "batch_norm":
            y, moving = _normalize(node, sources[0], own, training=key is not None)
            updated[node.parameters[-2]], updated[node.parameters[-1]] = moving
        elif node.op == "dropout":
            y = sources[0]
            if key is not None:
                rate: Any = dict(node.attributes)["rate"]
                kept = jax.random.bernoulli(jax.random.fold_in(key, place), 1 - rate, y.shape)
                y = jnp.where(kept, y / (1 - rate), 0)
        else:
            y = _run(node, sources, own)
        values.append(y)
    return values[-1], updated


def _run(node: Node, sources: Sequence[Any], own: Sequence[Any]) -> Any:
    a: dict[str, Any] = dict(node.attributes)
    x = sources[0]
    match node.op:
        case "conv":
            border = _border(a["padding"])
            y = jax.lax.conv_general_dilated(
                x,
                own[0],
                a["strides"],
                border,
                rhs_dilation=a["dilation"],
                dimension_numbers=_MAPS,
                feature_group_count=a["groups"],
            )
            return y + own[1] if len(own) > 1 else y
        case "dense":
            return x @ own[0] + own[1] if len(own) > 1 else x @ own[0]
        case "max_pool":
            return _max_pool(x, a)
        case "average_pool":
            inside = jnp.ones_like(x[:1, ..., :1])
            return _window(x, 0.0, jax.lax.add, a) / _window(inside, 0.0, jax.lax.add, a)
        case "activation":
            return _ACTIVATIONS[a["kind"]](x, a["alpha"])
        case "flatten":
            return x.reshape(len(x), -1)
        case "pad":
            return jnp.pad(x, ((0, 0), *_border(a["padding"]), (0, 0)))
        case "add":
            return sum(sources[1:], start=x)
        case "concatenate":
            return jnp.concatenate(sources, axis=-1)
    raise ValueError(f"its file in galago/bench/peers knows no {node.op!r}")


def _border(padding: Sequence[int]) -> tuple[tuple[int, int], tuple[int, int]]:
    top, bottom, left, right = padding
    return (top, bottom), (left, right)


def _max_pool(x: Any, a: dict[str, Any]) -> Any:
    """By reshaping where windows do not overlap: the gradient of a window is slow on CPUs."""
    (rows, columns), batch = a["pool"], len(x)
    if tuple(a["strides"]) != (rows, columns) or any(a["padding"]):
        return _window(x, -jnp.inf, jax.lax.max, a)
    high, wide = x.shape[1] // rows, x.shape[2] // columns
    x = x[:, : high * rows, : wide * columns]
    return x.reshape(batch, high, rows, wide, columns, -1).max((2, 4))


def _window(x: Any, start: float, reduce: Any, a: dict[str, Any]) -> Any:
    border = ((0, 0), *_border(a["padding"]), (0, 0))
    return jax.lax.reduce_window(
        x, start, reduce, (1, *a["pool"], 1), (1, *a["strides"], 1), border
    )


def _normalize(
    node: Node, x: Any, own: Sequence[Any], *, training: bool
) -> tuple[Any, tuple[Any, Any]]:
    a: dict[str, Any] = dict(node.attributes)
    gamma, beta, mean, variance = normalization(node, own)
    moving = mean, variance
    if training and not a["inference"]:
        axes = tuple(range(x.ndim - 1))
        mean, variance = x.mean(axes), x.var(axes)
        keep = a["momentum"]
        new = (mean, variance)
        moved = [keep * old + (1 - keep) * now for old, now in zip(moving, new, strict=True)]
        moving = moved[0], moved[1]
    factor = jax.lax.rsqrt(variance + a["epsilon"])
    factor = factor if gamma is None else factor * gamma
    offset = -mean * factor
    return x * factor + (offset if beta is None else offset + beta), moving
