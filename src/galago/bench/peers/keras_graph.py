"""A Graph as a functional model of Keras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import Model, activations, layers

from galago.bench.peers.base import Array, kernel_of
from galago.graph import Graph, Node
from galago.shapes import slide

_NOTHING = (0, 0, 0, 0)


def keras_model(graph: Graph, output: int, weights: Sequence[Array]) -> Any:
    """The model up to a node, with its weights."""
    values = [layers.Input(graph.nodes[0].shape)]
    for node in graph.nodes[1 : output + 1]:
        sources = [values[place] for place in node.inputs]
        own = [weights[place] for place in node.parameters]
        values.append(_apply(node, graph.nodes[node.inputs[0]].shape, sources, own))
    return Model(values[0], values[-1])


def _apply(node: Node, shape: tuple[int, ...], sources: list[Any], own: list[Array]) -> Any:
    a: dict[str, Any] = dict(node.attributes)
    x = sources[0]
    if node.op in ("conv", "max_pool", "average_pool"):
        x, padding = _padded(node.op, x, shape, a)
    if node.op == "conv":
        layer = _convolution(node, shape, padding, len(own) > 1)
        y = layer(x)
        layer.set_weights([kernel_of(node, own[0]).reshape(layer.get_weights()[0].shape), *own[1:]])
        return y
    layer = _layer(node, a, padding if node.op.endswith("pool") else "", len(own))
    y = layer(sources if node.op in ("add", "concatenate") else x)
    if own:
        layer.set_weights(own)
    return y


def _layer(node: Node, a: dict[str, Any], padding: str, weights: int) -> Any:
    match node.op:
        case "dense":
            return layers.Dense(node.shape[-1], use_bias=weights > 1)
        case "max_pool":
            return layers.MaxPooling2D(a["pool"], a["strides"], padding)
        case "average_pool":
            return layers.AveragePooling2D(a["pool"], a["strides"], padding)
        case "activation":
            return _activation(a["kind"], a["alpha"])
        case "flatten":
            return layers.Flatten()
        case "pad":
            return layers.ZeroPadding2D((a["padding"][:2], a["padding"][2:]))
        case "batch_norm":
            layer = layers.BatchNormalization(
                momentum=a["momentum"],
                epsilon=a["epsilon"],
                scale=bool(a["scale"]),
                center=bool(a["center"]),
            )
            layer.trainable = not a["inference"]
            return layer
        case "add":
            return layers.Add()
        case "concatenate":
            return layers.Concatenate()
        case "dropout":
            return layers.Dropout(a["rate"])
    raise ValueError(f"its file in galago/bench/peers knows no {node.op!r}")


def _convolution(node: Node, shape: tuple[int, ...], padding: str, bias: bool) -> Any:
    a: dict[str, Any] = dict(node.attributes)
    channels, filters = shape[-1], node.shape[-1]
    options = {"padding": padding, "dilation_rate": a["dilation"], "use_bias": bias}
    if a["groups"] == channels > 1:
        options["depth_multiplier"] = filters // channels
        return layers.DepthwiseConv2D(a["kernel"], a["strides"], **options)
    return layers.Conv2D(filters, a["kernel"], a["strides"], groups=a["groups"], **options)


def _activation(kind: str, alpha: float) -> Any:
    if kind == "leaky_relu":
        return layers.LeakyReLU(negative_slope=alpha)
    if kind == "elu":
        return layers.ELU(alpha=alpha)
    if kind == "gelu":
        return layers.Activation(lambda x: activations.gelu(x, approximate=False))
    return layers.Activation(kind)


def _padded(op: str, x: Any, shape: tuple[int, ...], a: dict[str, Any]) -> tuple[Any, str]:
    """The input and Keras's word for the padding, behind a layer that pads where it has none."""
    padding = tuple(a["padding"])
    if padding == _NOTHING:
        return x, "valid"
    size = a["kernel"] if op == "conv" else a["pool"]
    rest = {"dilation": a.get("dilation", (1, 1)), "what": "window"}
    if padding == slide((shape[0], shape[1]), size, a["strides"], "same", **rest).padding:
        return x, "same"
    if op != "conv":
        raise ValueError(f"expected padding 'valid' or 'same' of a pool, received {padding}")
    return layers.ZeroPadding2D((padding[:2], padding[2:]))(x), "valid"
