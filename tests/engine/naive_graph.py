"""Runs a Graph with the operations of naive.py, forward and backward."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import naive
import naive_draws
import naive_images
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
    spatial = bool(a.get("spatial", 0))
    return naive_layers.kept(x.shape, a["rate"], a["seed"], step, spatial) / (1 - a["rate"])


def _scale_and_shift(node: Node, x: Array, parameters: list[Array]) -> tuple[Array, Array]:
    """Gamma and beta of a layer norm."""
    a, values, channels = _attributes(node), list(parameters), x.shape[-1]
    gamma = values.pop(0) if a["scale"] else np.ones(channels)
    return gamma, values.pop(0) if a["center"] else np.zeros(channels)


def _kernel(node: Node, kernel: Array) -> Array:
    """A convolution's kernel as naive.conv takes it."""
    if _attributes(node).get("transposed"):
        return kernel[::-1, ::-1].swapaxes(2, 3)
    return kernel.reshape(_kernel_shape(node, kernel))


def _kernel_gradient(node: Node, grad: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of the kernel in the layer's own layout."""
    if _attributes(node).get("transposed"):
        grad = grad[::-1, ::-1].swapaxes(2, 3)
    return grad.reshape(shape)


def _inner(node: Node, padded: Array) -> Array:
    """What lies inside a padding."""
    top, bottom, left, right = _attributes(node)["padding"]
    return padded[:, top : padded.shape[1] - bottom, left : padded.shape[2] - right]


def _bordered(node: Node, x: Array) -> Array:
    """Zeros around what lies inside a padding."""
    top, bottom, left, right = _attributes(node)["padding"]
    return np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))


def _permuted(node: Node, x: Array, *, back: bool = False) -> Array:
    """The axes of a map in the node's order, or back."""
    order = [axis + 1 for axis in _attributes(node)["order"]]
    if back:
        order = [place + 1 for place in np.argsort(order)]
    whole = x.reshape(len(x), *[1] * (4 - x.ndim), *x.shape[1:])
    return whole.transpose(0, *order)


def _forward(
    node: Node, sources: list[Array], parameters: list[Array], training: bool, step: int
) -> Array:
    x = sources[0]
    bias = parameters[1] if len(parameters) > 1 else None
    match node.op:
        case "add" | "subtract" | "multiply" | "maximum" | "minimum":
            return functools.reduce(MERGES[node.op], sources)
        case "reshape":
            return x.reshape(len(x), *node.shape)
        case "permute":
            return _permuted(node, x).reshape(len(x), *node.shape)
        case "crop":
            return _inner(node, x)
        case "upsample":
            rows, cols = _attributes(node)["size"]
            return x.repeat(rows, axis=1).repeat(cols, axis=2)
        case "concatenate":
            return np.concatenate(sources, axis=-1)
        case "pad":
            return _bordered(node, x)
        case "batch_norm":
            return naive_layers.batch_norm(x, _norm(node, x, parameters, training))
        case "resize":
            return naive_images.resize(x, node.shape, _attributes(node))
        case "random_warp":
            return naive_draws.warp(x, _attributes(node), step) if training else x
        case "random_crop":
            a = _attributes(node)
            if training:
                return naive_draws.crop(x, node.shape, a["seed"], step)
            return naive_images.resize(x, node.shape, a)
        case "random_tone":
            return naive_draws.tone(x, _attributes(node), step) if training else x
        case "dilate":
            rows, cols = _attributes(node)["strides"]
            wide = np.zeros((len(x), *node.shape))
            wide[:, ::rows, ::cols] = x
            return wide
        case "layer_norm":
            gamma, beta = _scale_and_shift(node, x, parameters)
            return naive_layers.layer_norm(x, gamma, beta, _attributes(node)["epsilon"])
        case "gaussian_noise":
            a = _attributes(node)
            return x + training * a["deviation"] * naive_layers.noise(x.shape, a["seed"], step)
        case "dropout":
            return x * _kept(node, x, step) if training else x
        case "activity":
            return x
        case "conv":
            weights = _kernel(node, parameters[0])
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
            kind, numbers = _activation(node)
            if kind == "softmax":
                return naive.softmax(x)
            return naive.ACTIVATIONS[kind][0](x, *numbers)
    raise ValueError(f"Expected an op of a Graph; received {node.op!r}.")


def _activation(node: Node) -> tuple[str, list[float]]:
    """The kind of an activation and its numbers."""
    a = _attributes(node)
    numbers = [a["alpha"]]
    if a["kind"] in ("clipped_relu", "rescale"):
        numbers += [a["beta"], a.get("limit", np.inf)]
    return a["kind"], numbers


MERGES: dict[str, Callable[[Array, Array], Array]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "maximum": np.maximum,
    "minimum": np.minimum,
}


def _slopes(op: str, sources: list[Array]) -> list[Any]:
    """What the result changes by when each of the inputs does."""
    if op == "add":
        return [1] * len(sources)
    a, b = sources
    if op == "subtract":
        return [1, -1]
    if op == "multiply":
        return [b, a]
    first = a >= b if op == "maximum" else a <= b
    return [first, ~first]


def _of_shape(grad: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of an input that one position was spread from."""
    axes = tuple(axis for axis, size in enumerate(shape) if size == 1 and grad.shape[axis] > 1)
    return grad.sum(axis=axes, keepdims=True)


def _backward_merge(node: Node, sources: list[Array], grad: Array) -> list[Array]:
    """Gradients of the inputs of an addition or concatenation."""
    if node.op != "concatenate":
        slopes = _slopes(node.op, sources)
        return [_of_shape(grad * k, x.shape) for k, x in zip(slopes, sources, strict=True)]
    ends = np.cumsum([x.shape[-1] for x in sources])[:-1]
    return np.split(grad, ends, axis=-1)


def _backward(
    node: Node, x: Array, y: Array, grad: Array, parameters: list[Array], step: int
) -> tuple[Array, list[Array]]:
    """Gradients of a node's input and of its parameters, in training."""
    match node.op:
        case "pad":
            return _inner(node, grad), []
        case "crop":
            return _bordered(node, grad), []
        case "reshape":
            return grad.reshape(x.shape), []
        case "permute":
            return _permuted(node, grad, back=True).reshape(x.shape), []
        case "upsample":
            rows, cols = _attributes(node)["size"]
            parts = grad.reshape(len(x), x.shape[1], rows, x.shape[2], cols, -1)
            return parts.sum(axis=(2, 4)), []
        case "resize":
            return naive_images.resize_gradient(x, grad, _attributes(node)), []
        case "random_warp":
            return naive_draws.warp_gradient(grad, _attributes(node), step), []
        case "random_crop":
            return naive_draws.crop_gradient(x.shape, grad, _attributes(node)["seed"], step), []
        case "random_tone":
            return naive_draws.tone_gradient(x, grad, _attributes(node), step), []
        case "dilate":
            rows, cols = _attributes(node)["strides"]
            return grad[:, ::rows, ::cols], []
        case "layer_norm":
            a, (gamma, _) = _attributes(node), _scale_and_shift(node, x, parameters)
            grad_x, *both = naive_layers.layer_norm_gradient(x, grad, gamma, a["epsilon"])
            present = zip(both, (a["scale"], a["center"]), strict=True)
            return grad_x, [one for one, there in present if there]
        case "gaussian_noise":
            return grad, []
        case "dropout":
            return grad * _kept(node, x, step), []
        case "activity":
            a = _attributes(node)
            return grad + (a["l1"] * np.sign(x) + 2 * a["l2"] * x) / len(x), []
        case "batch_norm":
            norm = _norm(node, x, parameters, training=True)
            grad_x, grad_gamma, grad_beta = naive_layers.batch_norm_gradient(x, grad, norm)
            own = [grad_gamma] * _attributes(node)["scale"]
            own += [grad_beta] * _attributes(node)["center"]
            if not norm.of_batch:  # a frozen layer
                own = [np.zeros_like(g) for g in own]
            return grad_x, [*own, np.zeros_like(norm.mean), np.zeros_like(norm.mean)]
        case "conv":
            weights = _kernel(node, parameters[0])
            grad_x, grad_weights, grad_bias = naive.conv_gradient(
                x, weights, grad, window_of(node), _attributes(node)["groups"]
            )
            own = [_kernel_gradient(node, grad_weights, parameters[0].shape), grad_bias]
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
            kind, numbers = _activation(node)
            if kind == "softmax":
                return naive.softmax_gradient(y, grad), []
            return grad * naive.ACTIVATIONS[kind][1](x, *numbers), []
    raise ValueError(f"Expected an op of a Graph; received {node.op!r}.")


def _kernel_shape(node: Node, kernel: Array) -> tuple[int, ...]:
    """(rows, columns, inputs of a group, outputs): layers have other axes for the same numbers."""
    outputs = node.shape[-1]
    rows, cols = _attributes(node)["kernel"]
    return (rows, cols, kernel.size // (rows * cols * outputs), outputs)


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
