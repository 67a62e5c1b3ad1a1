"""What every peer offers, and what several need to read a graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy.typing as npt

from galago.graph import Graph, Node

Array: TypeAlias = npt.NDArray[Any]
#: From a batch of inputs to its outputs.
Predict: TypeAlias = Callable[[Array], Array]
#: Takes examples and labels and gets ready, untimed; the call that it returns trains on them once,
#: in their order, in full batches, and returns the mean loss.
Feed: TypeAlias = Callable[[Array, Array], Callable[[], float]]

LEARNING_RATE, BETA_1, BETA_2, EPSILON = 1e-3, 0.9, 0.999, 1e-7


class Peer(Protocol):
    """A framework with a model. Every call of a method starts from the initial weights."""

    @property
    def version(self) -> str:
        """Name and version, with the instruction set where the framework tells it."""

    def predictor(self, batch: int) -> Predict:
        """Return a call from (batch, ...) in NumPy to the outputs in NumPy."""

    def trainer(self, batch: int) -> Feed:
        """Return what trains with Adam on sparse categorical cross-entropy."""


def kernel_of(node: Node, kernel: Any) -> Any:
    """A convolution's kernel, an array or tensor, as (rows, columns, inputs of a group, outputs).

    Depthwise and 1x1 kernels come with other axes for the same numbers in the same order.
    """
    size: Any = dict(node.attributes)["kernel"]
    return kernel.reshape(*size, -1, node.shape[-1])


def normalization(node: Node, own: Sequence[Any]) -> tuple[Any, Any, Any, Any]:
    """gamma, beta, mean and variance of a batch_norm; None for what it does not have."""
    a = dict(node.attributes)
    *rest, mean, variance = own
    gamma = rest.pop(0) if a["scale"] else None
    return gamma, rest.pop(0) if a["center"] else None, mean, variance


def trained(graph: Graph) -> list[bool]:
    """For each parameter whether training changes it; moving means and variances are not."""
    found = [True] * len(graph.parameters)
    for node in graph.nodes:
        if node.op == "batch_norm":
            for place in node.parameters[-2:]:
                found[place] = False
    return found


def logits_of(graph: Graph) -> int:
    """Place of the node whose outputs the loss is computed from: the one before a softmax."""
    last = graph.outputs[0]
    node = graph.nodes[last]
    is_softmax = node.op == "activation" and dict(node.attributes)["kind"] == "softmax"
    return node.inputs[0] if is_softmax else last
