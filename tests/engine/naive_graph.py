"""Runs a Graph with the operations of naive.py, forward and backward.

In training, batch_norm uses the statistics of the batch, and dropout multiplies with the factors
given for its place: 0 for what falls out, 1 / (1 - rate) for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import naive
import numpy as np
from naive import Array, Window
from naive_norm import Normalization

from galago.graph import Graph, Node

Factors = Mapping[int, Array]


def _attributes(node: Node) -> dict[str, Any]:
    return dict(node.attributes)


def window_of(node: Node) -> Window:
    """The window of a convolution or pool; a border is the window of one cell."""
    a = _attributes(node)
    if node.op == "pad":
        return Window((1, 1), (1, 1), (1, 1), a["padding"])
    size = a["kernel"] if node.op == "conv" else a["pool"]
    return Window(size, a["strides"], a.get("dilation", (1, 1)), a["padding"])


def normalization_of(node: Node, parameters: Sequence[Array]) -> Normalization:
    """What a batch_norm node holds."""
    a, rest = _attributes(node), list(parameters)
    ones = np.ones(node.shape[-1])
    gamma = rest.pop(0) if a["scale"] else ones
    beta = rest.pop(0) if a["center"] else 0 * ones
    return Normalization(gamma, beta, (rest[0], rest[1]), a["epsilon"], a["momentum"])


def _of_batch(node: Node, training: bool) -> bool:
    return training and not _attributes(node)["inference"]


def _forward(
    node: Node, inputs: list[Array], parameters: list[Array], training: bool, factors: Array | None
) -> Array:
    x = inputs[0]
    bias = parameters[1] if len(parameters) > 1 else None
    match node.op:
        case "conv":
            weights = _kernel(node, x, parameters[0])
            return naive.conv(x, weights, bias, window_of(node), _attributes(node)["groups"])
        case "dense":
            y = x @ parameters[0]
            return y if bias is None else y + bias
        case "max_pool":
            return naive.max_pool(x, window_of(node))[0]
        case "average_pool":
            return naive.average_pool(x, window_of(node))
        case "flatten":
            return x.reshape(len(x), -1)
        case "activation":
            kind, alpha = _attributes(node)["kind"], _attributes(node)["alpha"]
            return naive.softmax(x) if kind == "softmax" else naive.ACTIVATIONS[kind][0](x, alpha)
        case "pad":
            return window_of(node).pad(x)
        case "batch_norm":
            return normalization_of(node, parameters).forward(x, _of_batch(node, training))
        case "add":
            return np.asarray(np.sum(inputs, axis=0))
        case "concatenate":
            return np.concatenate(inputs, axis=-1)
        case "dropout":
            return x * factors if factors is not None else x
    raise ValueError(f"Expected an op of a Graph; received {node.op!r}.")


def _backward(
    node: Node,
    inputs: list[Array],
    y: Array,
    grad: Array,
    parameters: list[Array],
    training: bool,
    factors: Array | None,
) -> tuple[list[Array], list[Array]]:
    """Gradients of a node's inputs and of its parameters."""
    x = inputs[0]
    match node.op:
        case "conv":
            weights = _kernel(node, x, parameters[0])
            grad_x, grad_weights, grad_bias = naive.conv_gradient(
                x, weights, grad, window_of(node), _attributes(node)["groups"]
            )
            own = [grad_weights.reshape(parameters[0].shape), grad_bias]
            return [grad_x.reshape(x.shape)], own[: len(parameters)]
        case "dense":
            return [grad @ parameters[0].T], [x.T @ grad, grad.sum(axis=0)][: len(parameters)]
        case "max_pool":
            return [naive.max_pool_gradient(x, grad, window_of(node)).reshape(x.shape)], []
        case "average_pool":
            maps = naive.average_pool_gradient(x, grad, window_of(node))
            return [maps.reshape(x.shape)], []
        case "flatten":
            return [grad.reshape(x.shape)], []
        case "activation":
            kind, alpha = _attributes(node)["kind"], _attributes(node)["alpha"]
            if kind == "softmax":
                return [naive.softmax_gradient(y, grad)], []
            return [grad * naive.ACTIVATIONS[kind][1](x, alpha)], []
        case "pad":
            return [window_of(node).crop(grad)], []
        case "batch_norm":
            held = normalization_of(node, parameters)
            grad_x, grad_gamma, grad_beta = held.backward(x, grad, _of_batch(node, training))
            a = _attributes(node)
            learned = [grad_gamma] * a["scale"] + [grad_beta] * a["center"]
            return [grad_x], [*learned, *(np.zeros_like(moving) for moving in held.moving)]
        case "add":
            return [grad for _ in inputs], []
        case "concatenate":
            ends = np.cumsum([part.shape[-1] for part in inputs])
            return list(np.split(grad, ends[:-1], axis=-1)), []
        case "dropout":
            return [grad * factors if factors is not None else grad], []
    raise ValueError(f"Expected an op of a Graph; received {node.op!r}.")


def _kernel(node: Node, x: Array, kernel: Array) -> Array:
    """A kernel as (rows, columns, channels / groups, outputs), whatever layer it belongs to."""
    size, groups = window_of(node).size, _attributes(node)["groups"]
    return kernel.reshape(*size, x.shape[-1] // groups, node.shape[-1])


def values(
    graph: Graph,
    parameters: Sequence[Array],
    x: Array,
    *,
    training: bool = False,
    factors: Factors | None = None,
) -> list[Array]:
    """The output of every node for a batch x, in the order of the nodes."""
    results: list[Array] = []
    for place, node in enumerate(graph.nodes):
        if node.op == "input":
            results.append(np.asarray(x, np.float64))
        else:
            own = [np.asarray(parameters[i], np.float64) for i in node.parameters]
            inputs = [results[source] for source in node.inputs]
            results.append(_forward(node, inputs, own, training, (factors or {}).get(place)))
    return results


def predict(graph: Graph, parameters: Sequence[Array], x: Array) -> Array:
    """The output of the graph."""
    return values(graph, parameters, x)[graph.outputs[0]]


def backward(
    graph: Graph,
    parameters: Sequence[Array],
    results: list[Array],
    grad: Array,
    *,
    training: bool = False,
    factors: Factors | None = None,
) -> list[Array]:
    """Gradients of every parameter, from the gradient of the graph's output."""
    grads: list[Array | None] = [None] * len(graph.nodes)
    grads[graph.outputs[0]] = grad
    of_parameters = [np.zeros(p.shape) for p in graph.parameters]
    for index in reversed(range(len(graph.nodes))):
        node, node_grad = graph.nodes[index], grads[index]
        if node.op == "input" or node_grad is None:
            continue
        own = [np.asarray(parameters[i], np.float64) for i in node.parameters]
        inputs = [results[source] for source in node.inputs]
        given = (factors or {}).get(index)
        of_inputs, of_own = _backward(node, inputs, results[index], node_grad, own, training, given)
        for source, value in zip(node.inputs, of_inputs, strict=True):
            known = grads[source]
            grads[source] = value if known is None else known + value
        for parameter, value in zip(node.parameters, of_own, strict=True):
            of_parameters[parameter] += value
    return of_parameters


def gradients(
    graph: Graph,
    parameters: Sequence[Array],
    x: Array,
    y: Any,
    loss: str,
    from_logits: bool = False,
    *,
    training: bool = True,
    factors: Factors | None = None,
) -> tuple[float, list[Array]]:
    """The mean loss of a batch and its gradient with respect to every parameter."""
    results = values(graph, parameters, x, training=training, factors=factors)
    rows, grad = naive.loss(loss, results[graph.outputs[0]], y, from_logits)
    found = backward(graph, parameters, results, grad, training=training, factors=factors)
    return float(rows.mean()), found


def moved(graph: Graph, parameters: Sequence[Array], results: list[Array]) -> dict[int, Array]:
    """The new moving statistics after a train step that gave these results, by their places."""
    found: dict[int, Array] = {}
    for node in graph.nodes:
        if node.op == "batch_norm" and not _attributes(node)["inference"]:
            own = [np.asarray(parameters[i], np.float64) for i in node.parameters]
            new = normalization_of(node, own).moved(results[node.inputs[0]])
            found.update(zip(node.parameters[-2:], new, strict=True))
    return found
