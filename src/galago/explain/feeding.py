"""Whom a number feeds: the layers behind it, and what of their outputs reads it."""

from __future__ import annotations

from typing import NamedTuple

from galago.explain.probe import Place, Probe, operation
from galago.explain.steps import step_of
from galago.graph import Node
from galago.windows import Region, feeds, hull, places, point


class Fed(NamedTuple):
    """A region of a layer's output; of a max pool whether a window takes the number, else None."""

    region: Region
    taken: bool | None


def fed(probed: Probe, node: int, place: Place) -> dict[str, Fed]:
    """Return which outputs of the layers behind a node read one of its numbers, by their names."""
    found: dict[str, Fed] = {}
    for reader in probed.readers(node):
        name = probed.node(reader).layer
        one = _through(probed, node, place, name)
        if name not in found and one is not None:
            found[name] = one
    return found


def _through(probed: Probe, node: int, place: Place, layer: str) -> Fed | None:
    """What of a layer's output reads a number, through all operations of one of its calls."""
    regions, taken = {node: point(place)}, None
    called = set[tuple[object, ...]]()
    for reader in range(node + 1, len(probed.graph.nodes)):
        one = probed.node(reader)
        region = _read(probed, one, regions)
        # An operation that comes again is of another call of the layer, on what this one gave.
        if one.layer != layer or region is None or operation(one) in called:
            continue
        called.add(operation(one))
        regions[reader] = region
        if one.op == "max_pool":
            taken = any(_takes(probed, reader, at, node, place) for at in places(region))
    last = max(regions)
    return None if last == node else Fed(regions[last], taken)


def _read(probed: Probe, reader: Node, regions: dict[int, Region]) -> Region | None:
    """What of a node's output reads the regions of its inputs; None if nothing does."""
    shapes = [probed.node(source).shape for source in reader.inputs]
    found = [
        feeds(reader, shapes, which, regions[source])
        for which, source in enumerate(reader.inputs)
        if source in regions
    ]
    found = [one for one in found if all(end > first for first, end in one)]
    return hull(found) if found else None


def _takes(probed: Probe, pool: int, window: Place, node: int, place: Place) -> bool:
    """Whether the window of a pool that gives one of its numbers takes a number of another node."""
    step = step_of(probed, pool, window)
    taken = step.main if step else None
    return taken is not None and probed.seen(taken.source, taken.place) == probed.seen(node, place)
