"""What a model starts from and ends in: checked, and made anew where it starts in the middle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from galago.errors import ArgumentError
from galago.layers import InputLayer, KerasTensor
from galago.models.topology import Topology, topology

_ADVICE = {
    "input": "Pass what Input(shape) returns, or what a layer returned.",
    "output": "Pass what the last layer returns when it is called.",
}


def named(given: Any, what: str, owner: str) -> dict[Any, KerasTensor]:
    """Return the tensors given as a model's inputs or outputs, by name or number.

    Raises ArgumentError for what is no symbolic tensor.
    """
    several = given if isinstance(given, (list, tuple)) else [given]
    found = dict(given) if isinstance(given, Mapping) else dict(enumerate(several))
    wrong = next((one for one in found.values() if not isinstance(one, KerasTensor)), None)
    if wrong is not None or not found:
        raise ArgumentError(
            f"{owner}: expected a symbolic tensor as {what}, received "
            f"{given if wrong is None else wrong!r}. {_ADVICE[what]}"
        )
    return found


def in_order(tensors: Mapping[Any, KerasTensor]) -> list[KerasTensor]:
    """Return tensors in the order in which Keras counts them: those with names by their names."""
    return [tensors[key] for key in sorted(tensors)]


def connected(
    starts: Sequence[KerasTensor], ends: Sequence[KerasTensor], owner: str
) -> tuple[list[KerasTensor], Topology]:
    """Return the starts of a model, and what leads from them to its ends.

    Where a start is no Input()'s, the model gets an input layer in its place, and the layers
    behind it are called again on that; they keep their weights. Raises ArgumentError where the
    ends do not depend on the starts alone.
    """
    known = topology(*ends, cuts=starts)
    _check(known, starts, owner)
    if all(isinstance(start.layer, InputLayer) for start in starts):
        return list(starts), known
    made = {start: _input_for(start) for start in starts}
    again = dict(made)
    for call in known.calls_in_order:
        if not isinstance(call.layer, InputLayer):
            layer, sources = call.layer, [again[source] for source in call.inputs]
            first = layer.accept(layer.symbolic(sources if layer.takes_list else sources[0]))
            again.update(zip(call.siblings, first.siblings, strict=True))
            again.update(made)
    return list(made.values()), topology(*(again[end] for end in ends))


def _input_for(start: KerasTensor) -> KerasTensor:
    """The start itself, or an input of its shape under Keras's name for such."""
    if isinstance(start.layer, InputLayer):
        return start
    return InputLayer(start.sizes, name=f"{start.name}CLONE").output


def _check(known: Topology, starts: Sequence[KerasTensor], owner: str) -> None:
    """Raise ArgumentError if the engine cannot run what leads to the outputs."""
    for place, start in enumerate(starts):
        if start in starts[:place]:
            raise ArgumentError(
                f"{owner}: expected different inputs, received that of {start.layer.label} twice. "
                "Leave one out."
            )
        if start not in known.starts:
            raise ArgumentError(
                f"{owner}: expected outputs that depend on all inputs, but none depends on "
                f"{start.layer.label}. Leave that input out."
            )
    other = next((tensor for tensor in known.starts if tensor not in starts), None)
    if other is not None:
        raise ArgumentError(
            f"{owner}: expected outputs that depend on "
            f"{', '.join(start.layer.label for start in starts)} alone, received one that depends "
            f"on {other.layer.label}. Add that to the model's inputs."
        )
    names = [layer.name for layer in known.layers]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ArgumentError(
            f"{owner}: expected layers with different names, received {twice!r} twice. Give one "
            f"of them another name={twice + '_2'!r}."
        )
