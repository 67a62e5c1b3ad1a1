"""Why the output of an operation has its shape, what it multiplies, and what of it is lost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from galago.graph import Graph, Node
from galago.shapes import Shape
from galago.windows import Region, hull, reads, whole


def products(graph: Graph, place: int) -> int:
    """Return the multiply-adds of a node for one example, as a textbook counts them.

    >>> from galago.graph import GraphBuilder
    >>> builder = GraphBuilder()
    >>> source = builder.add("input", "x", (), (1600,))
    >>> end = builder.add("dense", "dense", (source,), (128,))
    >>> products(builder.finish(end), end)
    204800
    """
    node = graph.nodes[place]
    if node.op == "dense":
        return math.prod(graph.nodes[node.inputs[0]].shape) * node.shape[0]
    if node.op == "conv":
        a = dict[str, Any](node.attributes)
        channels = graph.nodes[node.inputs[0]].shape[2] // a["groups"]
        return math.prod((*node.shape, *a["kernel"], channels))
    return 0


def why(graph: Graph, place: int) -> str:
    """Return the arithmetic of a node's shape, of its columns too where it is another.

    Empty where nothing is computed.

    >>> from galago.graph import GraphBuilder
    >>> builder = GraphBuilder()
    >>> source = builder.add("input", "x", (), (5, 5, 64))
    >>> end = builder.add("flatten", "flatten", (source,), (1600,))
    >>> why(builder.finish(end), end)
    '5 * 5 * 64 = 1600'
    """
    node = graph.nodes[place]
    explain = _WHY.get(node.op)
    return explain(node, [graph.nodes[source].shape for source in node.inputs]) if explain else ""


def lost(graph: Graph, place: int, needed: Region | None) -> str:
    """Return in words what of a node's output no output of the graph depends on.

    `needed` is the region that they do depend on.
    """
    shape = graph.nodes[place].shape
    if needed is None:
        return "nothing reads it"
    words = _missing(shape, needed)
    if not words:
        return ""
    readers = [node for node in graph.nodes if place in node.inputs]
    if place in graph.outputs or _missing(shape, _read(graph, place, readers)) != words:
        return f"{words}: no output depends on them"
    return f"{words} never reach {' and '.join(dict.fromkeys(node.layer for node in readers))}"


def _read(graph: Graph, place: int, readers: Sequence[Node]) -> Region:
    """What the nodes behind a node read of it, for all of their outputs."""
    found: list[Region] = []
    for node in readers:
        regions = reads(node, [graph.nodes[one].shape for one in node.inputs], whole(node.shape))
        pairs = zip(node.inputs, regions, strict=True)
        found += [region for source, region in pairs if source == place]
    return hull(found)


def _missing(shape: Shape, region: Region) -> str:
    """What of the rows and columns, or steps, of a map lies outside a region."""
    names = {2: ("step",), 3: ("row", "column")}.get(len(shape), ())
    words = []
    for name, size, (first, end) in zip(names, shape, region, strict=False):
        for side, count in (("first", first), ("last", size - end)):
            if count:
                words.append(f"{side} {name}" if count == 1 else f"{side} {count} {name}s")
    return " and ".join(words)


_Why: TypeAlias = Callable[[Node, Sequence[Shape]], str]


def _both(texts: Sequence[str], shape: Shape, window: Sequence[int] = (0, 0)) -> str:
    """Rows and columns: one text if they are equal, that of the columns for a layer over steps."""
    rows, columns = texts
    if shape[0] == window[0] == 1:
        return columns
    return rows if rows == columns else f"{rows} x {columns}"


def _windows(node: Node, shapes: Sequence[Shape]) -> str:
    a, (shape,) = dict[str, Any](node.attributes), shapes
    size = a["kernel"] if node.op == "conv" else a["pool"]
    dilation, (top, bottom, left, right) = a.get("dilation", (1, 1)), a["padding"]
    if (shape[0], shape[1]) == tuple(size) == (1, 1):
        return ""
    padding = (top + bottom, left + right)
    axes = zip(shape, size, a["strides"], dilation, padding, node.shape, strict=False)
    return _both([_axis(*numbers) for numbers in axes], shape, size)


def _axis(length: int, window: int, stride: int, dilation: int, padding: int, out: int) -> str:
    """An axis in arithmetic: 28 - 3 + 1 = 26, or (28 + 2 - 3) / 2 + 1 = 14, rest 1."""
    reach = (window - 1) * dilation + 1
    start = f"{length} + {padding}" if padding else str(length)
    if reach == stride > 1 and not padding:
        rest = length % stride
        return f"{length} / {stride} = {out}{f', rest {rest}' if rest else ''}"
    if stride == 1:
        return f"{start} - {reach} + 1 = {out}"
    rest = (length + padding - reach) % stride
    return f"({start} - {reach}) / {stride} + 1 = {out}{f', rest {rest}' if rest else ''}"


def _flatten(node: Node, shapes: Sequence[Shape]) -> str:
    return f"{' * '.join(map(str, shapes[0]))} = {node.shape[0]}"


def _dense(node: Node, shapes: Sequence[Shape]) -> str:
    return f"{node.shape[0]} unit{'s' if node.shape[0] > 1 else ''}"


def _framed(node: Node, shapes: Sequence[Shape]) -> str:
    """Zeros around a map, or parts of it taken away."""
    top, bottom, left, right = dict[str, Any](node.attributes)["padding"]
    sign = "+" if node.op == "pad" else "-"
    axes = zip(shapes[0], ((top, bottom), (left, right)), node.shape, strict=False)
    texts = [_moved(length, sign, ends, out) for length, ends, out in axes]
    return _both(texts, shapes[0], node.shape)


def _moved(length: int, sign: str, ends: tuple[int, int], out: int) -> str:
    return " ".join([str(length), *(f"{sign} {n}" for n in ends if n), f"= {out}"])


def _upsample(node: Node, shapes: Sequence[Shape]) -> str:
    axes = zip(shapes[0], dict[str, Any](node.attributes)["size"], node.shape, strict=False)
    texts = [f"{length} * {factor} = {out}" for length, factor, out in axes]
    return _both(texts, shapes[0], node.shape)


def _dilate(node: Node, shapes: Sequence[Shape]) -> str:
    """Zeros between positions; there are none where a step is one."""
    strides = dict[str, Any](node.attributes)["strides"]
    axes = zip(shapes[0], strides, node.shape, strict=False)
    texts = [f"({length} - 1) * {step} + 1 = {out}" for length, step, out in axes]
    return _both(texts, shapes[0], strides) if max(strides) > 1 else ""


def _concatenate(node: Node, shapes: Sequence[Shape]) -> str:
    return f"{' + '.join(str(shape[-1]) for shape in shapes)} = {node.shape[-1]}"


_WHY: Mapping[str, _Why] = {
    "conv": _windows,
    "max_pool": _windows,
    "average_pool": _windows,
    "flatten": _flatten,
    "dense": _dense,
    "pad": _framed,
    "crop": _framed,
    "upsample": _upsample,
    "dilate": _dilate,
    "concatenate": _concatenate,
}
