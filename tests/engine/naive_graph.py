"""Runs a Graph with the operations of naive.py, forward and backward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import naive
import naive_layers
import numpy as np
from naive import Array, Window
from naive_layers import Norm

from galago.graph import Graph, Node


def _attributes(node: Node) -> dict[str, Any]:
    return dict(node.attributes)


def window_of(node: Node) -> Window:
    """The window of a convolution or pool."""
    a = _attributes(node)
    size = a["kernel"] if node.op == "conv" else a["pool"]
    return Window(size, a["strides"], a.get("dilation", (1, 1)), a["padding"])


def _norm(node: Node, x: Array, parameters: list[Array], training: bool) -> Norm:
    """The parameters of a batch norm, and the statistics it goes by."""
    a = _attributes(node)
    values = list(parameters)
    gamma = values.pop(0) if a["scale"] else np.ones(x.shape[-1])
    beta = values.pop(0) if a["center"] else np.zeros(x.shape[-1])
    of_batch = training and not a["inference"]
    mean, variance = naive_layers.statistics(x) if of_batch else (values[0], values[1])
    return Norm(mean, variance, gamma, beta, a["epsilon"], of_batch)


def _kept(node: Node, x: Array, step: int) -> Array:
    """One over the share that is kept where an element is, else 0."""
    a = _attributes(node)
    return naive_layers.kept(x.shape, a["rate"], a["seed"], step) / (1 - a["rate"])


def _inner(node: Node, padded: Array) -> Array:
    """What lies inside a padding."""
    top, bottom, left, right = _attributes(node)["padding"]
    return padded[:, top : padded.shape[1] - bottom, left : padded.shape[2] - right]


def _forward(
    node: Node, sources: list[Array], parameters: list[Array], training: bool, step: int
) -> Array:
    x = sources[0]
    bias = parameters[1] if len(parameters) > 1 else None
    match node.op:
        case "add":
            return np.asarray(sum(sources))
        case "concatenate":
            return np.concatenate(sources, axis=-1)
        case "pad":
            top, bottom, left, right = _attributes(node)["padding"]
            return np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
        case "batch_norm":
            return naive_layers.batch_norm(x, _norm(node, x, parameters, training))
        case "dropout":
            return x * _kept(node, x, step) if training else x
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


def _backward_merge(node: Node, sources: list[Array], grad: Array) -> list[Array]:
    """Gradients of the inputs of an addition or concatenation."""
    if node.op == "add":
        return [grad for _ in sources]
    ends = np.cumsum([x.shape[-1] for x in sources])[:-1]
    return np.split(grad, ends, axis=-1)


def _backward(
    node: Node, x: Array, y: Array, grad: Array, parameters: list[Array], step: int
) -> tuple[Array, list[Array]]:
    """Gradients of a node's input and of its parameters, in training."""
    match node.op:
        case "pad":
            return _inner(node, grad), []
        case "dropout":
            return grad * _kept(node, x, step), []
        case "batch_norm":
            norm = _norm(node, x, parameters, training=True)
            grad_x, grad_gamma, grad_beta = naive_layers.batch_norm_gradient(x, grad, norm)
            own = [grad_gamma] * _attributes(node)["scale"]
            own += [grad_beta] * _attributes(node)["center"]
            if not norm.of_batch:  # a frozen layer
                own = [np.zeros_like(g) for g in own]
            return grad_x, [*own, np.zeros_like(norm.mean), np.zeros_like(norm.mean)]
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
    """Of a pointwise dense layer, a depthwise convolution, or any other."""
    if kernel.ndim != 4:
        return (1, 1, *kernel.shape)
    kh, kw, channels, outputs = kernel.shape
    depthwise = outputs != node.shape[-1]
    return (kh, kw, 1, channels * outputs) if depthwise else kernel.shape


def _own(graph: Graph, node: Node, parameters: Sequence[Array]) -> list[Array]:
    return [np.asarray(parameters[i], np.float64) for i in node.parameters]


def values(
    graph: Graph,
    parameters: Sequence[Array],
    x: Array | Sequence[Array],
    training: bool = False,
    step: int = 0,
) -> list[Array]:
    """The output of every node for a batch x, in the order of the nodes."""
    results: list[Array] = []
    inputs = iter([x] if isinstance(x, np.ndarray) else x)
    for node in graph.nodes:
        if node.op == "input":
            results.append(np.asarray(next(inputs), np.float64))
        else:
            sources = [results[i] for i in node.inputs]
            own = _own(graph, node, parameters)
            results.append(_forward(node, sources, own, training, step))
    return results


def predict(graph: Graph, parameters: Sequence[Array], x: Array) -> Array:
    """The output of the graph."""
    return values(graph, parameters, x)[graph.outputs[0]]


def backward(
    graph: Graph,
    parameters: Sequence[Array],
    results: list[Array],
    *of_outputs: Array | None,
    step: int = 0,
) -> list[Array]:
    """Gradients of every parameter, from results in training and the gradients of the outputs."""
    grads: list[Array | None] = [None] * len(graph.nodes)
    for place, grad in zip(graph.outputs, of_outputs, strict=True):
        grads[place] = grad
    of_parameters = [np.zeros(p.shape) for p in graph.parameters]
    for index in reversed(range(len(graph.nodes))):
        node, node_grad = graph.nodes[index], grads[index]
        if node.op == "input" or node_grad is None:
            continue
        sources = [results[i] for i in node.inputs]
        if len(sources) > 1:
            grad_sources = _backward_merge(node, sources, node_grad)
        else:
            own = _own(graph, node, parameters)
            grad_x, grad_own = _backward(node, sources[0], results[index], node_grad, own, step)
            grad_sources = [grad_x]
            for parameter, value in zip(node.parameters, grad_own, strict=True):
                of_parameters[parameter] += value.reshape(graph.parameters[parameter].shape)
        for source, grad_source in zip(node.inputs, grad_sources, strict=True):
            known = grads[source]
            grads[source] = grad_source if known is None else known + grad_source
    return of_parameters


def gradients(
    graph: Graph,
    parameters: Sequence[Array],
    x: Array,
    y: Any,
    loss: str,
    from_logits: bool = False,
) -> tuple[float, list[Array]]:
    """The mean loss of a batch in training and its gradient with respect to every parameter."""
    results = values(graph, parameters, x, training=True)
    rows, grad = naive.loss(loss, results[graph.outputs[0]], y, from_logits)
    return float(rows.mean()), backward(graph, parameters, results, grad)
