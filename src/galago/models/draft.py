"""A model before its layers have been called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from galago.layers import KerasTensor, Layer
from galago.layers.merging import MergingLayer
from galago.models.model import Model
from galago.models.sequential import Sequential
from galago.shapes import Shape


@dataclass(frozen=True)
class Call:
    """A layer and the places of the calls that it reads."""

    layer: Layer
    sources: tuple[int, ...] = ()

    def on(self, tensors: Sequence[KerasTensor]) -> Any:
        """What the layer is called with."""
        given = [tensors[place] for place in self.sources]
        return given if isinstance(self.layer, MergingLayer) else given[0]


@dataclass(frozen=True)
class Draft:
    """A model before its layers have been called: calls in an order in which they can run.

    `output` is the place of the last call that counts. A Sequential model may not know its input
    shape; it has no calls then.
    """

    kind: type[Model]
    name: str | None
    layers: Sequence[Layer]
    calls: Sequence[Call]
    output: int

    def shapes(self) -> dict[Layer, list[Shape]]:
        """Return the input shapes of each layer's first call. Raises ArgumentError.

        No weights are made for it, so it costs nothing to ask of a model that somebody else wrote.
        """
        found: dict[Layer, list[Shape]] = {}
        for call, tensor in zip(self.calls, self._tensors(Layer.symbolic), strict=True):
            found.setdefault(call.layer, [source.sizes for source in tensor.inputs])
        return found

    def build(self) -> Model:
        """Return the model; a layer that has taken weights keeps them."""
        if issubclass(self.kind, Sequential):
            return self.kind(self.layers, name=self.name)
        tensors = self._tensors(Layer.__call__)
        return self.kind(tensors[0], tensors[self.output], name=self.name)

    def _tensors(self, carry_out: Callable[[Layer, Any], KerasTensor]) -> list[KerasTensor]:
        """What the calls give, each of them carried out so."""
        tensors: list[KerasTensor] = []
        for call in self.calls:
            made = carry_out(call.layer, call.on(tensors)) if call.sources else call.layer.output
            tensors.append(made)
        return tensors
