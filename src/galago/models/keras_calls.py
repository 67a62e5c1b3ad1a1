"""The calls of a functional model, as Keras's files hold them: nodes of layers, by name and number.

Source: keras/src/models/functional.py.
"""

from __future__ import annotations

import graphlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from galago.layers import InputLayer
from galago.models.draft import Call, Draft, Part
from galago.models.keras_objects import Problems

#: How a configuration marks a symbolic tensor.
TENSOR = "__keras_tensor__"
MOST_CALLS = 100_000


#: A layer's name and the number of its call, by number or name of what it is for.
Ends: TypeAlias = Mapping[int | str, tuple[str, int]]


class Calls:
    """The calls of a functional model, read from the nodes of its layers."""

    def __init__(self, listed: Sequence[Any], layers: Sequence[Part], problems: Problems) -> None:
        self._problems = problems
        self._by_name = {layer.name: layer for layer in layers}
        #: What each call reads; calls are pairs of a layer's name and a number.
        self._sources: dict[tuple[str, int], list[tuple[str, int]]] = {}
        for layer, description in zip(layers, listed, strict=True):
            nodes = description.get("inbound_nodes")
            if not isinstance(nodes, list) or len(self._sources) + len(nodes) > MOST_CALLS:
                self._problems.add(f"{layer.label}: no list of calls, or too many")
                continue
            if isinstance(layer, InputLayer):
                self._sources[layer.name, 0] = []
            # In the functional models of a model, Keras counts their making as their first call.
            first = int(isinstance(layer, Draft) and not layer.is_row)
            for number, node in enumerate(nodes, first):
                self._sources[layer.name, number] = self._read(layer, node)

    def ends(self, settings: Mapping[str, Any], which: str) -> Ends | None:
        """The calls that give the model's inputs or outputs, by number or name; or a problem."""
        given = settings.get(which)
        if _call_of(given) is not None:
            given = [given]
        named = given if isinstance(given, Mapping) else dict(enumerate(_list(given)))
        found = {
            key: call for key, one in named.items() if (call := _call_of(one)) in self._sources
        }
        if not found or len(found) < len(named):
            self._problems.add(f"{which} of {given!r}, where layers of the model are known")
            return None
        return {key: call for key, call in found.items() if call is not None}

    def ordered(self) -> dict[tuple[str, int], int]:
        """The calls in an order in which they can run, each with its place; or a problem."""
        missing = {s for sources in self._sources.values() for s in sources} - set(self._sources)
        if missing:
            self._problems.add(f"calls that read others that there are not: {sorted(missing)[:5]}")
            return {}
        try:
            order = graphlib.TopologicalSorter(self._sources).static_order()
            return {call: place for place, call in enumerate(order)}
        except graphlib.CycleError:
            self._problems.add("calls that read each other in a circle")
            return {}

    def calls(self, places: Mapping[tuple[str, int], int]) -> list[Call]:
        """The calls in the order of their places."""
        return [
            Call(self._by_name[call[0]], tuple(places[source] for source in self._sources[call]))
            for call in places
        ]

    def _read(self, layer: Part, node: Any) -> list[tuple[str, int]]:
        """What one call reads."""
        node = node if isinstance(node, Mapping) else {}
        given, named = node.get("args"), node.get("kwargs")
        if isinstance(named, Mapping) and not _says_nothing(named):
            self._problems.add(f"{layer.label}: a call with {dict(named)!r}")
        if isinstance(given, list) and len(given) == 1 and isinstance(given[0], list):
            given = given[0]
        calls = [_call_of(_history(tensor)) for tensor in given] if isinstance(given, list) else []
        found = [call for call in calls if call is not None]
        single = not layer.takes_list
        if len(found) < max(1, len(calls)) or (single and len(found) > 1):
            self._problems.add(f"{layer.label}: a call on {given!r}")
        return found


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _history(tensor: Any) -> Any:
    """Where a symbolic tensor of a configuration comes from."""
    if not isinstance(tensor, Mapping) or tensor.get("class_name") != TENSOR:
        return None
    settings = tensor.get("config")
    return settings.get("keras_history") if isinstance(settings, Mapping) else None


def _call_of(history: Any) -> tuple[str, int] | None:
    """A layer's name and which of its calls, of [name, call, output]; a call has one output."""
    if isinstance(history, list) and len(history) == 3:
        name, number, output = history
        if isinstance(name, str) and type(number) is int and output == 0:
            return name, number
    return None


def _says_nothing(named: Mapping[str, Any]) -> bool:
    """Whether the arguments of a call are those that a layer has anyway.

    Keras keeps training=False for dropout and noise; fit() trains them all the same.
    """
    return all(v is None or (name == "training" and v is False) for name, v in named.items())
