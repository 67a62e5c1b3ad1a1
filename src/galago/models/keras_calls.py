"""The calls of a functional model, as Keras's files hold them: nodes of layers, by name and number.

Source: keras/src/models/functional.py.
"""

from __future__ import annotations

import graphlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from galago.layers import InputLayer
from galago.models.draft import Call, Draft, Part
from galago.models.problems import Problems

#: How a configuration marks a symbolic tensor.
TENSOR = "__keras_tensor__"
MOST_CALLS = 10_000


#: A layer's name, the number of its call and which of the call's outputs: a tensor.
History: TypeAlias = tuple[str, int, int]
#: Tensors by number or name of what they are for.
Ends: TypeAlias = Mapping[int | str, History]


class Calls:
    """The calls of a functional model, read from the nodes of its layers."""

    def __init__(self, listed: Sequence[Any], layers: Sequence[Part], problems: Problems) -> None:
        self._problems = problems
        self._by_name = {layer.name: layer for layer in layers}
        #: What each call reads; calls are pairs of a layer's name and a number.
        self._sources: dict[tuple[str, int], list[History]] = {}
        for layer, description in zip(layers, listed, strict=True):
            nodes = description.get("inbound_nodes")
            if not isinstance(nodes, list) or len(self._sources) + len(nodes) > MOST_CALLS:
                self._problems.add("no list of calls, or too many", layer.label)
                continue
            if isinstance(layer, InputLayer):
                self._sources[layer.name, 0] = []
            for number, node in enumerate(nodes):
                self._sources[layer.name, number] = self._read(layer, node)

    def ends(self, settings: Mapping[str, Any], which: str) -> Ends | None:
        """The calls that give the model's inputs or outputs, by number or name; or a problem."""
        given = settings.get(which)
        if _call_of(given) is not None:
            given = [given]
        named = given if isinstance(given, Mapping) else dict(enumerate(_list(given)))
        found = {
            key: tensor
            for key, one in named.items()
            if (tensor := self._end(_call_of(one))) is not None
        }
        if not found or len(found) < len(named):
            self._problems.add(f"{which} of {given!r}, where layers of the model are known")
            return None
        return found

    def check_read(self, outputs: Ends) -> None:
        """Note calls whose outputs nothing reads, as none are in a right file.

        Keras 3.2 forgets which call of a shared layer is meant and writes 0 for all of them.
        """
        read = {tensor[:2] for sources in self._sources.values() for tensor in sources}
        read |= {tensor[:2] for tensor in outputs.values()}
        for name, number in self._sources:
            if (name, number) not in read and not isinstance(self._by_name[name], InputLayer):
                self._problems.add(
                    f"call {number + 1} is read by nothing: Keras 3.2 loses which call of a shared "
                    "layer is meant. Write the file with a later one",
                    self._by_name[name].label,
                )

    def ordered(self) -> dict[tuple[str, int], int]:
        """The calls in an order in which they can run, each with its place; or a problem."""
        read = {tensor for sources in self._sources.values() for tensor in sources}
        if missing := {tensor for tensor in read if not self._knows(tensor)}:
            self._problems.add(f"calls that read others that there are not: {sorted(missing)[:5]}")
            return {}
        try:
            order = graphlib.TopologicalSorter(self._before()).static_order()
            return {call: place for place, call in enumerate(order)}
        except graphlib.CycleError:
            self._problems.add("calls that read each other in a circle")
            return {}

    def _before(self) -> dict[tuple[str, int], list[tuple[str, int]]]:
        """What has to be called before each call: what it reads, and its layer before it."""
        return {
            (name, number): [
                *(one[:2] for one in read),
                *([(name, number - 1)] if number else []),
            ]
            for (name, number), read in self._sources.items()
        }

    def calls(self, places: Mapping[tuple[str, int], int]) -> list[Call]:
        """The calls in the order of their places."""
        return [
            Call(
                self._by_name[call[0]],
                tuple((places[source[:2]], source[2]) for source in self._sources[call]),
            )
            for call in places
        ]

    def _end(self, tensor: History | None) -> History | None:
        """The tensor as calls name it, if there is such a one.

        Where it says what a model ends in, Keras counts the making of a functional model in it as
        the first call of that.
        """
        if tensor is None:
            return None
        name, number, place = tensor
        part = self._by_name.get(name)
        counted = (name, number - int(isinstance(part, Draft) and not part.is_row), place)
        return counted if self._knows(counted) else None

    def _knows(self, tensor: History) -> bool:
        """Whether there is such a call, and an output of it."""
        name, number, place = tensor
        if (name, number) not in self._sources:
            return False
        part = self._by_name[name]
        return place < (len(part.outputs) if isinstance(part, Draft) and part.outputs else 1)

    def _read(self, layer: Part, node: Any) -> list[History]:
        """What one call reads."""
        node = node if isinstance(node, Mapping) else {}
        given, named = node.get("args"), node.get("kwargs")
        if isinstance(named, Mapping) and not _says_nothing(named):
            self._problems.add(f"a call with {dict(named)!r}", layer.label)
        if isinstance(given, list) and len(given) == 1 and isinstance(given[0], list):
            given = given[0]
        elif isinstance(given, list) and len(given) == 1 and _is_named(given[0]):
            given = [given[0][key] for key in sorted(given[0])]
        calls = [_call_of(_history(tensor)) for tensor in given] if isinstance(given, list) else []
        found = [call for call in calls if call is not None]
        single = not layer.takes_list
        if len(found) < max(1, len(calls)) or (single and len(found) > 1):
            self._problems.add(f"a call on {_said(given)}", layer.label)
        return found


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _history(tensor: Any) -> Any:
    """Where a symbolic tensor of a configuration comes from."""
    if not isinstance(tensor, Mapping) or tensor.get("class_name") != TENSOR:
        return None
    settings = tensor.get("config")
    return settings.get("keras_history") if isinstance(settings, Mapping) else None


def _is_named(given: Any) -> bool:
    """Whether it is a dictionary of tensors, not one of them."""
    return isinstance(given, Mapping) and given.get("class_name") != TENSOR


def _call_of(history: Any) -> History | None:
    """A layer's name, which of its calls and of the call's outputs, of [name, call, output]."""
    if isinstance(history, list) and len(history) == 3:
        name, number, output = history
        if isinstance(name, str) and type(number) is int and type(output) is int and output >= 0:
            return name, number, output
    return None


def _said(given: Any) -> str:
    """What a call is on: of its tensors the names of the layers that give them."""
    named = [_history(one) for one in given] if isinstance(given, list) else []
    known = [f"the output of {call[0]!r}" if (call := _call_of(one)) else None for one in named]
    words = [word or repr(one) for word, one in zip(known, _list(given), strict=True)]
    return " and ".join(words) or repr(given)


def _says_nothing(named: Mapping[str, Any]) -> bool:
    """Whether the arguments of a call are those that a layer has anyway.

    In all versions fit(), evaluate() and predict() put their own in the place of `training`, which
    old ones note of every layer that augments.
    """
    return all(
        v is None or (name == "training" and isinstance(v, bool)) for name, v in named.items()
    )
