"""Which numbers an operation reads for a region of its output, and which outputs read a number.

A region is a pair (first, end) for each axis of a map, without the batch. Operations that go
through all axes together, such as flattening, know single numbers and whole maps only.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from galago.graph import Graph, Node
from galago.shapes import Shape

Region: TypeAlias = tuple[tuple[int, int], ...]
#: From a node, the shapes of its inputs and a region of the output to one for each input, or back.
Reads: TypeAlias = Callable[[Node, Sequence[Shape], Region], list[Region]]


def whole(shape: Shape) -> Region:
    """The region of a whole map."""
    return tuple((0, size) for size in shape)


def point(place: Sequence[int]) -> Region:
    """The region of one number."""
    return tuple((n, n + 1) for n in place)


def places(region: Region) -> Iterator[tuple[int, ...]]:
    """Return all places of a region, in row-major order."""
    return itertools.product(*(range(first, end) for first, end in region))


def clipped(region: Region, shape: Shape) -> Region:
    """The part of a region that lies on a map."""
    return tuple(
        (min(max(first, 0), size), max(min(end, size), 0))
        for (first, end), size in zip(region, shape, strict=True)
    )


def reads(node: Node, shapes: Sequence[Shape], region: Region) -> list[Region]:
    """Return what a node reads of each of its inputs for a region of its output."""
    found = _READS.get(node.op, _same)(node, shapes, region)
    return [clipped(one, shape) for one, shape in zip(found, shapes, strict=True)]


def feeds(node: Node, shapes: Sequence[Shape], source: int, region: Region) -> Region:
    """Return which outputs of a node read any number of a region of one of its inputs."""
    found = _FEEDS.get(node.op, _fed_same)(node, shapes, source, region)
    return clipped(found, node.shape)


def receptive_field(graph: Graph, node: int, region: Region) -> dict[str, Region]:
    """Return which region of each input of a graph a region of a node's output depends on."""
    seen = _backwards(graph, {node: region})
    return {
        one.name: seen[place]
        for place, one in enumerate(graph.nodes)
        if one.op == "input" and place in seen
    }


def demand(graph: Graph) -> dict[int, Region]:
    """Return which region of each node's output any output of the graph depends on.

    What lies outside is never looked at, such as the last row of a map of 11 rows in front of a
    pool of 2.
    """
    return _backwards(graph, {place: whole(graph.nodes[place].shape) for place in graph.outputs})


def _backwards(graph: Graph, regions: Mapping[int, Region]) -> dict[int, Region]:
    """Regions of nodes, and of all that they depend on."""
    found = dict(regions)
    for place in range(len(graph.nodes) - 1, -1, -1):
        if place not in found:
            continue
        node = graph.nodes[place]
        shapes = [graph.nodes[source].shape for source in node.inputs]
        for source, region in zip(node.inputs, reads(node, shapes, found[place]), strict=True):
            if all(end > first for first, end in region):
                found[source] = hull([found.get(source, region), region])
    return found


def hull(regions: Sequence[Region]) -> Region:
    """Return the smallest region that holds all of some.

    >>> hull([((0, 2), (5, 6)), ((1, 4), (5, 6))])
    ((0, 4), (5, 6))
    """
    axes = zip(*regions, strict=True)
    return tuple((min(first for first, _ in axis), max(end for _, end in axis)) for axis in axes)


def _attributes(node: Node) -> dict[str, Any]:
    return dict(node.attributes)


def _window(node: Node) -> tuple[Any, Any, Any, Any]:
    """Size, strides, dilation and padding of a window, rows and columns."""
    a = _attributes(node)
    size = a["kernel"] if node.op == "conv" else a["pool"]
    top, _, left, _ = a["padding"]
    return size, a["strides"], a.get("dilation", (1, 1)), (top, left)


def _of_window(node: Node, shapes: Sequence[Shape], region: Region) -> list[Region]:
    axes = zip(region[:2], *_window(node), strict=True)
    rows, cols = (
        (first * s - p, (end - 1) * s - p + (k - 1) * d + 1) for (first, end), k, s, d, p in axes
    )
    return [(rows, cols, _channels_read(node, shapes[0], region[2]))]


def _channels_read(node: Node, shape: Shape, outputs: tuple[int, int]) -> tuple[int, int]:
    if node.op != "conv":
        return outputs
    groups = _attributes(node)["groups"]
    out, inner = node.shape[2] // groups, shape[2] // groups
    return outputs[0] // out * inner, ((outputs[1] - 1) // out + 1) * inner


def _fed_window(node: Node, shapes: Sequence[Shape], source: int, region: Region) -> Region:
    found = []
    for (first, end), k, s, d, p in zip(region[:2], *_window(node), strict=True):
        low, high = first + p - (k - 1) * d, end - 1 + p
        found.append((-(-low // s), high // s + 1))
    channels = region[2]
    if node.op == "conv":
        groups = _attributes(node)["groups"]
        out, inner = node.shape[2] // groups, shapes[0][2] // groups
        channels = channels[0] // inner * out, ((channels[1] - 1) // inner + 1) * out
    return (found[0], found[1], channels)


def _all(node: Node, shapes: Sequence[Shape], region: Region) -> list[Region]:
    return [whole(shape) for shape in shapes]


def _fed_all(node: Node, shapes: Sequence[Shape], source: int, region: Region) -> Region:
    return whole(node.shape)


def _same(node: Node, shapes: Sequence[Shape], region: Region) -> list[Region]:
    """A number for a number; an input of one position goes with all."""
    return [
        tuple((0, 1) if n == 1 else part for n, part in zip(shape, region, strict=True))
        for shape in shapes
    ]


def _fed_same(node: Node, shapes: Sequence[Shape], source: int, region: Region) -> Region:
    return tuple(
        (0, size) if n == 1 else part
        for n, size, part in zip(shapes[source], node.shape, region, strict=True)
    )


def _over_channels(node: Node, shapes: Sequence[Shape], region: Region) -> list[Region]:
    """Softmax and layer norm: a number for all channels of its position."""
    return [(*region[:-1], (0, shapes[0][-1]))]


def _fed_channels(node: Node, shapes: Sequence[Shape], source: int, region: Region) -> Region:
    return (*region[:-1], (0, node.shape[-1]))


def _activation(node: Node, shapes: Sequence[Shape], region: Region) -> list[Region]:
    softmax = _attributes(node)["kind"] == "softmax"
    return (_over_channels if softmax else _same)(node, shapes, region)


def _fed_activation(node: Node, shapes: Sequence[Shape], source: int, region: Region) -> Region:
    softmax = _attributes(node)["kind"] == "softmax"
    return (_fed_channels if softmax else _fed_same)(node, shapes, source, region)


def _reordered(region: Region, shape: Shape, target: Shape) -> Region:
    """The same numbers in row-major order under another shape."""
    if all(end - first == 1 for first, end in region):
        place = np.ravel_multi_index([first for first, _ in region], shape)
        return point([int(n) for n in np.unravel_index(place, target)])
    parts = [part for part, size in zip(region, shape, strict=True) if size > 1]
    if [n for n in shape if n > 1] != [n for n in target if n > 1]:
        return whole(target)
    return tuple((0, 1) if size == 1 else parts.pop(0) for size in target)


def _reshape(node: Node, shapes: Sequence[Shape], region: Region) -> list[Region]:
    return [_reordered(region, node.shape, shapes[0])]


def _fed_reshape(node: Node, shapes: Sequence[Shape], source: int, region: Region) -> Region:
    return _reordered(region, shapes[0], node.shape)


def _filled(region: Region) -> list[tuple[int, int]]:
    """With axes of size 1 in front, up to three."""
    return [(0, 1)] * (3 - len(region)) + list(region)


def _permute(node: Node, shapes: Sequence[Shape], region: Region) -> list[Region]:
    order, parts = _attributes(node)["order"], _filled(region)
    found = [parts[order.index(axis)] for axis in range(3)]
    return [tuple(found[3 - len(shapes[0]) :])]


def _fed_permute(node: Node, shapes: Sequence[Shape], source: int, region: Region) -> Region:
    parts = _filled(region)
    found = [parts[axis] for axis in _attributes(node)["order"]]
    return tuple(found[3 - len(node.shape) :])


def _moved(region: Region, rows: int, cols: int) -> Region:
    (top, bottom), (left, right), channels = region
    return ((top + rows, bottom + rows), (left + cols, right + cols), channels)


def _sides(node: Node) -> tuple[int, int]:
    top, _, left, _ = _attributes(node)["padding"]
    return (top, left) if node.op == "pad" else (-top, -left)


def _framed(node: Node, shapes: Sequence[Shape], region: Region) -> list[Region]:
    rows, cols = _sides(node)
    return [_moved(region, -rows, -cols)]


def _fed_framed(node: Node, shapes: Sequence[Shape], source: int, region: Region) -> Region:
    return _moved(region, *_sides(node))


def _scale(node: Node) -> tuple[int, int]:
    a = _attributes(node)
    factor = a["size"] if node.op == "upsample" else a["strides"]
    return factor[0], factor[1]


def _upsample(node: Node, shapes: Sequence[Shape], region: Region) -> list[Region]:
    axes = zip(region[:2], _scale(node), strict=True)
    rows, cols = ((first // n, (end - 1) // n + 1) for (first, end), n in axes)
    return [(rows, cols, region[2])]


def _fed_upsample(node: Node, shapes: Sequence[Shape], source: int, region: Region) -> Region:
    axes = zip(region[:2], _scale(node), strict=True)
    rows, cols = ((first * n, end * n) for (first, end), n in axes)
    return (rows, cols, region[2])


def _dilate(node: Node, shapes: Sequence[Shape], region: Region) -> list[Region]:
    axes = zip(region[:2], _scale(node), strict=True)
    rows, cols = ((-(-first // n), (end - 1) // n + 1) for (first, end), n in axes)
    return [(rows, cols, region[2])]


def _fed_dilate(node: Node, shapes: Sequence[Shape], source: int, region: Region) -> Region:
    axes = zip(region[:2], _scale(node), strict=True)
    rows, cols = ((first * n, (end - 1) * n + 1) for (first, end), n in axes)
    return (rows, cols, region[2])


#: How far an interpolation reaches from a centre, in positions.
_RADIUS = {"nearest": 0, "bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}


def _resized_from(node: Node, axis: int, place: int) -> tuple[int, int]:
    """What the positions of a resized axis read; those whose weight is 0 at most too much."""
    a, count = _attributes(node), node.shape[axis]
    start, extent, radius = a["box"][axis], a["box"][2 + axis], _RADIUS[a["interpolation"]]
    if not radius:
        nearest = (2 * place + 1) * extent // (2 * count)
        return start + nearest, start + nearest + 1
    step = extent / count
    centre, reach = (place + 0.5) * step - 0.5, radius * (max(step, 1.0) if a["antialias"] else 1.0)
    low, high = max(0, math.ceil(centre - reach)), min(extent - 1, math.floor(centre + reach))
    return start + low, start + high + 1


def _resize(node: Node, shapes: Sequence[Shape], region: Region) -> list[Region]:
    rows, cols = (
        (_resized_from(node, axis, first)[0], _resized_from(node, axis, end - 1)[1])
        for axis, (first, end) in enumerate(region[:2])
    )
    return [(rows, cols, region[2])]


def _fed_resize(node: Node, shapes: Sequence[Shape], source: int, region: Region) -> Region:
    found = []
    for axis, (first, end) in enumerate(region[:2]):
        read = [_resized_from(node, axis, place) for place in range(node.shape[axis])]
        fed = [place for place, (low, high) in enumerate(read) if low < end and high > first]
        found.append((fed[0], fed[-1] + 1) if fed else (0, 0))
    return (found[0], found[1], region[2])


def _concatenate(node: Node, shapes: Sequence[Shape], region: Region) -> list[Region]:
    (first, end), start, found = region[-1], 0, []
    for shape in shapes:
        found.append((*region[:-1], (first - start, end - start)))
        start += shape[-1]
    return found


def _fed_concatenate(node: Node, shapes: Sequence[Shape], source: int, region: Region) -> Region:
    start = sum(shape[-1] for shape in shapes[:source])
    return (*region[:-1], (region[-1][0] + start, region[-1][1] + start))


_READS: Mapping[str, Reads] = {
    "conv": _of_window,
    "max_pool": _of_window,
    "average_pool": _of_window,
    "dense": _all,
    "host": _all,
    "activation": _activation,
    "layer_norm": _over_channels,
    "flatten": _reshape,
    "reshape": _reshape,
    "permute": _permute,
    "pad": _framed,
    "crop": _framed,
    "upsample": _upsample,
    "dilate": _dilate,
    "resize": _resize,
    "random_crop": _resize,
    "concatenate": _concatenate,
}
_FEEDS: Mapping[str, Callable[[Node, Sequence[Shape], int, Region], Region]] = {
    "conv": _fed_window,
    "max_pool": _fed_window,
    "average_pool": _fed_window,
    "dense": _fed_all,
    "host": _fed_all,
    "activation": _fed_activation,
    "layer_norm": _fed_channels,
    "flatten": _fed_reshape,
    "reshape": _fed_reshape,
    "permute": _fed_permute,
    "pad": _fed_framed,
    "crop": _fed_framed,
    "upsample": _fed_upsample,
    "dilate": _fed_dilate,
    "resize": _fed_resize,
    "random_crop": _fed_resize,
    "concatenate": _fed_concatenate,
}
