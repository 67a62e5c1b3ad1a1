"""A Graph and its weights as an ONNX model, for inference.

Galago's maps end in the channels, ONNX's windows want them first. Inputs and outputs of the model
stay as Galago has them; between, maps have the channels first, and a Transpose stands only where
the two meet. A Flatten that feeds dense layers needs none: their kernels' rows are reordered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

import galago
from galago.errors import ArgumentError
from galago.graph import Graph, Node
from galago.saving import onnx_messages as onnx
from galago.saving.onnx_activations import ACTIVATIONS
from galago.saving.onnx_messages import Attribute
from galago.saving.onnx_resizing import LINEAR, framing, matrix, nearest, scales_to
from galago.shapes import Shape

Array = npt.NDArray[Any]

#: The orders a node's values can be in: as Galago has them, and with the channels first.
LAST, FIRST = "channels last", "channels first"

_MERGES = {
    "add": "Add",
    "subtract": "Sub",
    "multiply": "Mul",
    "maximum": "Max",
    "minimum": "Min",
}
_NEAREST: dict[str, Attribute] = {
    "mode": "nearest",
    "coordinate_transformation_mode": "asymmetric",
    "nearest_mode": "floor",
}


def to_onnx(graph: Graph, parameters: Sequence[Array], *, name: str = "galago") -> bytes:
    """Return the content of an ONNX file: opset 17, any number of examples in a batch.

    Arguments: a model's graph and its weights, float32 or float64, in the order and layout of
    graph.parameters; the name of the ONNX graph. Inputs and outputs are the model's, in their
    order. Dropout and augmentation are left out: the file is for inference. Raises ArgumentError.

    >>> from galago import applications
    >>> model = applications.dense_baseline()
    >>> content = to_onnx(model.to_graph(), model.get_weights())
    >>> content[:2].hex(), b"Gemm" in content
    ('0808', True)
    """
    shapes = [tuple(np.shape(value)) for value in parameters]
    expected = [parameter.shape for parameter in graph.parameters]
    if shapes != expected:
        raise ArgumentError(
            f"to_onnx(): expected weights of shapes {expected}, received {shapes}. "
            "Pass model.get_weights()."
        )
    return _Writer(graph, parameters).write(name)


class _Writer:
    """Writes node after node; remembers in which orders a node's values are there."""

    def __init__(self, graph: Graph, parameters: Sequence[Array]) -> None:
        self._graph, self._parameters = graph, parameters
        self._nodes: list[bytes] = []
        self._initializers: list[bytes] = []
        self._names: set[str] = set()
        self._values: dict[tuple[int, str], str] = {}
        self._dtype = parameters[0].dtype.name if parameters else "float32"

    def write(self, name: str) -> bytes:
        sources, taken = [], set()
        for place, node in enumerate(self._graph.nodes):
            if node.op == "input":
                self._values[place, LAST] = source = self._unique(node.name)
                sources.append(onnx.value_info(source, self._dtype, ("batch", *node.shape)))
                taken.add(source)
            elif node.op != "flatten":  # which is made where it is read, in its reader's order
                self._values[place, _order(node)] = self._lower(node)
        ends = []
        for place in self._graph.outputs:
            node = self._graph.nodes[place]
            output = self._value(place, LAST)
            if output in taken:  # it is another output too, or an input
                output = self._add("Identity", node, [output])
            taken.add(output)
            ends.append(onnx.value_info(output, self._dtype, ("batch", *node.shape)))
        content = onnx.graph(name, self._nodes, self._initializers, sources, ends)
        return onnx.model(content, "galago", galago.__version__)

    def _lower(self, node: Node) -> str:
        """Write a node; return the name of its output."""
        if node.op == "dense":
            return self._dense(node)
        sources = [self._value(place, _order(node)) for place in node.inputs]
        a: dict[str, Any] = dict(node.attributes)
        own = [self._parameters[place] for place in node.parameters]
        match node.op:
            case "conv":
                weights = [_convolution_kernel(node, own[0]), *own[1:]]
                more = {"dilations": a["dilation"], "group": a["groups"]}
                window = _window(a, a["kernel"]) | more
                return self._add("Conv", node, [*sources, *self._tensors(node, weights)], window)
            case "max_pool":
                return self._add("MaxPool", node, sources, _window(a, a["pool"]))
            case "average_pool" if self._is_global(node):
                return self._add("GlobalAveragePool", node, sources)
            case "average_pool":  # ONNX leaves the padding out of the mean, too
                return self._add("AveragePool", node, sources, _window(a, a["pool"]))
            case "pad":
                top, bottom, left, right = a["padding"]
                pads = np.array([0, 0, top, left, 0, 0, bottom, right], np.int64)
                return self._add("Pad", node, [*sources, self._tensor(f"{node.name}/pads", pads)])
            case "batch_norm":
                names = ("gamma", "beta", "moving_mean", "moving_variance")
                four = self._tensors(node, _normalization(a, own), names)
                return self._add("BatchNormalization", node, [*sources, *four], _epsilon(a))
            case "activation":
                return self._activation(node, sources[0], a)
            case "add" | "subtract" | "multiply" | "maximum" | "minimum":
                return self._merge(_MERGES[node.op], node, sources)
            case "concatenate":
                return self._add("Concat", node, sources, {"axis": _channels(node)})
            case "reshape" | "permute" | "crop" | "upsample" | "dilate":
                return self._rearrange(node, sources[0], a)
            case "resize" | "random_crop":
                return self._resize(node, sources[0], a)
            case "layer_norm":
                gamma = own[0] if a["scale"] else np.ones(node.shape[-1], self._dtype)
                beta = own[-1] if a["center"] else np.zeros(node.shape[-1], self._dtype)
                both = self._tensors(node, [gamma, beta], ("gamma", "beta"))
                settings = {"axis": _channels(node), **_epsilon(a)}
                return self._add("LayerNormalization", node, [*sources, *both], settings)
            case "dropout" | "gaussian_noise" | "random_warp" | "random_tone" | "activity":
                return sources[0]
            case "host":
                raise ArgumentError(
                    f"to_onnx(): expected layers of the engine, received {node.name!r}, a "
                    f"{a.get('class_name', 'layer')} with code of its own, which no file of ONNX "
                    "holds. Export a model without it."
                )
        raise ArgumentError(
            f"to_onnx(): expected an operation that ONNX knows here, received {node.op!r} of "
            f"{node.name!r}. Leave that layer out."
        )

    def _dense(self, node: Node) -> str:
        source = self._graph.nodes[node.inputs[0]]
        kernel, *bias = (self._parameters[place] for place in node.parameters)
        order = LAST
        if source.op == "flatten":
            shape = self._graph.nodes[source.inputs[0]].shape
            if len(shape) == 3:
                maps = kernel.reshape(*shape, -1)
                kernel = maps.transpose(2, 0, 1, 3).reshape(kernel.shape)
                order = FIRST
        value = self._value(node.inputs[0], order)
        return self._add("Gemm", node, [value, *self._tensors(node, [kernel, *bias])])

    def _merge(self, op: str, node: Node, sources: Sequence[str]) -> str:
        total, *rest = sources
        for value in rest:
            total = self._add(op, node, [total, value])
        return total

    def _rearrange(self, node: Node, source: str, a: dict[str, Any]) -> str:
        """The same values in other places."""

        def tensor(name: str, values: Sequence[int], dtype: str = "int64") -> str:
            return self._tensor(f"{node.name}/{name}", np.array(values, dtype))

        if node.op == "reshape":  # a size of 0 leaves the batch as it is
            return self._add("Reshape", node, [source, tensor("shape", [0, *node.shape])])
        if node.op == "permute":
            missing = len(a["order"]) - len(node.shape)
            order = (0, *(axis - missing + 1 for axis in a["order"][missing:]))
            return self._add("Transpose", node, [source], {"perm": order})
        if node.op == "crop":
            top, _, left, _ = a["padding"]
            ends = (top + node.shape[0], left + node.shape[1])
            bounds = [tensor("starts", (top, left)), tensor("ends", ends), tensor("axes", (2, 3))]
            return self._add("Slice", node, [source, *bounds])
        if node.op == "upsample":
            scales = tensor("scales", (1, 1, *a["size"]), "float32")
            return self._add("Resize", node, [source, "", scales], _NEAREST)
        channels = node.shape[-1]  # dilate: each channel's transposed convolution with a 1
        ones = self._tensor(f"{node.name}/ones", np.ones((channels, 1, 1, 1), self._dtype))
        settings: dict[str, Attribute] = {"strides": a["strides"], "group": channels}
        return self._add("ConvTranspose", node, [source, ones], settings)

    def _resize(self, node: Node, source: str, a: dict[str, Any]) -> str:
        """A box of images, cut out or framed, and in another size."""
        (height, width), size = self._graph.nodes[node.inputs[0]].shape[:2], node.shape[:2]
        for op, tensors in framing(a["box"], (height, width), a["fill"], self._dtype):
            names = [self._tensor(f"{node.name}/{op.lower()}", value) for value in tensors]
            source = self._add(op, node, [source, *names])
        extent, how = a["box"][2:], a["interpolation"]
        smaller = any(n < before for n, before in zip(size, extent, strict=True))
        if how == "bilinear" and not (a["antialias"] and smaller):
            scales = self._tensor(f"{node.name}/scales", scales_to(extent, size))
            return self._add("Resize", node, [source, "", scales], LINEAR)
        for axis in (0, 1):
            name = f"{node.name}/axis{axis}"
            if how == "nearest":
                chosen = self._tensor(name, nearest(extent[axis], size[axis]))
                source = self._add("Gather", node, [source, chosen], {"axis": axis + 2})
                continue
            own = matrix(how, bool(a["antialias"]), extent[axis], size[axis]).astype(self._dtype)
            weights = self._tensor(name, own if axis == 0 else own.T)
            pair = [weights, source] if axis == 0 else [source, weights]
            source = self._add("MatMul", node, pair)
        return source

    def _activation(self, node: Node, source: str, a: dict[str, Any]) -> str:
        """A chain or a small graph of operators; "x" is the activation's input."""
        if a["kind"] == "softmax":
            return self._add("Softmax", node, [source], {"axis": _channels(node)})
        values = {"x": source}
        settings = [a[name] for name in ("alpha", "beta", "limit") if name in a]
        for number, (op, inputs, attributes) in enumerate(ACTIVATIONS[a["kind"]](*settings)):
            names = [
                self._tensor(f"{node.name}/constant", np.array(value, self._dtype))
                if isinstance(value, float)
                else values[value]
                for value in inputs
            ]
            values[f"%{number}"] = source = self._add(op, node, names, attributes)
        return source

    def _value(self, place: int, order: str) -> str:
        """Name of a node's output in an order; writes what it takes to get there."""
        if (place, order) in self._values:
            return self._values[place, order]
        node = self._graph.nodes[place]
        if node.op == "flatten":
            name = self._add("Flatten", node, [self._value(node.inputs[0], order)])
        else:
            name = self._values[place, LAST if order == FIRST else FIRST]
            if len(node.shape) == 3:
                permutation = (0, 3, 1, 2) if order == FIRST else (0, 2, 3, 1)
                name = self._add("Transpose", node, [name], {"perm": permutation})
            elif len(node.shape) == 2:  # maps of one channel that has no axis
                channels = self._tensor(f"{node.name}/axis", np.array([1], np.int64))
                name = self._add("Unsqueeze", node, [name, channels])
        self._values[place, order] = name
        return name

    def _is_global(self, node: Node) -> bool:
        """Whether a pool's window is the whole map."""
        a: dict[str, Any] = dict(node.attributes)
        size = self._graph.nodes[node.inputs[0]].shape[:2]
        return tuple(a["pool"]) == size and not any(a["padding"])

    def _add(
        self,
        op: str,
        node: Node,
        inputs: Sequence[str],
        attributes: dict[str, Attribute] | None = None,
    ) -> str:
        name = self._unique(f"{node.name}/{op}")
        self._nodes.append(onnx.node(op, name, inputs, name, attributes or {}))
        return name

    def _tensors(self, node: Node, values: Sequence[Array], names: Sequence[str] = ()) -> list[str]:
        """Names of weights: their own in the graph, or others of the node."""
        found = [f"{node.name}/{name}" for name in names]
        found = found or [self._graph.parameters[place].name for place in node.parameters]
        return [self._tensor(*pair) for pair in zip(found, values, strict=True)]

    def _tensor(self, name: str, value: Array) -> str:
        name = self._unique(name)
        self._initializers.append(onnx.tensor(name, value))
        return name

    def _unique(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._names:
            name, number = f"{wanted}_{number}", number + 1
        self._names.add(name)
        return name


def _order(node: Node) -> str:
    """The order a node works in; some count axes as Galago has them."""
    last = node.op in ("reshape", "permute", "layer_norm")
    return FIRST if len(node.shape) == 3 and not last else LAST


def _channels(node: Node) -> int:
    """The axis of the channels, as a node works on its values."""
    return 1 if _order(node) == FIRST else len(node.shape)


def _convolution_kernel(node: Node, kernel: Array) -> Array:
    """(rows, columns, inputs of a group, outputs) as (outputs, inputs, rows, columns).

    Depthwise and 1x1 kernels come with other axes for the same numbers in the same order.
    """
    a: dict[str, Any] = dict(node.attributes)
    if a.get("transposed"):
        return kernel[::-1, ::-1].transpose(2, 3, 0, 1)
    return kernel.reshape(*a["kernel"], -1, node.shape[-1]).transpose(3, 2, 0, 1)


def _window(a: dict[str, Any], size: Shape) -> dict[str, Attribute]:
    top, bottom, left, right = a["padding"]
    return {"kernel_shape": size, "strides": a["strides"], "pads": (top, left, bottom, right)}


def _normalization(a: dict[str, Any], own: Sequence[Array]) -> list[Array]:
    """Scale, offset, mean and variance; 1 and 0 where a layer has none."""
    *rest, mean, variance = (np.reshape(value, -1) for value in own)
    scale = rest.pop(0) if a["scale"] else np.ones_like(mean)
    return [scale, rest.pop(0) if a["center"] else np.zeros_like(mean), mean, variance]


def _epsilon(a: dict[str, Any]) -> dict[str, Attribute]:
    return {"epsilon": float(a["epsilon"])}
