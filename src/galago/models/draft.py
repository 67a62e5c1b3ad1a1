"""A model before its layers have been called."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from galago.errors import ShapeError
from galago.layers import InputLayer, KerasTensor, Layer
from galago.models.model import Model
from galago.models.sequential import Sequential
from galago.shapes import Shape

#: The input shapes of each layer's first call.
FirstCalls: TypeAlias = dict[Layer, list[Shape]]
#: The place of a call, and which of its outputs.
Source: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Call:
    """A layer, or a model, and what it reads: places of calls, and which output of each."""

    part: Part
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, eq=False)
class Draft:
    """A model before its layers have been called: calls in an order in which they can run.

    `inputs` are places of calls, `outputs` places with the number of an output of the call. A
    Sequential model may not know its input shape; it
    has no calls then. Models among the layers are drafts too.
    """

    kind: type[Model]
    name: str
    parts: Sequence[Part]
    calls: Sequence[Call]
    inputs: Sequence[int] = ()
    outputs: Sequence[Source] | Mapping[str, Source] = ()

    @property
    def label(self) -> str:
        """How messages call the model."""
        return f"{self.kind.__name__} {self.name!r}"

    @property
    def is_row(self) -> bool:
        """Whether it is a model of layers in a row."""
        return issubclass(self.kind, Sequential)

    @property
    def takes_list(self) -> bool:
        """Whether calls take a list of tensors: of models with several inputs."""
        return len(self.inputs) > 1

    @functools.cached_property
    def size(self) -> int:
        """How many calls the model makes, those of the models that it calls among them."""
        called = [call.part for call in self.calls] or self.parts
        return sum(1 + (part.size if isinstance(part, Draft) else 0) for part in called)

    def shapes(self) -> FirstCalls:
        """Return the input shapes of each layer's first call. Raises ArgumentError.

        No weights are made for it, so it costs nothing to ask of a model that somebody else wrote.
        """
        found: FirstCalls = {}
        self._infer(None, found)
        return found

    def build(self) -> Model:
        """Return the model; a layer that has taken weights keeps them."""
        made = {part: part.build() if isinstance(part, Draft) else part for part in self.parts}
        if issubclass(self.kind, Sequential):
            return self.kind([made[part] for part in self.parts], name=self.name)

        def carry_out(part: Part, sources: list[KerasTensor]) -> Sequence[KerasTensor]:
            layer = made[part]
            given = layer.symbolic(sources if layer.takes_list else sources[0])
            return layer.accept(given).siblings

        tensors = self._tensors(self.calls, carry_out)
        inputs = [tensors[place][0] for place in self.inputs]
        if isinstance(self.outputs, Mapping):
            named = {key: tensors[place][one] for key, (place, one) in self.outputs.items()}
            return self.kind(inputs, named, name=self.name)
        outputs = [tensors[place][one] for place, one in self.outputs]
        return self.kind(inputs, outputs, name=self.name)

    @property
    def _counted(self) -> list[Source]:
        """The outputs in the order in which calls of the model count them."""
        ends = self.outputs
        return [ends[key] for key in sorted(ends)] if isinstance(ends, Mapping) else list(ends)

    def _infer(self, given: list[Shape] | None, found: FirstCalls) -> list[Shape]:
        """Shapes of the outputs for those of the inputs; None stands for the model's own."""

        def carry_out(part: Part, sources: list[KerasTensor]) -> Sequence[KerasTensor]:
            shapes = [source.sizes for source in sources]
            if isinstance(part, Draft):
                return [InputLayer(shape).output for shape in part._infer(shapes, found)]
            found.setdefault(part, shapes)
            return part.symbolic(sources if part.takes_list else sources[0]).siblings

        calls, inputs, outputs = self.calls, self.inputs, self._counted
        if given and self.is_row and not calls:  # it learns its input shape from this call
            calls = row(InputLayer(given[0]), self.parts)
            inputs, outputs = [0], [(len(calls) - 1, 0)]
        tensors = self._tensors(calls, carry_out)
        wanted = [tensors[place][0].sizes for place in inputs]
        if given is not None and given != wanted:
            raise ShapeError(f"{self.label} takes {wanted}, but is called with {given}.")
        return [tensors[place][one].sizes for place, one in outputs]

    @staticmethod
    def _tensors(
        calls: Sequence[Call],
        carry_out: Callable[[Part, list[KerasTensor]], Sequence[KerasTensor]],
    ) -> list[Sequence[KerasTensor]]:
        """What the calls give, each of them carried out so."""
        tensors: list[Sequence[KerasTensor]] = []
        for call in calls:
            sources = [tensors[place][one] for place, one in call.sources]
            if isinstance(call.part, InputLayer) and not sources:
                tensors.append([call.part.output])
            else:
                tensors.append(carry_out(call.part, sources))
        return tensors


#: What a model may be made of.
Part: TypeAlias = Layer | Draft


def row(start: InputLayer, parts: Sequence[Part]) -> list[Call]:
    """Return the calls of layers in a row."""
    return [Call(start), *(Call(part, ((place, 0),)) for place, part in enumerate(parts))]
