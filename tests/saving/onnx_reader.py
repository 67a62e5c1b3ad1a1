"""Reads ONNX files without the package of that name, and runs them with NumPy in float64."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import naive
import naive_images
import numpy as np
from naive import Array, Window

TYPES = {1: "<f4", 7: "<i8", 11: "<f8"}


@dataclass
class OnnxNode:
    op: str
    inputs: list[str]
    output: str
    attributes: dict[str, Any]


@dataclass
class OnnxModel:
    opset: int
    nodes: list[OnnxNode]
    tensors: dict[str, Array]
    inputs: dict[str, list[int | str]]
    outputs: dict[str, list[int | str]]

    @property
    def operators(self) -> list[str]:
        return [node.op for node in self.nodes]


def fields(content: bytes) -> Iterator[tuple[int, Any]]:
    """Numbers and values of a message's fields."""
    place = 0

    def varint() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = content[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(content):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        elif tag & 7 == 5:
            place += 4
            yield tag >> 3, struct.unpack("<f", content[place - 4 : place])[0]
        else:
            assert tag & 7 == 2
            size = varint()
            place += size
            yield tag >> 3, content[place - size : place]


def every(content: bytes, number: int) -> list[Any]:
    return [value for field, value in fields(content) if field == number]


def one(content: bytes, number: int) -> Any:
    (value,) = every(content, number)
    return value


def packed(content: bytes) -> list[int]:
    values = (value for _, value in fields(b"".join(b"\x08" + b for b in _varints(content))))
    return [value - (value >> 63 << 64) for value in values]


def _varints(content: bytes) -> Iterator[bytes]:
    start = 0
    for place, byte in enumerate(content):
        if byte < 0x80:
            yield content[start : place + 1]
            start = place + 1


def read(content: bytes) -> OnnxModel:
    graph = one(content, 7)
    return OnnxModel(
        one(one(content, 8), 2),
        [_node(node) for node in every(graph, 1)],
        dict(_tensor(tensor) for tensor in every(graph, 5)),
        dict(_value_info(value) for value in every(graph, 11)),
        dict(_value_info(value) for value in every(graph, 12)),
    )


def _node(content: bytes) -> OnnxNode:
    attributes = {}
    for attribute in every(content, 5):
        kind = one(attribute, 20)
        value = one(attribute, {1: 2, 2: 3, 3: 4, 7: 8}[kind])
        if kind in (3, 7):
            value = packed(value) if kind == 7 else value.decode()
        attributes[one(attribute, 1).decode()] = value
    inputs = [name.decode() for name in every(content, 1)]
    return OnnxNode(one(content, 4).decode(), inputs, one(content, 2).decode(), attributes)


def _tensor(content: bytes) -> tuple[str, Array]:
    shape = [size for dims in every(content, 1) for size in packed(dims)]
    value = np.frombuffer(one(content, 9), TYPES[one(content, 2)]).reshape(shape)
    return one(content, 8).decode(), value


def _value_info(content: bytes) -> tuple[str, list[int | str]]:
    tensor = one(one(content, 2), 1)
    axes = [next(fields(axis))[1] for axis in every(one(tensor, 2), 1)]
    return one(content, 1).decode(), [a.decode() if isinstance(a, bytes) else a for a in axes]


def run(model: OnnxModel, x: Array, output: str | None = None) -> Array:
    """The output for a batch, or one of several."""
    values = {name: np.asarray(value) for name, value in model.tensors.items()}
    (source,) = model.inputs
    if output is None:
        (output,) = model.outputs
    values[source] = np.asarray(x, np.float64)
    for node in model.nodes:
        assert node.output not in values
        values[node.output] = _run(node, [values[name] for name in node.inputs if name])
    return values[output]


def _run(node: OnnxNode, inputs: list[Array]) -> Array:
    x, a = inputs[0], node.attributes
    match node.op:
        case "Conv" | "MaxPool" | "AveragePool":
            return _window(node, inputs)
        case "GlobalAveragePool":
            return x.mean(axis=(2, 3), keepdims=True)
        case "Transpose":
            return x.transpose(a["perm"])
        case "Flatten":
            return x.reshape(len(x), -1)
        case "Unsqueeze":
            return np.expand_dims(x, tuple(inputs[1]))
        case "Gemm":
            return x @ inputs[1] + (inputs[2] if len(inputs) == 3 else 0)
        case "Pad":
            value = inputs[2] if len(inputs) == 3 else 0
            return np.pad(x, inputs[1].reshape(2, -1).T, constant_values=value)
        case "Gather":
            return np.take(x, inputs[1], axis=a["axis"])
        case "Concat":
            return np.concatenate(inputs, axis=a["axis"])
        case "BatchNormalization":
            over = (-1, *[1] * (x.ndim - 2))
            scale, offset, mean, variance = (value.reshape(over) for value in inputs[1:])
            return (x - mean) / np.sqrt(variance + a["epsilon"]) * scale + offset
        case "Softmax":
            return np.moveaxis(naive.softmax(np.moveaxis(x, a["axis"], -1)), -1, a["axis"])
        case "ConvTranspose":
            assert inputs[1].shape == (x.shape[1], 1, 1, 1) and a["group"] == x.shape[1]
            rows, cols = a["strides"]
            sizes = ((x.shape[2] - 1) * rows + 1, (x.shape[3] - 1) * cols + 1)
            wide = np.zeros((*x.shape[:2], *sizes))
            wide[:, :, ::rows, ::cols] = x * inputs[1][:, 0]
            return wide
        case "LayerNormalization":
            assert a["axis"] == x.ndim - 1
            off = x - x.mean(axis=-1, keepdims=True)
            variance = (off**2).mean(axis=-1, keepdims=True)
            return off / np.sqrt(variance + a["epsilon"]) * inputs[1] + inputs[2]
        case "Reshape":
            assert "allowzero" not in a  # a size of 0 is that of the input
            return x.reshape(*(n or x.shape[axis] for axis, n in enumerate(inputs[1].tolist())))
        case "Slice":
            starts, ends, axes = (value.tolist() for value in inputs[1:])
            places = dict(zip(axes, map(slice, starts, ends), strict=True))
            return x[tuple(places.get(axis, slice(None)) for axis in range(x.ndim))]
        case "Resize" if a["mode"] != "nearest":
            return _interpolated(node, x, inputs[1])
        case "Resize":
            modes = ("coordinate_transformation_mode", "mode", "nearest_mode")
            assert [a[mode] for mode in modes] == ["asymmetric", "nearest", "floor"]
            assert inputs[1].tolist()[:2] == [1, 1]
            rows, cols = inputs[1].astype(int).tolist()[2:]
            return x.repeat(rows, axis=2).repeat(cols, axis=3)
    return np.asarray(SIMPLE[node.op](*inputs, *a.values()), np.float64)


def _selu(x: Array) -> Array:
    gamma, alpha = 1.0507009873554805, 1.6732632423543772
    return gamma * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


SIMPLE = {
    "Add": np.add,
    "Clip": np.clip,
    "Elu": lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
    "Erf": np.vectorize(math.erf),
    "Exp": np.exp,
    "HardSigmoid": lambda x, alpha, beta: np.clip(alpha * x + beta, 0, 1),
    "Identity": lambda x: x,
    "Greater": np.greater,
    "LeakyRelu": lambda x, alpha: np.where(x > 0, x, alpha * x),
    "MatMul": np.matmul,
    "Max": np.maximum,
    "Min": np.minimum,
    "Mul": np.multiply,
    "Relu": lambda x: np.maximum(x, 0),
    "Selu": _selu,
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Softplus": lambda x: np.logaddexp(x, 0),
    "Softsign": lambda x: x / (1 + np.abs(x)),
    "Sub": np.subtract,
    "Tanh": np.tanh,
    "Where": np.where,
}


def _interpolated(node: OnnxNode, x: Array, scales: Array) -> Array:
    """A sum of sources for each position, one axis after the other."""
    a = node.attributes
    assert a["coordinate_transformation_mode"] == "half_pixel"
    assert a["mode"] == "linear"
    assert scales[:2].tolist() == [1, 1]
    for axis, scale in ((2, scales[2]), (3, scales[3])):
        size = x.shape[axis]
        count = int(np.float32(size) * scale)
        matrix, _ = naive_images.resize_matrix("bilinear", False, size, 0, size, count)
        x = np.moveaxis(np.tensordot(matrix, x, (1, axis)), 0, axis)
    return x


def _window(node: OnnxNode, inputs: list[Array]) -> Array:
    """naive.py has the channels last."""
    a = node.attributes
    top, left, bottom, right = a["pads"]
    dilation = a.get("dilations", [1, 1])
    padding = (top, bottom, left, right)
    window = Window(tuple(a["kernel_shape"]), tuple(a["strides"]), tuple(dilation), padding)
    x = inputs[0].transpose(0, 2, 3, 1)
    if node.op == "Conv":
        bias = inputs[2] if len(inputs) == 3 else None
        y = naive.conv(x, inputs[1].transpose(2, 3, 1, 0), bias, window, a["group"])
    elif node.op == "MaxPool":
        y = naive.max_pool(x, window)[0]
    else:
        y = naive.average_pool(x, window)
    return y.transpose(0, 3, 1, 2)
