"""The layer calls between a model's inputs and outputs, in the order in which they run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from galago.graph import GraphBuilder
from galago.layers import InputLayer, KerasTensor, Layer


@dataclass(frozen=True, slots=True)
class Topology:
    """Calls, as the tensors they gave, and layers; both in Keras's order.

    Layers stand by their distance from an output, the farthest first; layers of one distance as
    a walk from the outputs through the inputs of every call meets them.
    """

    calls: tuple[KerasTensor, ...]
    outputs: tuple[KerasTensor, ...]
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

    def lower(self, builder: GraphBuilder, places: Mapping[KerasTensor, int]) -> list[int]:
        """Append all calls behind the places of the inputs; return the places of the outputs."""
        known = dict(places)
        for tensor in self.calls:
            if tensor not in known:
                sources = [known[source] for source in tensor.inputs]
                shapes = [source.sizes for source in tensor.inputs]
                known[tensor] = tensor.layer.lower_all(builder, sources, shapes)
        return [known[output] for output in self.outputs]


def topology(*outputs: KerasTensor) -> Topology:
    """Return what leads to some tensors."""
    met, finished = _walk(outputs)
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
        len(outputs) == 1
        and len(calls) == len(layers)
        and len(set(depths.values())) == len(calls)
        and all(len(tensor.inputs) < 2 for tensor in calls)
    )
    calls_of: dict[Layer, list[KerasTensor]] = {layer: [] for layer in layers}
    for tensor in sorted(calls, key=lambda tensor: tensor.call):
        calls_of[tensor.layer].append(tensor)
    return Topology(tuple(calls), outputs, calls_of, is_chain)


def _walk(outputs: Sequence[KerasTensor]) -> tuple[list[Layer], list[KerasTensor]]:
    """Layers as a walk from the outputs meets them, and tensors, each behind all of its inputs."""
    met: dict[Layer, None] = {}
    finished: dict[KerasTensor, None] = {}
    for output in outputs:
        if output in finished:
            continue
        met.setdefault(output.layer)
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
