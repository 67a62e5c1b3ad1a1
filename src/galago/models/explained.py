"""The table of summary(explain=True): why each layer's shape is what it is, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from galago.graph import Graph, Node
from galago.shapes import Shape, cross
from galago.training.profile import Profile
from galago.windows import demand, point, receptive_field

_TITLES = ("Layer", "Output", "Why", "Sees", "Products", "Numbers", "Time", "")


@dataclass(frozen=True, slots=True)
class _Row:
    """A layer: the nodes that it lowers to, the last one its output."""

    name: str
    kind: str
    nodes: list[int]


def explained_table(graph: Graph, kinds: dict[str, str], profile: Profile) -> str:
    """Return the table of a model's graph.

    Arguments: the class of each layer by its name; a profile of a prediction of one example. "Why"
    is the arithmetic of the shape, "Sees" the pixels of the input that a number in the middle
    depends on, "Products" the textbook's multiply-adds, "Numbers" and bytes those of the output and
    the weights, "Time" what the kernels took, all threads together. Layers that run as one
    operation have one time.
    """
    rows = _rows(graph, kinds)
    needed, times = demand(graph), {cost.name: cost.microseconds for cost in profile.layers}
    cells = [list(_TITLES)]
    for row in rows:
        end = row.nodes[-1]
        shape = graph.nodes[end].shape
        cells.append(
            [
                f"{row.name} ({row.kind})",
                cross(shape),
                "; ".join(filter(None, (_why(graph, node) for node in row.nodes))),
                _seen(graph, end),
                _count(sum(products(graph, node) for node in row.nodes)),
                _numbers(graph, row.nodes),
                _time(times, row.name),
                _lost(shape, needed.get(end)),
            ]
        )
    total = sum(products(graph, node) for node in range(len(graph.nodes)))
    lines = _aligned(cells)
    lines.append(f"{total:,} products a prediction; {profile.microseconds:.0f} us for one example.")
    return "\n".join(lines) + "\n"


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
        a = dict(node.attributes)
        channels = graph.nodes[node.inputs[0]].shape[2] // _whole(a["groups"])
        height, width = _pair(a["kernel"])
        return math.prod(node.shape) * height * width * channels
    return 0


def _rows(graph: Graph, kinds: dict[str, str]) -> list[_Row]:
    found: dict[str, _Row] = {}
    for place, node in enumerate(graph.nodes):
        kind = kinds.get(node.layer, node.op)
        found.setdefault(node.layer, _Row(node.layer, kind, [])).nodes.append(place)
    return list(found.values())


def _whole(value: Any) -> int:
    return int(value)


def _pair(value: Any) -> tuple[int, int]:
    return int(value[0]), int(value[1])


def _why(graph: Graph, place: int) -> str:
    """The arithmetic of a node's shape, for its rows; and for its columns if that is another."""
    node = graph.nodes[place]
    if node.op in ("conv", "max_pool", "average_pool"):
        return _windows(node, graph.nodes[node.inputs[0]].shape)
    if node.op == "flatten":
        shape = graph.nodes[node.inputs[0]].shape
        return f"{' * '.join(map(str, shape))} = {node.shape[0]}"
    if node.op == "dense":
        return f"{node.shape[0]} unit{'s' if node.shape[0] > 1 else ''}"
    return ""


def _windows(node: Node, shape: Shape) -> str:
    a = dict(node.attributes)
    size = _pair(a["kernel"] if node.op == "conv" else a["pool"])
    strides, dilation = _pair(a["strides"]), _pair(a.get("dilation", (1, 1)))
    top, bottom, left, right = (_whole(n) for n in tuple(a["padding"]))  # type: ignore[arg-type]
    texts = [
        _axis(*numbers)
        for numbers in (
            (shape[0], size[0], strides[0], dilation[0], top + bottom, node.shape[0]),
            (shape[1], size[1], strides[1], dilation[1], left + right, node.shape[1]),
        )
    ]
    if shape[0] == size[0] == 1:  # a layer over steps
        return texts[1]
    return texts[0] if texts[0] == texts[1] else " x ".join(texts)


def _axis(length: int, window: int, stride: int, dilation: int, padding: int, out: int) -> str:
    """An axis in arithmetic: 28 - 3 + 1 = 26, or (28 + 2 - 3) / 2 + 1 = 14, rest 1."""
    reach = (window - 1) * dilation + 1
    start = f"{length} + {padding}" if padding else str(length)
    if reach == stride and not padding:
        rest = length % stride
        return f"{length} / {stride} = {out}{f', rest {rest}' if rest else ''}"
    if stride == 1:
        return f"{start} - {reach} + 1 = {out}"
    rest = (length + padding - reach) % stride
    return f"({start} - {reach}) / {stride} + 1 = {out}{f', rest {rest}' if rest else ''}"


def _seen(graph: Graph, place: int) -> str:
    """How much of the inputs a number in the middle of a map depends on."""
    shape = graph.nodes[place].shape
    field = receptive_field(graph, place, point([size // 2 for size in shape]))
    regions = [region[:-1] if len(region) > 1 else region for region in field.values()]
    return ", ".join(cross([end - first for first, end in region]) for region in regions)


def _lost(shape: Shape, needed: Any) -> str:
    """What of a map no output depends on."""
    if needed is None:
        return "nothing reads it"
    if len(shape) != 3:
        return ""
    words = []
    for name, size, (first, end) in zip(("row", "column"), shape, needed, strict=False):
        lost = first + size - end
        if lost:
            one = name if lost == 1 else f"{lost} {name}s"
            words.append(f"last {one}" if first == 0 else one)
    return f"lost: {' and '.join(words)}" if words else ""


def _numbers(graph: Graph, nodes: Sequence[int]) -> str:
    out = math.prod(graph.nodes[nodes[-1]].shape)
    weights = {place for node in nodes for place in graph.nodes[node].parameters}
    count = sum(math.prod(graph.parameters[place].shape) for place in weights)
    return f"{out:,}{f' + {count:,} weights' if count else ''}"


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _time(times: dict[str, float], name: str) -> str:
    """Of a layer, or of the operation that it is part of, at its first layer."""
    for unit, time in times.items():
        layers = unit.split("+")
        if name == layers[0]:
            return f"{time:.1f} us"
        if name in layers:
            return "with it"
    return ""


def _aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their longest text, numbers at the right."""
    right = {_TITLES.index(title) for title in ("Products", "Time")}
    widths = [max(len(row[column]) for row in cells) for column in range(len(_TITLES))]
    lines = []
    for row in cells:
        parts = [
            text.rjust(width) if column in right else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(parts).rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return lines
