"""Layers with code of their own, as a session asks them in the middle of a step."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from galago.engine import Array, Host

if TYPE_CHECKING:
    from galago.training.binding import Binding


def host_of(binding: Binding) -> Host:
    """Return what a binding's session calls for the nodes of such layers.

    It does not keep the binding alive, which keeps the session, which keeps this.
    """
    found = weakref.ref(binding)

    def host(
        place: int,
        training: bool,
        inputs: list[Array],
        parameters: list[Array],
        gradient: Array | None,
    ) -> list[Array | None]:
        at_work = found()
        assert at_work is not None
        graph, layer = at_work.graph, at_work.hosted[place]
        node = graph.nodes[place]
        for parameter, value in zip(node.parameters, parameters, strict=True):
            at_work.show(parameter, value.reshape(graph.parameters[parameter].shape))
        arrays = [
            array.reshape(len(array), *graph.nodes[source].shape)
            for array, source in zip(inputs, node.inputs, strict=True)
        ]
        if gradient is None:
            return [layer.forward(arrays, training)]
        return layer.backward(arrays, gradient.reshape(len(gradient), *node.shape), training)

    return host
