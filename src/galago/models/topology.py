"""The layer calls between a model's input and its output, in the order in which they run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from galago.graph import Graph, GraphBuilder
from galago.layers import InputLayer, KerasTensor, Layer


@dataclass(frozen=True, slots=True)
class Topology:
    """Calls, as the tensors they gave, and layers; both in Keras's order.

    Layers stand by their distance from the output, the farthest first; layers of one distance as
    a walk from the output through the inputs of every call meets them.
    """

    calls: tuple[KerasTensor, ...]
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
        """The tensors that no call gave: those of input layers."""
        return [tensor for tensor in self.calls if isinstance(tensor.layer, InputLayer)]

    def lower(self, frozen: Collection[str]) -> Graph:
        """Return the graph; `frozen` names the layers that are not trained."""
        builder, places = GraphBuilder(frozen), dict[KerasTensor, int]()
        for tensor in self.calls:
            sources = [places[source] for source in tensor.inputs] or [-1]
            shapes = [source.sizes for source in tensor.inputs] or [tensor.sizes]
            places[tensor] = tensor.layer.lower_all(builder, sources, shapes)
        return builder.finish(places[self.calls[-1]])


def topology(output: KerasTensor) -> Topology:
    """Return what leads to a tensor."""
    met, finished = _walk(output)
    depths: dict[KerasTensor, int] = {}
    of_layers: dict[Layer, int] = {}
    for tensor in reversed(finished):  # everything that reads a tensor comes before it
        depth = max(depths.get(tensor, 0), of_layers.get(tensor.layer, 0))
        depths[tensor] = of_layers[tensor.layer] = depth
        for source in tensor.inputs:
            depths[source] = max(depths.get(source, 0), depth + 1)
    numbers = {layer: number for number, layer in enumerate(met)}
    calls = sorted(finished, key=lambda tensor: (-depths[tensor], numbers[tensor.layer]))
    layers = sorted(met, key=lambda layer: (-of_layers[layer], numbers[layer]))
    is_chain = (
        len(calls) == len(layers)
        and len(set(depths.values())) == len(calls)
        and all(len(tensor.inputs) < 2 for tensor in calls)
    )
    calls_of: dict[Layer, list[KerasTensor]] = {layer: [] for layer in layers}
    for tensor in sorted(calls, key=lambda tensor: tensor.call):
        calls_of[tensor.layer].append(tensor)
    return Topology(tuple(calls), calls_of, is_chain)


def _walk(output: KerasTensor) -> tuple[list[Layer], list[KerasTensor]]:
    """Layers as a walk from the output meets them, and tensors, each behind all of its inputs."""
    met: dict[Layer, None] = {output.layer: None}
    finished: dict[KerasTensor, None] = {}
    way: list[tuple[KerasTensor, Iterator[KerasTensor]]] = [(output, iter(output.inputs))]
    while way:
        tensor, sources = way[-1]
        source = next((known for known in sources if known not in finished), None)
        if source is None:
            finished[tensor] = None
            way.pop()
        else:
            met.setdefault(source.layer)
            way.append((source, iter(source.inputs)))
    return list(met), list(finished)
