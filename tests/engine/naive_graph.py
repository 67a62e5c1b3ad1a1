"""Runs a Graph with the operations of naive.py, forward and backward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import naive
import numpy as np
from naive import Array, Window

from galago.graph import Graph, Node


def _attributes(node: Node) -> dict[str, Any]:
    return dict(node.attributes)


def window_of(node: Node) -> Window:
    """The window of a convolution or pool."""
    a = _attributes(node)
    size = a["kernel"] if node.op == "conv" else a["pool"]
    return Window(size, a["strides"], a.get("dilation", (1, 1)), a["padding"])


def _forward(node: Node, x: Array, parameters: list[Array]) -> Array:
    bias = parameters[1] if len(parameters) > 1 else None
    match node.op:
        case "conv":
            weights = parameters[0].reshape(_kernel_shape(node, parameters[0]))
            groups = _attributes(node)["groups"]
            return naive.conv(x, weights, bias, window_of(node), groups)
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
    raise ValueError(f"Expected an op of a Graph; received {node.op!r}.")


def _backward(
    node: Node, x: Array, y: Array, grad: Array, parameters: list[Array]
) -> tuple[Array, list[Array]]:
    """Gradients of a node's input and of its parameters."""
    match node.op:
        case "conv":
            weights = parameters[0].reshape(_kernel_shape(node, parameters[0]))
            grad_x, grad_weights, grad_bias = naive.conv_gradient(
                x, weights, grad, window_of(node), _attributes(node)["groups"]
            )
            own = [grad_weights.reshape(parameters[0].shape), grad_bias]
            return grad_x.reshape(x.shape), own[: len(parameters)]
        case "dense":
            return grad @ parameters[0].T, [x.T @ grad, grad.sum(axis=0)][: len(parameters)]
        case "max_pool":
            return naive.max_pool_gradient(x, grad, window_of(node)).reshape(x.shape), []
        case "average_pool":
            maps = naive.average_pool_gradient(x, grad, window_of(node))
            return maps.reshape(x.shape), []
        case "flatten":
            return grad.reshape(x.shape), []
        case "activation":
            kind, alpha = _attributes(node)["kind"], _attributes(node)["alpha"]
            if kind == "softmax":
                return naive.softmax_gradient(y, grad), []
            return grad * naive.ACTIVATIONS[kind][1](x, alpha), []
    raise ValueError(f"Expected an op of a Graph; received {node.op!r}.")


def _kernel_shape(node: Node, kernel: Array) -> tuple[int, ...]:
    return kernel.shape if kernel.ndim == 4 else (1, 1, *kernel.shape)


def values(graph: Graph, parameters: Sequence[Array], x: Array) -> list[Array]:
    """The output of every node for a batch x, in the order of the nodes."""
    results: list[Array] = []
    for node in graph.nodes:
        if node.op == "input":
            results.append(np.asarray(x, np.float64))
        else:
            own = [np.asarray(parameters[i], np.float64) for i in node.parameters]
            results.append(_forward(node, results[node.inputs[0]], own))
    return results


def predict(graph: Graph, parameters: Sequence[Array], x: Array) -> Array:
    """The output of the graph."""
    return values(graph, parameters, x)[graph.outputs[0]]


def backward(
    graph: Graph, parameters: Sequence[Array], results: list[Array], grad: Array
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
        source = node.inputs[0]
        grad_x, grad_own = _backward(node, results[source], results[index], node_grad, own)
        known = grads[source]
        grads[source] = grad_x if known is None else known + grad_x
        for parameter, value in zip(node.parameters, grad_own, strict=True):
            of_parameters[parameter] += value
    return of_parameters


def gradients(
    graph: Graph,
    parameters: Sequence[Array],
    x: Array,
    y: Any,
    loss: str,
    from_logits: bool = False,
) -> tuple[float, list[Array]]:
    """The mean loss of a batch and its gradient with respect to every parameter."""
    results = values(graph, parameters, x)
    rows, grad = naive.loss(loss, results[graph.outputs[0]], y, from_logits)
    return float(rows.mean()), backward(graph, parameters, results, grad)
