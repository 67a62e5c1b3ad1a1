"""The messages of an ONNX file. Field numbers: https://github.com/onnx/onnx, onnx/onnx.proto."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from galago.saving.protobuf import integer, integers, nested, single, text

#: An axis: its size, or the name of one that may have any.
Axis: TypeAlias = int | str
Attribute: TypeAlias = int | float | str | Sequence[int]

#: Operators as of opset 17, which IR version 8 introduced.
OPSET, IR_VERSION = 17, 8
_TYPES = {"float32": 1, "int64": 7, "float64": 11}
_FLOAT, _INT, _STRING, _INTS = 1, 2, 3, 7


def model(graph_message: bytes, producer: str, version: str) -> bytes:
    """Return a ModelProto: the content of a file."""
    opset = integer(2, OPSET)
    return b"".join(
        (
            integer(1, IR_VERSION),
            text(2, producer),
            text(3, version),
            nested(7, graph_message),
            nested(8, opset),
        )
    )


def graph(
    name: str,
    nodes: Sequence[bytes],
    initializers: Sequence[bytes],
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
) -> bytes:
    """Return a GraphProto."""
    parts = [nested(1, node) for node in nodes]
    parts.append(text(2, name))
    parts += [nested(5, tensor) for tensor in initializers]
    parts += [nested(11, value) for value in inputs]
    parts += [nested(12, value) for value in outputs]
    return b"".join(parts)


def node(
    op: str, name: str, inputs: Sequence[str], output: str, attributes: dict[str, Attribute]
) -> bytes:
    """Return a NodeProto with one output."""
    parts = [text(1, value) for value in inputs]
    parts += [text(2, output), text(3, name), text(4, op)]
    parts += [nested(5, _attribute(key, attributes[key])) for key in sorted(attributes)]
    return b"".join(parts)


def tensor(name: str, value: npt.NDArray[Any]) -> bytes:
    """Return a TensorProto of float32, float64 or int64 numbers."""
    little = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"), copy=False)
    parts = [integers(1, value.shape)] if value.ndim else []
    parts += [integer(2, _TYPES[value.dtype.name]), text(8, name), nested(9, little.tobytes())]
    return b"".join(parts)


def value_info(name: str, dtype: str, shape: Sequence[Axis]) -> bytes:
    """Return a ValueInfoProto: name, type and shape of an input or output."""
    axes = (text(2, axis) if isinstance(axis, str) else integer(1, axis) for axis in shape)
    sizes = b"".join(nested(1, axis) for axis in axes)
    kind = integer(1, _TYPES[dtype]) + nested(2, sizes)
    return text(1, name) + nested(2, nested(1, kind))


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        return text(1, name) + single(2, value) + integer(20, _FLOAT)
    if isinstance(value, int):
        return text(1, name) + integer(3, value) + integer(20, _INT)
    if isinstance(value, str):
        return text(1, name) + text(4, value) + integer(20, _STRING)
    return text(1, name) + integers(8, value) + integer(20, _INTS)
