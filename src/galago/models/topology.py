"""The layer calls between a model's inputs and outputs, in the order in which they run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from galago.graph import GraphBuilder
from galago.layers import InputLayer, KerasTensor, Layer


@dataclass(frozen=True, slots=True)
class Topology:
    """Calls, as the first tensors they gave, and layers; both in Keras's order.

    Layers stand by their distance from an output, the farthest first; layers of one distance as
    a walk from the outputs through the inputs of every call meets them.
    """

    calls: tuple[KerasTensor, ...]
    outputs: tuple[KerasTensor, ...]
    #: Tensors at which the walk back ended, besides those of input layers.
    cuts: tuple[KerasTensor, ...]
    #: The calls as the walk back ended them, each behind all that it reads.
    calls_in_order: tuple[KerasTensor, ...]
    #: Each layer with what its calls gave, in the order in which they were made.
    calls_of: Mapping[Layer, Sequence[KerasTensor]]
    #: Nothing branches and nothing is called twice.
    is_chain: bool

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers."""
        return tuple(self.calls_of)

    @property
    def starts(self) -> list[KerasTensor]:
        """The tensors that no call gave, those of input layers, and the cuts that count."""
        inputs = [tensor for tensor in self.calls if isinstance(tensor.layer, InputLayer)]
        return [*inputs, *self.cuts]

    def lower(
        self, builder: GraphBuilder, places: Mapping[KerasTensor, int]
    ) -> dict[KerasTensor, int]:
        """Append all calls behind the places of the inputs; return the places of all tensors."""
        known = dict(places)
        for call in self.calls:
            if call not in known:
                sources = [known[source] for source in call.inputs]
                shapes = [source.sizes for source in call.inputs]
                ends = call.layer.lower_each(builder, sources, shapes)
                known.update(zip(call.siblings, ends, strict=True))
        return known


def topology(*outputs: KerasTensor, cuts: Collection[KerasTensor] = ()) -> Topology:
    """Return what leads to some tensors, from input layers or from the tensors of a cut."""
    met, finished, ends = _walk(outputs, cuts)
    depths: dict[KerasTensor, int] = {}
    of_layers: dict[Layer, int] = {}
    for tensor in reversed(finished):  # everything that reads a tensor comes before it
        depth = max(depths.get(tensor, 0), of_layers.get(tensor.layer, 0))
        depths[tensor] = of_layers[tensor.layer] = depth
        for source in tensor.inputs:
            depths[source.first] = max(depths.get(source.first, 0), depth + 1)
    numbers = {layer: number for number, layer in enumerate(met)}
    # Calls of one layer and depth as they got their depth: Keras runs them so, and their order
    # counts for moving statistics.
    ran = set(finished)
    calls = sorted(
        (tensor for tensor in depths if tensor in ran),
        key=lambda tensor: (-depths[tensor], numbers[tensor.layer]),
    )
    layers = sorted(met, key=lambda layer: (-of_layers[layer], numbers[layer]))
    is_chain = (
        len(calls) == len(layers)
        and len(set(depths.values())) == len(calls)
        and all(len(tensor.inputs) < 2 for tensor in calls)
    )
    calls_of: dict[Layer, list[KerasTensor]] = {layer: [] for layer in layers}
    for tensor in sorted(calls, key=lambda tensor: tensor.call):
        calls_of[tensor.layer].append(tensor)
    return Topology(tuple(calls), outputs, tuple(ends), tuple(finished), calls_of, is_chain)


def _walk(
    outputs: Sequence[KerasTensor], cuts: Collection[KerasTensor]
) -> tuple[list[Layer], list[KerasTensor], list[KerasTensor]]:
    """Layers as a walk from the outputs meets them, calls, each behind all that it reads, and
    the cuts that it meets.
    """
    met: dict[Layer, None] = {}
    finished: dict[KerasTensor, None] = {}
    ends: dict[KerasTensor, None] = {}

    def news(tensors: Sequence[KerasTensor]) -> Iterator[KerasTensor]:
        """Calls that are still to be met, one at a time."""
        for tensor in tensors:
            if tensor in cuts and not isinstance(tensor.layer, InputLayer):
                ends.setdefault(tensor)
            elif tensor.first not in finished:
                met.setdefault(tensor.layer)
                yield tensor.first

    for start in news(outputs):
        way = [(start, news(start.inputs))]
        while way:
            call, sources = way[-1]
            source = next(sources, None)
            if source is None:
                finished[call] = None
                way.pop()
            else:
                way.append((source, news(source.inputs)))
    return list(met), list(finished), list(ends)
